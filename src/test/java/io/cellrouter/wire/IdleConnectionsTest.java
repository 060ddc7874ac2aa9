package io.cellrouter.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cellrouter.demo.DemoCell;
import io.cellrouter.support.Edge;
import io.cellrouter.support.Eventually;
import io.cellrouter.support.RouterProcess;
import io.cellrouter.support.Wire;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Ten thousand connections that do nothing, and one that works. The router has a process, and so
 * its file descriptors, to itself.
 */
@Tag("system")
class IdleConnectionsTest {
  private static final int IDLE = 10_000;

  private final Deque<Wire> idle = new ArrayDeque<>();
  private DemoCell cell;

  @BeforeEach
  void start() throws IOException {
    cell = DemoCell.recording("1");
  }

  @AfterEach
  void stop() throws IOException {
    for (Wire wire : idle) {
      wire.close();
    }
    cell.close();
  }

  private RouterProcess router(String... options) throws IOException {
    return RouterProcess.start(Map.of("NGINX_1_URL", cell.url()), options);
  }

  private static void assertServes(Wire wire) throws IOException {
    Wire.Answer answer = wire.send(Edge.route("{\"cellID\":\"1\"}")).answer();
    assertEquals(200, answer.status());
    assertEquals("1", answer.header("X-Cell"));
  }

  @Test
  void doNotKeepRequestsFromFlowing() throws IOException {
    try (RouterProcess router = router("-Xmx1g");
        Wire working = Wire.connect(router.port())) {
      List<Wire> used = new ArrayList<>();
      for (int i = 0; i < IDLE; i++) {
        Wire wire = fresh(router);
        if (i % 2 == 0) {
          // Half of them have been used: the server keeps those in another set.
          used.add(wire.send("GET /nowhere HTTP/1.1\nHost: test\n\n"));
        }
        if (i % 100 == 0) {
          assertServes(working);
          assertServes(fresh(router));
        }
      }
      for (int i = 0; i < 200; i++) {
        assertServes(working);
      }
      assertEquals(200, router.management().get("/live").statusCode());
      // None of the idle ones was given up for the others.
      for (Wire wire : used) {
        assertEquals(404, wire.answer().status());
      }
      assertTrue(idle.getFirst().survives() && idle.getLast().survives());
    }
  }

  private Wire fresh(RouterProcess router) throws IOException {
    Wire wire = Wire.connect(router.port());
    idle.add(wire);
    return wire;
  }

  /** The surplus is accepted and closed at once; management has a count of its own. */
  @Test
  void areNoMoreThanTheLimit() throws IOException {
    try (RouterProcess router = router("-Djdk.httpserver.maxConnections=100")) {
      Wire working = fresh(router);
      assertServes(working);
      while (idle.size() < 100) {
        fresh(router);
      }
      // Accepted in order: when the last is known to the server, all are.
      assertTrue(idle.getLast().survives());

      for (int i = 0; i < 50; i++) {
        try (Wire surplus = Wire.connect(router.port())) {
          assertTrue(surplus.closed(), "the router took one more than its limit");
        }
      }
      assertServes(working);
      assertEquals(200, router.management().get("/live").statusCode());

      for (int i = 0; i < 10; i++) {
        idle.removeLast().close();
      }
      Eventually.isTrue(() -> served(router));
    }
  }

  private static boolean served(RouterProcess router) {
    try (Wire wire = Wire.connect(router.port())) {
      return wire.survives();
    } catch (IOException e) {
      return false;
    }
  }
}
