package io.cellrouter.resilience;

import io.cellrouter.telemetry.Log;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;

/**
 * How many routers there are, by the addresses of a name ({@code PEERS_DNS}: a headless Service
 * lists the ready ones). A rate for the whole fleet is divided by it: nothing is asked, and nobody
 * waited for, in the way of a request.
 *
 * <p>A router of a dual-stack cluster has an address of each family: the family with more counts.
 *
 * <p>While the name cannot be looked up, the last number holds; before the first answer, and
 * without a name, it is 1.
 */
public final class Fleet implements Runnable {
  private static final Duration INTERVAL = Duration.ofSeconds(5);

  private final Optional<String> name;
  private final Lookup lookup;
  private final Log log;
  private volatile int replicas = 1;
  private boolean failing;

  /** {@link InetAddress#getAllByName}, or a fake one. */
  @FunctionalInterface
  interface Lookup {
    InetAddress[] addresses(String name) throws UnknownHostException;
  }

  public Fleet(Optional<String> name, Log log) {
    this(name, InetAddress::getAllByName, log);
  }

  Fleet(Optional<String> name, Lookup lookup, Log log) {
    this.name = name;
    this.lookup = lookup;
    this.log = log.named("fleet");
  }

  /** At least 1. */
  public int replicas() {
    return replicas;
  }

  /**
   * Looks again every five seconds until interrupted; returns at once without a name. For a
   * platform thread of its own: a look-up may hang, and would hold a carrier.
   */
  @Override
  public void run() {
    while (name.isPresent() && !Thread.currentThread().isInterrupted()) {
      look(name.get());
      try {
        Thread.sleep(INTERVAL);
      } catch (InterruptedException e) {
        return;
      }
    }
  }

  void look(String peers) {
    int found;
    try {
      found = count(lookup.addresses(peers));
    } catch (UnknownHostException | RuntimeException | Error e) {
      // An Error too: it must not end the thread, or rates stay divided by this number for ever.
      if (!failing) {
        log.warn("PEERS_DNS " + peers + " cannot be looked up; rates stay divided by " + replicas);
      }
      failing = true;
      return;
    }
    failing = false;
    if (found > 0 && found != replicas) {
      log.info("rates are divided by " + found + " replicas, before by " + replicas);
      replicas = found;
    }
  }

  private static int count(InetAddress[] found) {
    long all = Arrays.stream(found).distinct().count();
    long six = Arrays.stream(found).filter(Inet6Address.class::isInstance).distinct().count();
    return (int) Math.max(six, all - six);
  }
}
