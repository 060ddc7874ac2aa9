package io.cellrouter.forward;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cellrouter.config.CellPolicy;
import io.cellrouter.support.Eventually;
import io.cellrouter.telemetry.Reason;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

/** Cells that are named, and cells that move, over real sockets. */
class NamesAndChangesTest {
  private static final Duration AMPLE = Duration.ofSeconds(5);
  private static final CellPolicy.Ejection EJECTION = CellPolicy.defaults().ejection();

  @Test
  void requestsGoToAllAddressesOfANameUnderThatName() throws Exception {
    InetAddress first = InetAddress.getByName("127.0.0.1");
    InetAddress second = InetAddress.getByName("127.0.0.2");
    try (ScriptedCell one = new ScriptedCell(first, 0);
        ScriptedCell two = new ScriptedCell(second, one.port());
        Sender sender =
            Sender.with(
                host -> new InetAddress[] {first, second}, "http://cells.test:" + one.port())) {
      for (int i = 0; i < 40; i++) {
        assertInstanceOf(Outcome.Answered.class, sender.post(AMPLE));
      }
      assertEquals(40, one.heads().size() + two.heads().size());
      assertTrue(one.heads().size() > 5 && two.heads().size() > 5, "both get some");
      for (ScriptedCell each : List.of(one, two)) {
        each.values("host").forEach(host -> assertEquals("cells.test:" + one.port(), host));
      }
      assertEquals(
          1, one.heads().getFirst().stream().filter(line -> line.startsWith("Host:")).count());
    }
  }

  @Test
  void theHostFieldIsWhatTheClientWouldSend() throws Exception {
    try (ScriptedCell cell = new ScriptedCell()) {
      try (Sender sender = Sender.to("http://localhost:" + cell.port())) {
        sender.post(AMPLE);
      }
      try (Sender sender =
          Sender.with(
              host -> new InetAddress[] {InetAddress.getLoopbackAddress()},
              "http://LocalHost:" + cell.port())) {
        sender.post(AMPLE);
      }
      assertEquals(
          List.of("localhost:" + cell.port(), "LocalHost:" + cell.port()), cell.values("host"));
    }
  }

  @Test
  void aNameThatWasNeverFoundFailsAtOnceAndWithoutAnAttempt() throws Exception {
    try (Sender sender =
        Sender.with(
            host -> {
              throw new UnknownHostException(host);
            },
            "http://cells.test")) {
      Outcome.Failed failed = assertInstanceOf(Outcome.Failed.class, sender.post(AMPLE));
      assertEquals(Reason.CELL_CONNECT_FAILED, failed.reason());
      assertEquals("the host name cannot be resolved", failed.detail());
      assertEquals(0, failed.attempts());
      assertEquals(0, sender.budget.asked.get());
    }
  }

  @Test
  void aFirstLookupThatHangsCostsNoMoreThanTheConnectTimeout() throws Exception {
    CountDownLatch never = new CountDownLatch(1);
    try (Sender sender =
        Sender.with(
            host -> {
              try {
                never.await();
              } catch (InterruptedException e) {
                throw new AssertionError(e);
              }
              return new InetAddress[] {InetAddress.getLoopbackAddress()};
            },
            "http://cells.test")) {
      Outcome.Failed slow = assertInstanceOf(Outcome.Failed.class, sender.post(AMPLE));
      assertEquals(Reason.CELL_CONNECT_TIMEOUT, slow.reason());
      assertTrue(slow.upstreamNanos() >= 300_000_000L);
      Outcome.Failed late =
          assertInstanceOf(Outcome.Failed.class, sender.post(Duration.ofMillis(20)));
      assertEquals(Reason.DEADLINE_EXCEEDED, late.reason());
      never.countDown();
    }
  }

