package io.cellrouter.edge.handler;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.cellrouter.forward.Outcome;
import io.cellrouter.resilience.Admission;
import io.cellrouter.telemetry.Reason;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** What a cell is held responsible for. */
class VerdictTest {
  private static List<String> told(Outcome outcome, boolean shortened) {
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
          public void close() {
            told.add("closed");
          }
        },
        outcome,
        shortened);
    return told;
  }

  private static Outcome failed(Reason reason, long millis, int attempts) {
    return new Outcome.Failed(reason, "", Duration.ofMillis(millis).toNanos(), attempts);
  }

  @ParameterizedTest
  @CsvSource({"200", "404", "429", "500", "503"})
  void tellsEveryAnswerWithItsStatus(int status) {
    Outcome answer = new Outcome.Answered(status, "", new byte[0], 7_000_000, 1);

    assertEquals(List.of("answered " + status + " 7"), told(answer, false));
    assertEquals(List.of("answered " + status + " 7"), told(answer, true));
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
        "CELL_RESPONSE_TOO_LARGE",
        "DEADLINE_EXCEEDED"
      })
  void tellsEveryBrokenExchangeAsAFailure(Reason reason) {
    assertEquals(List.of("failed 5"), told(failed(reason, 5, 1), false));
  }

  @ParameterizedTest
  @CsvSource({"1, 0", "999, 0", "1000, 1", "4000, 1"})
  void countsAClientsOwnDeadlineOnlyWhenTheCellHadASecond(long millis, int failures) {
    assertEquals(failures, told(failed(Reason.DEADLINE_EXCEEDED, millis, 1), true).size());
  }

  @Test
  void countsWhatIsNoMatterOfTimeWhateverTheClientsDeadline() {
    assertEquals(List.of("failed 1"), told(failed(Reason.CELL_RESET, 1, 1), true));
  }

  @Test
  void countsACellThatCannotBeFound() {
    assertEquals(List.of("failed 0"), told(failed(Reason.CELL_CONNECT_FAILED, 0, 0), false));
  }

  @Test
  void saysNothingOfACellThatWasNotAskedForLackOfTime() {
    assertEquals(List.of(), told(failed(Reason.DEADLINE_EXCEEDED, 2_000, 0), false));
  }
}
