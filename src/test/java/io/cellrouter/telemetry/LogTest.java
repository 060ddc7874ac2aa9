package io.cellrouter.telemetry;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.jr.ob.JSON;
import io.cellrouter.config.LogLevel;
import io.cellrouter.support.Eventually;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

class LogTest {
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final LogWriter writer = new LogWriter(out);
  private final Log log =
      new Log(
          LogLevel.INFO,
          Clock.fixed(Instant.parse("2026-11-01T02:03:04.005Z"), ZoneOffset.UTC),
          writer);

  @Test
  void writesOneJsonObjectALine() throws Exception {
    log.write(
        log.named("access")
            .line(LogLevel.WARN, "request")
            .field("path", "/a\"b\n{}\u0000\u001b[31m\u007f\u2028é\ud800")
            .field("status", 200)
            .fieldIfAny("client", "")
            .millis("duration_ms", 1_234_567));
    log.log(LogLevel.DEBUG, "not this one");
    log.error("broken", new IllegalStateException("why\nthere"));
    writer.close();

    String text = out.toString(StandardCharsets.UTF_8);
    assertEquals(2, text.lines().count());
    assertTrue(text.chars().allMatch(c -> c == '\n' || (c >= ' ' && c < 0x7f)), text);
    assertEquals(
        Map.of(
            "timestamp", "2026-11-01T02:03:04.005Z",
            "level", "WARN",
            "logger", "access",
            "message", "request",
            "path", "/a\"b\n{}\u0000\u001b[31m\u007f\u2028é\ud800",
            "status", 200,
            "duration_ms", 1.234),
        JSON.std.mapFrom(text.lines().findFirst().orElseThrow()));
  }

  @Test
  void cutsLongValues() {
    log.write(log.line(LogLevel.INFO, "x").field("path", "a".repeat(100_000)));
    writer.close();

    assertTrue(out.size() < 1_000);
  }

  @Test
  void neverWaitsForAStuckOutputButCountsWhatItDrops() {
    CountDownLatch release = new CountDownLatch(1);
    try (LogWriter stuck =
        new LogWriter(
            new OutputStream() {
              @Override
              public void write(int b) throws IOException {
                await();
              }

              @Override
              public void write(byte[] b, int off, int len) throws IOException {
                await();
              }

              private void await() throws IOException {
                try {
                  release.await();
                } catch (InterruptedException e) {
                  throw new IOException(e);
                }
              }
            })) {
      int lines = 3 * LogWriter.CAPACITY;
      // As long as a line of the access log: the batch that the stuck writer holds is then some
      // dozens of lines, however far it came before it got stuck.
      byte[] line =
          ("{\"message\":\"" + "x".repeat(500) + "\"}\n").getBytes(StandardCharsets.UTF_8);
      for (int i = 0; i < lines; i++) {
        stuck.write(line);
      }

      assertTrue(stuck.dropped() >= lines - LogWriter.CAPACITY - 100, "dropped " + stuck.dropped());
      assertTrue(stuck.dropped() <= lines - LogWriter.CAPACITY, "dropped " + stuck.dropped());
      release.countDown();
    }
  }

  @Test
  void keepsWhatMustNotBeDroppedBehindAsManyLinesAsMayWait() {
    CountDownLatch release = new CountDownLatch(1);
    ByteArrayOutputStream written = new ByteArrayOutputStream();
    try (LogWriter stuck = new LogWriter(held(release, written))) {
      byte[] line = ("x".repeat(500) + "\n").getBytes(StandardCharsets.UTF_8);
      for (int i = 0; i < 2 * LogWriter.CAPACITY; i++) {
        stuck.write(line);
      }
      assertTrue(stuck.dropped() > 0, "full");
      assertTrue(stuck.keeps(), "there is a reserve");

      int kept = 0;
      while (stuck.keeps()) {
        stuck.keep(("kept " + kept++ + "\n").getBytes(StandardCharsets.UTF_8));
        assertTrue(kept <= LogWriter.RESERVE, "the reserve has an end");
      }
      release.countDown();
      Eventually.isTrue(stuck::keeps);
      stuck.close();

      String text = written.toString(StandardCharsets.UTF_8);
      assertEquals(kept, text.lines().filter(each -> each.startsWith("kept ")).count());
      assertTrue(kept > LogWriter.RESERVE / 2, "kept " + kept);
    }
  }

  @Test
  void keepsNothingWhileTheOutputIsGone() {
    AtomicBoolean gone = new AtomicBoolean(true);
    OutputStream output =
        new OutputStream() {
          @Override
          public void write(int b) throws IOException {
            if (gone.get()) {
              throw new IOException("Broken pipe");
            }
          }
        };
    try (LogWriter broken = new LogWriter(output)) {
      assertTrue(broken.keeps(), "not known yet");
      broken.write("first\n".getBytes(StandardCharsets.UTF_8));
      Eventually.isTrue(() -> !broken.keeps());
      gone.set(false);
      broken.write("second\n".getBytes(StandardCharsets.UTF_8));
      Eventually.isTrue(broken::keeps);
    }
  }

  /** Lets nothing through before it is released. */
  private static OutputStream held(CountDownLatch release, OutputStream then) {
    return new OutputStream() {
      @Override
      public void write(int b) throws IOException {
        write(new byte[] {(byte) b}, 0, 1);
      }

      @Override
      public void write(byte[] b, int off, int len) throws IOException {
        try {
          release.await();
        } catch (InterruptedException e) {
          throw new IOException(e);
        }
        then.write(b, off, len);
      }
    };
  }

  @Test
  void losesNothingOfManyThreadsThatWriteAtOnce() throws Exception {
    Thread[] threads = new Thread[8];
    for (int t = 0; t < threads.length; t++) {
      String line = "{\"thread\":" + t + "}\n";
      threads[t] =
          Thread.ofVirtual()
              .start(
                  () -> {
                    for (int i = 0; i < 500; i++) {
                      writer.write(line.getBytes(StandardCharsets.UTF_8));
                    }
                  });
    }
    for (Thread thread : threads) {
      thread.join();
    }
    writer.close();

    assertEquals(4_000, out.toString(StandardCharsets.UTF_8).lines().count());
    assertEquals(0, writer.dropped());
  }
}
