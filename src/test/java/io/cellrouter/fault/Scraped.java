package io.cellrouter.fault;

import io.cellrouter.support.RouterProcess;

/** One number of a router's metrics page. */
final class Scraped {
  private Scraped() {}

  /**
   * @param series its name, and its labels as they stand on the page
   */
  static double of(RouterProcess router, String series) {
    String page = router.management().get("/metrics").body().replace(",}", "}");
    return page.lines()
        .filter(line -> line.startsWith(series + " "))
        .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
        .findFirst()
        .orElseThrow(() -> new AssertionError("no " + series + " in:\n" + page));
  }
}
