package io.cellrouter.forward;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import io.cellrouter.config.CellPolicy;
import io.cellrouter.resilience.ByteBudget;
import io.cellrouter.support.Eventually;
import io.cellrouter.telemetry.Reason;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/** What large bodies hold of the router, and for how long. */
class LargeBodiesTest {
  private static final Duration AMPLE = Duration.ofSeconds(5);
  private static final int LARGE = 100_000;

  @Test
  void aLargeOneIsHeldUntilItsLeaseIsClosed() throws Exception {
    try (ScriptedCell cell = new ScriptedCell(answer(LARGE, LARGE));
        Sender sender = Sender.to(cell.url())) {
      Outcome.Answered answered = assertInstanceOf(Outcome.Answered.class, sender.post(AMPLE));

      assertEquals(LARGE, answered.body().length);
      assertEquals(LARGE, sender.answers.held(), "no more than was announced");
      answered.lease().close();
      assertEquals(0, sender.answers.held());
    }
  }

  @Test
  void aSmallOneTakesNothing() throws Exception {
    int small = ByteBudget.SMALL_ANSWER;
    try (ScriptedCell cell = new ScriptedCell(answer(small, small));
        Sender sender = Sender.to(cell.url())) {
      Outcome.Answered answered = assertInstanceOf(Outcome.Answered.class, sender.post(AMPLE));

      assertEquals(small, answered.body().length);
      assertEquals(0, answered.lease().held());
    }
  }

  @Test
  void onesForWhichThereIsNoRoomAreRefusedAndGiveBackWhatTheyHad() throws Exception {
    try (ScriptedCell cell =
            new ScriptedCell(
                answer(LARGE, LARGE),
                answer(LARGE, LARGE),
                answer(LARGE, LARGE),
                answer(LARGE, LARGE),
                answer(LARGE, LARGE));
        Sender sender = Sender.to(cell.url())) {
      List<Outcome.Answered> held = new ArrayList<>();
      for (int i = 0; i < 3; i++) {
        held.add(assertInstanceOf(Outcome.Answered.class, sender.post(AMPLE)));
      }
      Outcome.Failed refused = assertInstanceOf(Outcome.Failed.class, sender.post(AMPLE));

      assertEquals(Reason.CELL_RESPONSE_NO_ROOM, refused.reason());
      assertEquals(1, refused.attempts(), "not sent again: it has acted");
      assertEquals(3 * LARGE, sender.answers.held());
      held.forEach(each -> each.lease().close());
      assertEquals(0, sender.answers.held());
      assertInstanceOf(Outcome.Answered.class, sender.post(AMPLE), "there is room again");
    }
  }

  @Test
  void onesThatAreGivenUpAtTheDeadlineGiveBackWhatTheyHad() throws Exception {
    String stalls = answer(LARGE, LARGE - 1);
    try (ScriptedCell cell = new ScriptedCell(stalls, stalls);
        Sender sender = Sender.to(cell.url());
        ExecutorService each = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<Outcome>> waiting = new ArrayList<>();
      for (int i = 0; i < 2; i++) {
        waiting.add(each.submit(() -> sender.post(Duration.ofSeconds(2))));
      }
      Eventually.isTrue(() -> sender.answers.held() == 2 * LARGE);
      for (Future<Outcome> one : waiting) {
        assertEquals(
            Reason.DEADLINE_EXCEEDED, assertInstanceOf(Outcome.Failed.class, one.get()).reason());
      }
      assertEquals(0, sender.answers.held());
    }
  }

  /** After a change of the cell's policy it is the same cell: it does not get a second part. */
  @Test
  void aChangeOfTheCellLeavesItItsPart() throws Exception {
    try (ScriptedCell cell =
            new ScriptedCell(answer(250_000, 250_000), answer(LARGE, LARGE), answer(LARGE, LARGE));
        Sender sender = Sender.to(cell.url())) {
      assertInstanceOf(Outcome.Answered.class, sender.post(AMPLE));
      sender.change(CellPolicy.defaults().ejection(), cell.url());
      assertEquals(
          Reason.CELL_RESPONSE_NO_ROOM,
          assertInstanceOf(Outcome.Failed.class, sender.post(AMPLE)).reason());
      assertEquals(250_000, sender.answers.held());
    }
  }

  private static String answer(int announced, int sent) {
    return "HTTP/1.1 200 OK\r\nContent-Length: " + announced + "\r\n\r\n" + "x".repeat(sent);
  }

  /** What is sent in slices arrives in one piece. */
  @Test
  void aLargeBodyReachesTheCellAsItIs() throws Exception {
    StringBuilder body = new StringBuilder();
    for (int i = 0; body.length() < 200_000; i++) {
      body.append(i).append(' ');
    }
    try (ScriptedCell cell = new ScriptedCell();
        Sender sender = Sender.to(cell.url())) {
      assertInstanceOf(
          Outcome.Answered.class,
          sender.send(body.toString().getBytes(StandardCharsets.US_ASCII), AMPLE));
      assertEquals(List.of(body.toString()), cell.bodies());
      assertEquals(
          List.of(Integer.toString(body.length())), cell.values("content-length"), "not chunked");
    }
  }
}
