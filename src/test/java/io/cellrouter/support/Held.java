package io.cellrouter.support;

import io.cellrouter.demo.Faults;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * Requests that stay in flight to a cell which takes them and falls silent, each on a connection of
 * its own, for tests of limits. The cell answers again once they are closed.
 */
public final class Held implements AutoCloseable {
  private final TestRouter router;
  private final String cellId;
  private final List<Wire> wires = new ArrayList<>();

  private Held(TestRouter router, String cellId) {
    this.router = router;
    this.cellId = cellId;
  }

  /**
   * Returns when the cell has them all.
   *
   * @param headers a text block of header lines for each, or empty
   */
  public static Held requests(TestRouter router, String cellId, int count, String headers)
      throws IOException {
    Held held = new Held(router, cellId);
    router.cell(cellId).faults(Faults.NONE.with("stall", "headers"));
    held.more(count, headers);
    return held;
  }

  /** Further ones. */
  public void more(int count, String headers) throws IOException {
    int before = router.cell(cellId).received().size();
    String body = "{\"cellID\":\"" + cellId + "\"}";
    for (int i = 0; i < count; i++) {
      Wire wire = Wire.connect(router.port());
      wires.add(wire);
      wire.send(
          "POST /api/route HTTP/1.1\nHost: held\nContent-Type: application/json\n%sContent-Length: %d\n\n%s"
              .formatted(headers, body.length(), body));
    }
    Eventually.isTrue(() -> router.cell(cellId).received().size() == before + count);
  }

  /** Lets the cell answer again and breaks what it holds, so that the places become free. */
  @Override
  public void close() {
    router.cell(cellId).faults(Faults.NONE);
    router.cell(cellId).cut();
    for (Wire wire : wires) {
      try (wire) {
        wire.answer();
      } catch (IOException e) {
        // Its answer, a 502, did not come: the router has been closed.
      }
    }
  }
}
