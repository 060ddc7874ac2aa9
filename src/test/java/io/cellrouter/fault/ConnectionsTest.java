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

  /** The router sees the end of each as soon as it gets round to it. */
  private static final Duration WITHIN = Duration.ofSeconds(5);

  private Crowd crowd;
  private int before;

  @Test
  void tenThousandIdleConnectionsAndAThousandSlowHeadersHurtNobody() throws Exception {
    Trial.of(Fault.CONNECTIONS)
        .javaOption("-Xmx1g") // Which is room for all of them.
        .javaOption("-Dsun.net.httpserver.maxReqTime=" + READING)
        .fault(this::attack, router -> crowd.close())
        // The load's own connections come and go a little.
        .comesBack("sockets", WITHIN, router -> Held.sockets(router) <= before + 100)
        .lasts(Duration.ofMillis(100))
        .run();
  }

  private void attack(RouterProcess router) throws Exception {
    before = Held.sockets(router);
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
