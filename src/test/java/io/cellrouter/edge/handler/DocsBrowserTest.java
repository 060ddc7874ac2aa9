package io.cellrouter.edge.handler;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cellrouter.support.Browser;
import io.cellrouter.support.TestRouter;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The pages as a real browser shows them. Pictures are left in {@code target/screenshots}. */
@Tag("browser")
class DocsBrowserTest {
  private static final Path PICTURES = Path.of("target", "screenshots");
  private static final String ROUTE = "#operations-routing-route";

  /** Described: eight of the public listener, four more of the management's. */
  private static final int OPERATIONS = 12;

  private static TestRouter router;
  private static Browser browser;
  private static String root;

  @BeforeAll
  static void start() throws Exception {
    router = TestRouter.start();
    browser = Browser.open();
    // Not localhost, with which pages deal differently: Swagger UI spares it its validator badge.
    root = "http://" + Browser.HOST + ":" + router.port();
    Files.createDirectories(PICTURES);
  }

  @AfterAll
  static void stop() throws Exception {
    if (browser != null) {
      browser.close();
    }
    router.close();
  }

  @Test
  void triesOutARealRequest() throws Exception {
    int before = router.cell("1").received().size();
    browser.go(root + "/docs");
    browser.click(ROUTE + " .opblock-summary-control");
    browser.click(ROUTE + " .try-out__btn");
    browser.until("document.querySelector('" + ROUTE + " textarea.body-param__text')");
    assertEquals(
        "{\n  \"cellID\": \"1\"\n}",
        browser.evaluate(
            "document.querySelector('" + ROUTE + " textarea.body-param__text').value"));
    browser.click(ROUTE + " .execute");

    browser.until("document.querySelector('" + ROUTE + " .live-responses-table .response')");
    String answer =
        (String)
            browser.evaluate(
                "document.querySelector('" + ROUTE + " .live-responses-table').innerText");
    assertTrue(answer.contains("200"), answer);
    assertTrue(answer.contains("\"upstream\": \"nginx-1\""), answer);
    assertTrue(answer.contains("Hello from cell 1"), answer);
    assertTrue(answer.contains("x-cell: 1"), answer);
    assertEquals(before + 1, router.cell("1").received().size());
    browser.evaluate(
        "document.querySelector('" + ROUTE + " .opblock-section-request-body').scrollIntoView()");
    Files.write(PICTURES.resolve("swagger-ui.png"), browser.screenshot());
    staysAtHomeWithoutComplaint();
  }

  @Test
  void showsEveryOperationInSwaggerUi() {
    browser.go(root + "/docs");
    browser.until("document.querySelectorAll('.opblock').length == " + OPERATIONS);
    for (int i = 0; i < OPERATIONS; i++) {
      browser.evaluate("document.querySelectorAll('.opblock-summary-control')[" + i + "].click()");
    }
    browser.until(
        "document.querySelectorAll('.opblock .responses-wrapper').length == " + OPERATIONS);
    assertTrue(browser.text().contains("The front door of a system"), browser.text());
    staysAtHomeWithoutComplaint();
  }

  @Test
  void showsEveryOperationInRedoc() throws Exception {
    browser.go(root + "/redoc");
    for (String path :
        List.of("/", "/api/route", "/health", "/ready", "/metrics", "/cells", "/docs", "/redoc")) {
      browser.until("document.body?.innerText.includes(" + Browser.quoted("\n" + path) + ")");
    }
    browser.until("document.querySelector('#tag\\\\/routing\\\\/operation\\\\/route')");
    browser.until(
        "document.querySelectorAll('[id^=\"tag/\"][id*=\"operation/\"]').length >= " + OPERATIONS);
    Files.write(PICTURES.resolve("redoc.png"), browser.screenshot());
    staysAtHomeWithoutComplaint();
  }

  private static void staysAtHomeWithoutComplaint() {
    assertEquals(List.of(), browser.complaints());
    List<String> elsewhere =
        browser.requests().stream()
            .filter(url -> !url.startsWith("data:") && !url.startsWith("blob:" + root + "/"))
            .filter(url -> !url.equals("about:blank"))
            .filter(url -> !Browser.HOST.equals(URI.create(url).getHost()))
            .toList();
    assertEquals(List.of(), elsewhere);
    assertTrue(browser.requests().contains(root + "/openapi.json"), "the recording works");
  }
}
