package io.cellrouter.resilience;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cellrouter.config.LogLevel;
import io.cellrouter.support.Eventually;
import io.cellrouter.telemetry.Log;
import io.cellrouter.telemetry.LogWriter;
import java.io.ByteArrayOutputStream;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class FleetTest {
  private static final String BROKEN = "broken";

  private final ByteArrayOutputStream logged = new ByteArrayOutputStream();
  private final LogWriter writer = new LogWriter(logged);
  private String[] addresses = {};
  private final Fleet fleet = fleet(Optional.of("peers"));

  @Test
  void isAloneUntilItKnowsBetter() {
    assertEquals(1, fleet.replicas());
    fleet.look("peers");
    assertEquals(1, fleet.replicas(), "the name does not exist yet");
  }

  @Test
  void countsDifferentAddresses() {
    addresses = new String[] {"10.0.0.1", "10.0.0.2", "10.0.0.1"};
    fleet.look("peers");
    assertEquals(2, fleet.replicas());
  }

  @Test
  void countsARouterOfADualStackClusterOnce() {
    addresses = new String[] {"10.0.0.1", "fd00::1", "10.0.0.2", "fd00::2", "fd00::3"};
    fleet.look("peers");
    assertEquals(3, fleet.replicas(), "one has lost its address of the other family");
  }

  @Test
  void keepsTheLastNumberWhileTheNameCannotBeLookedUpAndSaysSoOnce() throws Exception {
    addresses = new String[] {"10.0.0.1", "10.0.0.2", "10.0.0.3"};
    fleet.look("peers");
    addresses = new String[] {};
    fleet.look("peers");
    fleet.look("peers");
    assertEquals(3, fleet.replicas());
    writer.close();
    assertEquals(
        1,
        logged
            .toString(StandardCharsets.UTF_8)
            .lines()
            .filter(line -> line.contains("cannot be looked up"))
            .count());
  }

  @Test
  void anErrorOfTheLookupIsNotTheLast() {
    addresses = new String[] {"10.0.0.1", "10.0.0.2"};
    fleet.look("peers");
    addresses = new String[] {BROKEN};
    fleet.look("peers");
    assertEquals(2, fleet.replicas());
    addresses = new String[] {"10.0.0.1"};
    fleet.look("peers");
    assertEquals(1, fleet.replicas());
  }

  @Test
  void withoutANameThereIsNothingToFollow() throws Exception {
    Thread thread = Thread.ofPlatform().daemon().start(fleet(Optional.empty()));
    assertTrue(thread.join(Duration.ofSeconds(10)));
  }

  @Test
  void followsUntilInterrupted() throws Exception {
    addresses = new String[] {"10.0.0.1", "10.0.0.2"};
    Thread thread = Thread.ofPlatform().daemon().start(fleet);
    Eventually.isTrue(() -> fleet.replicas() == 2);
    thread.interrupt();
    assertTrue(thread.join(Duration.ofSeconds(10)));
  }

  private Fleet fleet(Optional<String> name) {
    return new Fleet(
        name,
        asked -> {
          if (addresses.length == 0) {
            throw new UnknownHostException(asked);
          }
          if (addresses[0].equals(BROKEN)) {
            throw new LinkageError("planted");
          }
          InetAddress[] found = new InetAddress[addresses.length];
          for (int i = 0; i < found.length; i++) {
            found[i] = InetAddress.ofLiteral(addresses[i]);
          }
          return found;
        },
        new Log(LogLevel.INFO, Clock.systemUTC(), writer));
  }
}
