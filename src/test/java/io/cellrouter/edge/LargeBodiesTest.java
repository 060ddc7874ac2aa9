package io.cellrouter.edge;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cellrouter.demo.DemoCell;
import io.cellrouter.support.RouterProcess;
import io.cellrouter.support.Wire;
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
      // An eighth of the heap holds five or six of them; eighty would fill it twice.
      String most = " ".repeat(LENGTH - 100);
      for (int i = 0; i < 80; i++) {
        Wire upload = Wire.connect(router.port());
        uploads.add(upload);
        upload.send(
            """
            POST /api/route HTTP/1.1
            Host: test
            Content-Type: application/json
            Content-Length: %d

            """
                .formatted(LENGTH));
      }
      int refused = 0;
      for (Wire upload : uploads.subList(20, 80)) {
        Wire.Answer answer = upload.answer();
        assertEquals(503, answer.status());
        assertTrue(answer.body().contains("router_overloaded"), answer.body());
        refused++;
      }
      assertEquals(60, refused);
      assertEquals(200, router.http().route("{\"cellID\":\"1\"}").statusCode());
      // One that was let in is served when the rest of it comes.
      uploads.getFirst().sendExactly("{\"cellID\":\"1\"}" + most + " ".repeat(86));
      assertEquals(200, uploads.getFirst().answer().status());
    } finally {
      for (Wire upload : uploads) {
        upload.close();
      }
    }
  }
}
