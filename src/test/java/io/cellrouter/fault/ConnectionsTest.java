package io.cellrouter.fault;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cellrouter.support.RouterProcess;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("fault")
class ConnectionsTest {
  private static final int IDLE = 10_000;
  private static final int SLOW = 1_000;

  /** Seconds that a request may take to come in. */
  private static final int READING = 3;

  private Crowd crowd;

  @Test
  void tenThousandIdleConnectionsAndAThousandSlowHeadersHurtNobody() throws Exception {
    Trial.of(Fault.CONNECTIONS)
        .javaOption("-Xmx1g") // Which is room for all of them.
        .javaOption("-Dsun.net.httpserver.maxReqTime=" + READING)
        .fault(this::attack, router -> crowd.close())
        .lasts(Duration.ofMillis(100))
        .run();
  }

  private void attack(RouterProcess router) throws Exception {
    crowd = Crowd.of(router, IDLE, SLOW);
    for (int i = 0; i < 2 * (READING + 3); i++) {
      TimeUnit.MILLISECONDS.sleep(500);
      crowd.trickle();
    }
    assertEquals(0, crowd.slowThatAreOpen(), "slow ones are cut off");
    assertEquals(IDLE, crowd.idleThatAreOpen(), "idle ones stay: a gateway's pool is no attack");
    assertTrue(Held.sockets(router) >= IDLE, "the router holds them");
  }
}
