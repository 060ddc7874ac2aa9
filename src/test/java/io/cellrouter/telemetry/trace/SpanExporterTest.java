package io.cellrouter.telemetry.trace;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cellrouter.config.LogLevel;
import io.cellrouter.config.RouterConfig;
import io.cellrouter.support.Eventually;
import io.cellrouter.telemetry.BuildInfo;
import io.cellrouter.telemetry.Log;
import io.cellrouter.telemetry.LogWriter;
import java.io.ByteArrayOutputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Semaphore;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class SpanExporterTest {
  private static final RouterConfig.Tracing CONFIG =
      new RouterConfig.Tracing(Optional.empty(), "cell-router", Map.of(), 1);
  private static final Transport.Result TAKEN = new Transport.Result.Taken(0);
  private static final Transport.Result AWAY =
      new Transport.Result.Unavailable("away", Duration.ZERO);

  /** Everything at once, so that no test waits. */
  private static final SpanExporter.Timing QUICK =
      new SpanExporter.Timing(
          Duration.ofMillis(5),
          Duration.ofMillis(1),
          Duration.ofMillis(4),
          Duration.ofSeconds(5),
          Duration.ofSeconds(2));

  private final ByteArrayOutputStream logged = new ByteArrayOutputStream();
  private final LogWriter writer = new LogWriter(logged);
  private final FakeTransport transport = new FakeTransport();

  @AfterEach
  void stop() {
    writer.close();
  }

  /** Notes the names of the spans of each batch. */
  private static final class FakeTransport implements Transport {
    private static final Pattern NAME = Pattern.compile("\"name\":\"(span-\\d+)\"");
    final List<List<String>> batches = new CopyOnWriteArrayList<>();
    final Semaphore attempts = new Semaphore(0);
    volatile Result result = TAKEN;
    volatile boolean hanging;

    @Override
    public Result send(byte[] batch, Duration atMost) throws InterruptedException {
      attempts.release();
      if (hanging) {
        new Semaphore(0).acquire();
      }
      List<String> names = new ArrayList<>();
      Matcher matcher = NAME.matcher(new String(batch, StandardCharsets.UTF_8));
      while (matcher.find()) {
        names.add(matcher.group(1));
      }
      batches.add(names);
      return result;
    }

    @Override
    public void close() {}

    List<String> last() {
      return batches.getLast();
    }
  }

  private SpanExporter exporter(SpanExporter.Timing timing) {
    return exporter(timing, () -> transport);
  }

  private SpanExporter exporter(SpanExporter.Timing timing, Supplier<Transport> transports) {
    return new SpanExporter(
        transports,
        new OtlpJson(CONFIG, new BuildInfo("1")),
        timing,
        () -> {},
        new Log(LogLevel.INFO, Clock.systemUTC(), writer));
  }

  private String log() {
    writer.close();
    return logged.toString(StandardCharsets.UTF_8);
  }

  private static Span span(int number) {
    return new Span(
        "4bf92f3577b34da6a3ce929d0e0e4736",
        "00f067aa0ba902b7",
        "",
        Span.Kind.SERVER,
        "span-" + number,
        1,
        2,
        List.of(),
        false);
  }

  private static void take(SpanExporter exporter, int from, int to) {
    for (int i = from; i < to; i++) {
      exporter.take(span(i));
    }
  }

  @Test
  void sendsAFullBatchWithoutWaitingForTheTimeToPass() {
    try (SpanExporter exporter = exporter(SpanExporter.Timing.DEFAULT)) {
      long begin = System.nanoTime();
      take(exporter, 0, SpanExporter.BATCH);

      Eventually.isTrue(() -> exporter.sent() == SpanExporter.BATCH);
      assertTrue(
          System.nanoTime() - begin < SpanExporter.Timing.DEFAULT.gather().toNanos(),
          "only after the time had passed");
    }
  }

  @Test
  void sendsAFewSpansOnceTheTimeHasPassed() {
    try (SpanExporter exporter = exporter(QUICK)) {
      take(exporter, 0, 3);

      Eventually.isTrue(() -> exporter.sent() == 3);
      assertEquals(0, exporter.waiting());
    }
  }

  @Test
  void keepsTheNewestAndNoMoreThanFitWhileTheCollectorIsAway() {
    transport.result = AWAY;
    int all = 3 * SpanExporter.CAPACITY;
    try (SpanExporter exporter = exporter(QUICK)) {
      for (int i = 0; i < all; i += 256) {
        take(exporter, i, i + 256);
        assertTrue(
            // For a moment a batch that comes back may stand beside what has taken its room.
            exporter.waiting() <= SpanExporter.CAPACITY + SpanExporter.BATCH,
            exporter.waiting() + " are waiting");
      }
      transport.attempts.drainPermits();
      transport.attempts.acquireUninterruptibly(2); // A batch went and came back in between.
      transport.batches.clear();
      transport.result = TAKEN;

      Eventually.isTrue(() -> exporter.sent() + exporter.dropped() == all);
      assertTrue(exporter.sent() >= SpanExporter.CAPACITY - SpanExporter.BATCH);
      assertEquals("span-" + (all - 1), transport.last().getLast());
    }
    assertEquals(1, log().split("spans cannot be sent", -1).length - 1);
    assertEquals(1, log().split("spans are sent again", -1).length - 1);
  }

  @Test
  void dropsTheOldestWhileABatchHangs() {
    transport.hanging = true;
    SpanExporter exporter = exporter(QUICK);
    take(exporter, 0, 1);
    transport.attempts.acquireUninterruptibly();

    take(exporter, 1, 1 + SpanExporter.CAPACITY + 10);

    assertEquals(SpanExporter.CAPACITY, exporter.waiting());
    assertEquals(10, exporter.dropped());
    long begin = System.nanoTime();
    exporter.close();
    assertTrue(System.nanoTime() - begin < 4_000_000_000L);
    assertEquals(1 + SpanExporter.CAPACITY + 10, exporter.dropped());
  }

  @Test
  void dropsWhatTheCollectorRefusesForGood() {
    transport.result = new Transport.Result.Refused("status 400");
    try (SpanExporter exporter = exporter(QUICK)) {
      take(exporter, 0, 3);

      Eventually.isTrue(() -> exporter.dropped() == 3);
      assertEquals(0, exporter.sent());
    }
    assertEquals(1, transport.batches.size());
    assertTrue(log().contains("refuses spans, they are dropped: status 400"));
  }

  @Test
  void sendsEverythingThatWaitsWhenItIsClosed() {
    SpanExporter exporter = exporter(SpanExporter.Timing.DEFAULT);
    take(exporter, 0, 500);

    exporter.close();

    assertEquals(500, exporter.sent());
    assertEquals(0, exporter.dropped());
  }

  @Test
  void losesAndRepeatsNothingWithManyThreads() throws Exception {
    List<Thread> threads = new ArrayList<>();
    try (SpanExporter exporter = exporter(QUICK)) {
      for (int i = 0; i < 8; i++) {
        int from = i * 2_000;
        threads.add(Thread.ofVirtual().start(() -> take(exporter, from, from + 2_000)));
      }
      for (Thread thread : threads) {
        thread.join();
      }

      Eventually.isTrue(
          () -> exporter.waiting() == 0 && exporter.sent() + exporter.dropped() == 16_000);
      List<String> names = transport.batches.stream().flatMap(List::stream).toList();
      assertEquals(names.size(), names.stream().distinct().count());
      assertEquals(names.size(), exporter.sent());
    }
  }

  @Test
  void pausesTwiceAsLongAfterEachFailureUpToALimit() {
    SpanExporter.Timing timing = SpanExporter.Timing.DEFAULT;

    assertEquals(Duration.ofSeconds(1), timing.pause(1));
    assertEquals(Duration.ofSeconds(2), timing.pause(2));
    assertEquals(Duration.ofSeconds(16), timing.pause(5));
    assertEquals(Duration.ofSeconds(30), timing.pause(6));
    assertEquals(Duration.ofSeconds(30), timing.pause(1_000_000));
  }

  @Test
  void countsWhatTheCollectorTakesOnlyInPart() throws Exception {
    try (FakeCollector collector = new FakeCollector();
        SpanExporter exporter = exporter(QUICK, OtlpTransport.to(URI.create(collector.url())))) {
      collector.answerWith(200, "{\"partialSuccess\":{\"rejectedSpans\":\"2\"}}");
      take(exporter, 0, 5);

      Eventually.isTrue(() -> exporter.sent() == 3 && exporter.dropped() == 2);
    }
  }

  @Test
  void triesAgainAfterAStatusThatIsWorthIt() throws Exception {
    try (FakeCollector collector = new FakeCollector();
        SpanExporter exporter = exporter(QUICK, OtlpTransport.to(URI.create(collector.url())))) {
      collector.answerWith(503, "");
      take(exporter, 0, 1);
      Eventually.isTrue(() -> collector.received().size() >= 3);
      assertEquals(0, exporter.dropped());
      collector.answerWith(200, "{}");

      Eventually.isTrue(() -> exporter.sent() == 1);
    }
  }

  @Test
  void takesTheNameAmongTheAttributesWhenNoOtherIsSet() {
    RouterConfig.Tracing named =
        new RouterConfig.Tracing(
            Optional.empty(), "cell-router", Map.of("service.name", "eu-front"), 1);
    String json =
        new String(
            new OtlpJson(named, new BuildInfo("1")).encode(List.of()), StandardCharsets.UTF_8);

    assertTrue(
        json.contains("{\"key\":\"service.name\",\"value\":{\"stringValue\":\"eu-front\"}}"), json);
  }
}
