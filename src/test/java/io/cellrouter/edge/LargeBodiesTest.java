package io.cellrouter.edge;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cellrouter.demo.DemoCell;
import io.cellrouter.support.Eventually;
import io.cellrouter.support.RouterProcess;
import io.cellrouter.support.Wire;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Many large bodies at once, in a process with a heap that they could fill. */
@Tag("system")
class LargeBodiesTest {
  private static final int LENGTH = 1_000_000;

  @Test
  void areRefusedBeforeTheyFillTheHeapWhileSmallOnesAreServed() throws Exception {
    List<Wire> uploads = new ArrayList<>();
    try (DemoCell cell = DemoCell.recording("1");
        RouterProcess router = RouterProcess.start(Map.of("NGINX_1_URL", cell.url()), "-Xmx48m")) {
      // An eighth of the heap, half of it for what is being read, holds three of them; eighty would
      // fill it twice. Three that have nearly come:
      String most = " ".repeat(LENGTH - 100);
      for (int i = 0; i < 3; i++) {
        uploads.add(announce(router).sendExactly(most));
      }
      Eventually.isTrue(
          () ->
              router
                  .management()
                  .get("/metrics")
                  .body()
                  .lines()
                  .anyMatch(line -> line.equals("router_request_bytes " + 3.0 * LENGTH)));
      for (int i = 0; i < 77; i++) {
        uploads.add(announce(router));
      }
      int refused = 0;
      for (Wire upload : uploads.subList(3, 80)) {
        Wire.Answer answer = upload.answer();
        assertEquals(503, answer.status());
        assertTrue(answer.body().contains("router_overloaded"), answer.body());
        refused++;
      }
      assertEquals(77, refused);
      assertEquals(200, router.http().route("{\"cellID\":\"1\"}").statusCode());
      // One that was let in is served when the rest of it comes.
      uploads.getFirst().sendExactly(" ".repeat(86) + "{\"cellID\":\"1\"}");
      assertEquals(200, uploads.getFirst().answer().status());
    } finally {
      for (Wire upload : uploads) {
        upload.close();
      }
    }
  }

  private static Wire announce(RouterProcess router) throws IOException {
    return Wire.connect(router.port())
        .send(
            """
            POST /api/route HTTP/1.1
            Host: test
            Content-Type: application/json
            Content-Length: %d

            """
                .formatted(LENGTH));
  }
}
