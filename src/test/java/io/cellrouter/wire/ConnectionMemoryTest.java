package io.cellrouter.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cellrouter.demo.DemoCell;
import io.cellrouter.support.Edge;
import io.cellrouter.support.Eventually;
import io.cellrouter.support.RouterProcess;
import io.cellrouter.support.Wire;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** More connections than the heap of the smallest pod can hold, with the options of its JVM. */
@Tag("system")
class ConnectionMemoryTest {
  /** Would hold three times the heap. */
  private static final int MANY = 6_000;

  private static final String LENGTH =
      "Content-Type: application/json\r\nContent-Length: 16384\r\n\r\n";

  private final List<Wire> wires = new ArrayList<>();
  private DemoCell cell;
  private RouterProcess router;

  @BeforeEach
  void start() throws IOException {
    cell = DemoCell.recording("1");
    router =
        RouterProcess.start(
            Map.of("NGINX_1_URL", cell.url()),
            "-XX:+UseSerialGC",
            "-Xmx48m",
            "-XX:+ExitOnOutOfMemoryError");
  }

  @AfterEach
  void stop() throws IOException {
    for (Wire wire : wires) {
      wire.close();
    }
    router.close();
    cell.close();
  }

  /** Each has spoken once and is kept open; the longest page there is, for the largest buffers. */
  @Test
  void isBoundedWhenEachHasSpokenAndStays() throws Exception {
    Wire working = Wire.connect(router.port());
    wires.add(working);
    assertServes(working);
    int served = 1;
    for (int i = 1; i < MANY; i++) {
      if (speaks(router.port(), "GET /openapi.json HTTP/1.1\nHost: test\n\n")) {
        served++;
      }
    }

    assertEquals(limit(), served, "those within the limit are served, and no more");
    assertServes(working);
    assertEquals(200, router.management().get("/live").statusCode());
    assertEquals(0, RouterProcess.runCommand(healthcheck(), management()).exitCode());
  }

  /** Management has as many of its own, which must not add up. */
  @Test
  void isBoundedOnTheManagementPortToo() throws Exception {
    int more = 2 * limit();
    for (int i = 0; i < more; i++) {
      assertTrue(speaks(router.managementPort(), "GET /metrics HTTP/1.1\nHost: test\n\n"));
    }

    assertEquals(200, router.management().get("/live").statusCode());
    try (Wire wire = Wire.connect(router.port())) {
      assertServes(wire);
    }
  }

  /**
   * Stopped within headers or body at their largest; the limit of connections alone would not do.
   */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void isBoundedWhenEachStopsWithinItsRequest(boolean inBody) throws Exception {
    String beginning =
        inBody ? headers(90, "b".repeat(70)) + LENGTH + " ".repeat(16_000) : headers(880, "");
    int most = limit() - 20;
    for (int i = 0; i < most; i++) {
      Wire wire = Wire.connect(router.port());
      wires.add(wire);
      wire.sendExactly(beginning);
      if (i % 50 == 0) {
        try (Wire other = Wire.connect(router.port())) {
          assertServes(other);
        }
      }
    }

    assertEquals(200, router.management().get("/live").statusCode());
    Eventually.isTrue(() -> metric("router_requests_cut_total") > most / 2);
  }

  private static String headers(int names, String value) {
    StringBuilder headers = new StringBuilder("POST /api/route HTTP/1.1\r\nHost: test\r\n");
    for (int i = 0; i < names; i++) {
      headers.append("%03x:".formatted(i)).append(value).append("\r\n");
    }
    return headers.toString();
  }

  private static void assertServes(Wire wire) throws IOException {
    assertEquals(200, wire.send(Edge.route("{\"cellID\":\"1\"}")).answer().status());
  }

  /** Asks on a connection of its own and leaves it open. */
  private boolean speaks(int port, String request) throws IOException {
    Wire wire = Wire.connect(port);
    wires.add(wire);
    try {
      return wire.send(request).answer().status() == 200;
    } catch (IOException e) {
      return false; // Reset: closed before it was read.
    }
  }

  private int limit() {
    return (int) metric("router_connections_limit");
  }

  private double metric(String name) {
    return router
        .management()
        .get("/metrics")
        .body()
        .lines()
        .filter(line -> line.startsWith(name + " "))
        .mapToDouble(line -> Double.parseDouble(line.substring(line.indexOf(' ') + 1)))
        .findFirst()
        .orElseThrow();
  }

  private static List<String> healthcheck() {
    return List.of(
        System.getProperty("java.home") + "/bin/java",
        "-cp",
        System.getProperty("java.class.path"),
        "io.cellrouter.Main",
        "healthcheck");
  }

  private Map<String, String> management() {
    return Map.of("MANAGEMENT_PORT", Integer.toString(router.managementPort()));
  }
}