  @Test
  void connectionsStayThroughAChangeThatLeavesTheUrlsAloneAndTheNewPolicyHolds() throws Exception {
    try (ScriptedCell cell =
            new ScriptedCell(ScriptedCell.OK, ScriptedCell.OK, ScriptedCell.CLOSE);
        ScriptedCell other =
            new ScriptedCell(ScriptedCell.OK, ScriptedCell.OK, ScriptedCell.CLOSE);
        Sender sender = Sender.to(cell.url(), other.url())) {
      Connections before = sender.client().connections();
      sender.post(AMPLE);
      sender.change(new CellPolicy.Ejection(1, AMPLE, AMPLE), cell.url(), other.url());

      assertSame(before, sender.client().connections());
      for (int i = 0; i < 10; i++) {
        sender.post(AMPLE);
      }
      assertEquals(1, sender.client().endpoints().ejections(), "one failure is enough now");
    }
  }

  @Test
  void aCellThatMovesFinishesWhatIsUnderWayAndItsConnectionsAreClosedThen() throws Exception {
    try (ScriptedCell old = new ScriptedCell(ScriptedCell.OK, ScriptedCell.HELD);
        ScriptedCell anew = new ScriptedCell();
        Sender sender = Sender.with(Map.of("REQUEST_TIMEOUT", "0.5"), old.url())) {
      sender.post(AMPLE);
      CellClient before = sender.client();
      CompletableFuture<Outcome> underWay = new CompletableFuture<>();
      Thread.ofVirtual()
          .start(
              () -> {
                try {
                  underWay.complete(sender.post(AMPLE));
                } catch (InterruptedException e) {
                  underWay.completeExceptionally(e);
                }
              });
      Eventually.isTrue(() -> old.heads().size() == 2);

      sender.change(EJECTION, anew.url());

      assertNotSame(before, sender.client());
      assertInstanceOf(Outcome.Answered.class, sender.post(AMPLE));
      assertEquals(1, anew.heads().size());
      old.release();
      assertInstanceOf(Outcome.Answered.class, underWay.get());
      assertEquals(1, old.connected(), "kept for whoever may still come");
      Eventually.isTrue(() -> old.connected() == 0);
      assertInstanceOf(Outcome.Answered.class, sender.post(AMPLE));
    }
  }

  @Test
  void aChangeThatIsGivenUpLeavesTheConnectionsInForceAlone() throws Exception {
    long before = selectors();
    try (ScriptedCell cell = new ScriptedCell();
        Sender sender = Sender.with(Map.of("REQUEST_TIMEOUT", "0.5"), cell.url())) {
      sender.post(AMPLE);
      sender.changeInVain("http://127.0.0.1:2");
      assertEquals(before + 2, selectors());

      Eventually.isTrue(() -> selectors() == before + 1);
      assertInstanceOf(Outcome.Answered.class, sender.post(AMPLE));
      assertEquals(1, cell.connected());
    }
  }

  @Test
  void closingAllClosesTheFormerOnesToo() throws Exception {
    try (ScriptedCell old = new ScriptedCell();
        ScriptedCell anew = new ScriptedCell();
        Sender sender = Sender.with(Map.of("REQUEST_TIMEOUT", "60"), old.url())) {
      sender.post(AMPLE);
      sender.change(EJECTION, anew.url());
      sender.post(AMPLE);
      assertEquals(1, old.connected());
      sender.clients().close();
      Eventually.isTrue(() -> old.connected() + anew.connected() == 0);
    }
  }

  @Test
  void preparingMakesTheClientOnceAndAChangeAloneMakesNone() throws Exception {
    long before = selectors();
    try (ScriptedCell cell = new ScriptedCell();
        Sender sender = Sender.to(cell.url())) {
      sender.change(EJECTION, "http://127.0.0.1:2");
      assertEquals(before, selectors());
      sender.clients().prepare();
      sender.clients().prepare();
      assertEquals(before + 1, selectors());
    }
    Eventually.isTrue(() -> selectors() == before);
  }

  private static long selectors() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().contains("SelectorManager"))
        .count();
  }
}
