package io.cellrouter.fault;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cellrouter.demo.DemoCell;
import io.cellrouter.support.Eventually;
import io.cellrouter.support.RouterProcess;
import io.cellrouter.support.Wire;
import java.io.IOException;
import java.net.SocketException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * More of large bodies than the heap could hold, from a cell, for clients and from clients. The
 * router lives, and a cell that has nothing to do with it has not one error meanwhile.
 *
 * <p>The heap is that of a container of 128 MB (jlink/jvm.options).
 */
@Tag("fault")
class LargeBodiesTest {
  private static final int HEALTHY_RATE = 50;
  private static final String LARGE = "3";

  private static final String ONE_REQUEST =
      """
      POST /api/route HTTP/1.1
      Host: test
      Content-Type: application/json
      Content-Length: 14

      {"cellID":"3"}""";

  /** More than a socket's buffers on loopback take in for a client that does not read. */
  private static final int KERNEL_MEGABYTES = 8;

  private DemoCell healthy;
  private LargeCell large;
  private RouterProcess router;

  @BeforeEach
  void start() throws Exception {
    healthy = DemoCell.recording("1");
    large = new LargeCell();
    Map<String, String> settings = new HashMap<>(Trial.SETTINGS);
    settings.put("NGINX_1_URL", healthy.url());
    settings.put("NGINX_3_URL", large.url());
    // The worst case: what stalls is taken on as long as there is room.
    settings.put("NGINX_3_BREAKER", "false");
    router =
        RouterProcess.start(
            settings,
            "-XX:+UseSerialGC",
            "-Xmx48m",
            "-XX:+ExitOnOutOfMemoryError",
            "-Dsun.net.httpserver.maxReqTime=6",
            "-Dsun.net.httpserver.maxRspTime=6");
    Eventually.isTrue(() -> router.management().get("/ready").statusCode() == 200);
    router.http().route("{\"cellID\":\"1\"}"); // Warms up.
  }

  @AfterEach
  void stop() throws IOException {
    router.close();
    large.close();
    healthy.close();
  }

  /** A hundred and more at once: twice the heap. */
  @Test
  void answersThatStallBeforeTheirLastByteEndNothing() throws Exception {
    large.stall(true);
    try (Load load = Load.start(router.port(), Map.of("1", HEALTHY_RATE, LARGE, 60))) {
      watch(5, "router_answer_bytes");
      load.stop();
      assertOthersAreWell(load);
      Set<String> seen =
          load.shots().stream()
              .filter(shot -> shot.cell().equals(LARGE))
              .map(Shot::outcome)
              .collect(Collectors.toCollection(TreeSet::new));
      assertEquals(Set.of("502 cell_response_no_room", "504 deadline_exceeded"), seen);
    }
    large.stall(false);
    assertAllIsGivenBack();
  }

  @Test
  void answersThatNobodyReadsEndNothing() throws Exception {
    List<Wire> clients = new ArrayList<>();
    Set<Integer> seen = new TreeSet<>();
    try (Load load = Load.start(router.port(), Map.of("1", HEALTHY_RATE))) {
      for (int i = 0; i < 150; i++) {
        Wire client = Wire.connect(router.port(), 4_096);
        clients.add(client);
        client.send(ONE_REQUEST.repeat(KERNEL_MEGABYTES));
        TimeUnit.MILLISECONDS.sleep(10);
      }
      watch(2, "router_answer_bytes");
      assertAllIsGivenBack(); // Once maxRspTime has cut those who do not read.
      load.stop();
      assertOthersAreWell(load);
      for (Wire client : clients) {
        seen.add(Integer.parseInt(client.head().substring(9, 12)));
      }
    } finally {
      for (Wire client : clients) {
        client.close();
      }
    }
    assertEquals(Set.of(200, 502), seen, "some were taken in, and not all");
  }

  /** Twice the heap, if all were taken in: 100 MB. */
  @Test
  void bodiesThatStallEndNothing() throws Exception {
    List<Wire> clients = new ArrayList<>();
    try (Load load = Load.start(router.port(), Map.of("1", HEALTHY_RATE))) {
      for (int i = 0; i < 400; i++) {
        Wire client = Wire.connect(router.port());
        clients.add(client);
        send(client, i % 2 == 0 ? 16_384 : 500_000);
      }
      watch(2, "router_request_bytes");
      assertEquals(200, router.http().get("/health").statusCode());
      assertAllIsGivenBack(); // Once maxReqTime has cut them.
      load.stop();
      assertOthersAreWell(load);
    } finally {
      for (Wire client : clients) {
        client.close();
      }
    }
    assertTrue(
        metric("router_refused_total{cell_id=\"\",reason=\"router_overloaded\",}") > 0,
        "not all were taken in");
  }

  /** All but the last byte of a body. */
  private static void send(Wire client, int length) throws IOException {
    try {
      client
          .send(
              """
              POST /api/route HTTP/1.1
              Host: test
              Content-Type: application/json
              Content-Length: %d

              """
                  .formatted(length))
          .sendExactly("x".repeat(length - 1));
    } catch (SocketException e) {
      // Refused meanwhile.
    }
  }

  /** The gauge is above 0 and never above its limit. */
  private void watch(int seconds, String gauge) throws InterruptedException {
    double limit = metric(gauge + "_limit");
    double most = 0;
    for (int i = 0; i < seconds * 10; i++) {
      double now = metric(gauge);
      assertTrue(now <= limit, () -> gauge + " is " + now + " of " + limit);
      most = Math.max(most, now);
      TimeUnit.MILLISECONDS.sleep(100);
    }
    assertTrue(most > limit / 4, "it never came near its limit: " + most + " of " + limit);
  }

  private static void assertOthersAreWell(Load load) {
    List<Shot> others = load.shots().stream().filter(shot -> shot.cell().equals("1")).toList();
    assertTrue(others.size() > HEALTHY_RATE, () -> "only " + others.size());
    assertEquals(Map.of(), Course.failures(others));
  }

  private void assertAllIsGivenBack() throws IOException {
    for (String gauge : List.of("router_answer_bytes", "router_request_bytes", "router_inflight")) {
      Eventually.isTrue(() -> metric(gauge) == 0);
    }
    assertEquals(200, router.http().route("{\"cellID\":\"3\"}").statusCode());
    assertEquals(
        List.of(),
        router.lines().stream().filter(line -> line.contains("OutOfMemoryError")).toList());
  }

  private double metric(String name) {
    return router
        .management()
        .get("/metrics")
        .body()
        .lines()
        .filter(line -> line.startsWith(name + " "))
        .mapToDouble(line -> Double.parseDouble(line.substring(name.length() + 1)))
        .findFirst()
        .orElseThrow(() -> new AssertionError("no " + name));
  }
}
