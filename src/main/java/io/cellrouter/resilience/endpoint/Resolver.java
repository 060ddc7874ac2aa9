package io.cellrouter.resilience.endpoint;

import io.cellrouter.telemetry.Log;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

/**
 * Follows what one host name stands for: looks it up, waits, looks it up again. A platform thread
 * of its own does nothing else, since a lookup blocks for as long as the system's resolver likes
 * and cannot be interrupted: so it delays no other name, and is never under way twice.
 *
 * <p>The last answer stays for ever, whatever DNS does: a cell is more likely to be where it was
 * than nowhere. The JDK caches answers ({@code sun.net.inetaddr.ttl} in {@code edge.options}, below
 * {@link #PERIOD}) and that a name does not exist (10 s).
 */
final class Resolver implements AutoCloseable {
  static final Duration PERIOD = Duration.ofSeconds(5);

  private final String host;
  private final Lookup lookup;
  private final Duration period;
  private final Runnable asked;
  private final Log log;
  private final Thread thread;
  private volatile List<InetAddress> addresses = List.of();
  private volatile boolean everAsked;
  private volatile boolean closed;
  private boolean failing;
  private boolean untold = true;

  /**
   * @param asked called after each lookup that may have changed what is known
   */
  Resolver(String host, Lookup lookup, Duration period, Runnable asked, Log log) {
    this.host = host;
    this.lookup = lookup;
    this.period = period;
    this.asked = asked;
    this.log = log.named("dns");
    this.thread = Thread.ofPlatform().name("dns-" + host).daemon().unstarted(this::run);
  }

  void start() {
    thread.start();
  }

  /** What the name stood for when it was last found; empty when it never was. */
  List<InetAddress> addresses() {
    return addresses;
  }

  /** Whether a first lookup has ended, however. */
  boolean everAsked() {
    return everAsked;
  }

  private void run() {
    while (!closed) {
      try {
        look();
      } catch (RuntimeException | Error e) {
        // Of whoever is told. The thread goes on: without it the name would never move again.
        log.error("the addresses of " + host + " could not be put in force", e);
      }
      LockSupport.parkNanos(this, period.toNanos());
    }
  }

  private void look() {
    try {
      List<InetAddress> found = oneFamily(lookup.all(host));
      boolean changed = !found.equals(addresses);
      if (changed || failing) {
        log.info(host + " stands for " + text(found));
      }
      addresses = found;
      untold |= changed;
      failing = false;
    } catch (UnknownHostException e) {
      lost("cannot be found");
    } catch (RuntimeException | Error e) {
      log.error("the lookup of " + host + " failed", e);
      lost("cannot be looked up");
    }
    everAsked = true;
    if (untold) {
      asked.run();
      untold = false;
    }
  }

  /** Said once, not every {@link #PERIOD}. */
  private void lost(String how) {
    if (!failing) {
      failing = true;
      log.warn(
          host
              + " "
              + how
              + (addresses.isEmpty() ? "; it never was" : "; it stays at " + text(addresses)));
    }
  }

  /**
   * The addresses of the first one's family, sorted. The JDK's client would use the first address
   * and no other; where a name has both families, one of them may lead nowhere.
   */
  private static List<InetAddress> oneFamily(InetAddress[] found) {
    return Stream.of(found)
        .filter(each -> each.getClass() == found[0].getClass())
        .distinct()
        .sorted((one, other) -> one.getHostAddress().compareTo(other.getHostAddress()))
        .toList();
  }

  private static String text(List<InetAddress> addresses) {
    return String.join(", ", addresses.stream().map(InetAddress::getHostAddress).toList());
  }

  /** Ends the thread, after the lookup it may be in. */
  @Override
  public void close() {
    closed = true;
    LockSupport.unpark(thread);
  }
}
