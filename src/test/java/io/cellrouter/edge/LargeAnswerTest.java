package io.cellrouter.edge;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.cellrouter.support.RouterProcess;
import io.cellrouter.support.Wire;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What a connection keeps after a large answer, in a process with a heap to be filled. */
@Tag("system")
class LargeAnswerTest {
  private static final int CONNECTIONS = 60;

  @Test
  void doesNotStayWithItsConnection() throws Exception {
    List<Wire> idle = new ArrayList<>();
    try (RouterProcess router =
        RouterProcess.start(Map.of("NGINX_1_URL", "http://127.0.0.1:1"), "-Xmx48m")) {
      // Written whole, each answer of 1.7 MB would leave a buffer of 3.4 MB: 200 MB in all.
      for (int i = 0; i < CONNECTIONS; i++) {
        Wire wire = Wire.connect(router.port());
        idle.add(wire);
        wire.send(
            """
            GET /docs/swagger-ui-bundle.js HTTP/1.1
            Host: test

            """);
        assertEquals(200, wire.answer().status(), "connection " + i);
      }
      assertEquals(200, router.http().get("/health").statusCode());
    } finally {
      for (Wire wire : idle) {
        wire.close();
      }
    }
  }
}
