package io.cellrouter.edge.handler;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.cellrouter.forward.Outcome;
import io.cellrouter.resilience.Admission;
import io.cellrouter.resilience.ByteLease;
import io.cellrouter.telemetry.Reason;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** What a cell is held responsible for. */
class VerdictTest {
  private static List<String> told(Outcome outcome) {
    List<String> told = new ArrayList<>();
    Verdict.tell(
        new Admission.Permit() {
          @Override
          public void answered(int status, long nanos) {
            told.add("answered " + status + " " + Duration.ofNanos(nanos).toMillis());
          }

          @Override
          public void failed(long nanos) {
            told.add("failed " + Duration.ofNanos(nanos).toMillis());
          }

          @Override
          public boolean stands() {
            return true;
          }

          @Override
          public void close() {
            told.add("closed");
          }
        },
        outcome);
    return told;
  }

  private static Outcome failed(Reason reason, boolean blamed) {
    return new Outcome.Failed(reason, "", 5_000_000, 1, blamed);
  }

  @ParameterizedTest
  @CsvSource({"200", "404", "429", "500", "503"})
  void tellsEveryAnswerWithItsStatus(int status) {
    assertEquals(
        List.of("answered " + status + " 7"),
        told(new Outcome.Answered(status, "", new byte[0], ByteLease.unlimited(), 7_000_000, 1)));
    assertEquals(
        List.of("answered " + status + " 7"),
        told(new Outcome.Unusable(status, Reason.CELL_RESPONSE_TOO_LARGE, "", 7_000_000, 1)));
  }

  @ParameterizedTest
  @EnumSource(
      value = Reason.class,
      names = {
        "CELL_CONNECT_FAILED",
        "CELL_CONNECT_TIMEOUT",
        "CELL_RESET",
        "CELL_CLOSED_CONNECTION",
        "CELL_PROTOCOL_ERROR",
        "DEADLINE_EXCEEDED"
      })
  void tellsAFailureThatTheCellIsToBlameForAndNoOther(Reason reason) {
    assertEquals(List.of("failed 5"), told(failed(reason, true)));
    assertEquals(List.of(), told(failed(reason, false)));
  }
}
