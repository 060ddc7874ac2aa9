package io.cellrouter.resilience.endpoint;

import io.cellrouter.cell.Cell;
import io.cellrouter.telemetry.Log;
import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Keeps the {@link Endpoints} of a cell in step with its URLs: literal addresses and {@code
 * localhost} stand for themselves, names of http URLs for all their addresses, followed by a {@link
 * Resolver} each. Names of https URLs stand for themselves, too: TLS needs the name, and the JDK's
 * client takes it from the URL only, so it also does the lookup.
 */
public final class Places implements AutoCloseable {
  private final Endpoints endpoints;
  private final List<Source> sources = new ArrayList<>();
  private final List<Resolver> resolvers = new ArrayList<>();
  private final CountDownLatch known = new CountDownLatch(1);
  private boolean started;

  /** What one URL comes down to at the moment. */
  private interface Source {
    List<Target> targets();
  }

  public Places(List<Cell.Address> addresses, Endpoints endpoints, Lookup lookup, Log log) {
    this(addresses, endpoints, lookup, Resolver.PERIOD, log);
  }

  Places(
      List<Cell.Address> addresses, Endpoints endpoints, Lookup lookup, Duration period, Log log) {
    this.endpoints = endpoints;
    for (Cell.Address address : addresses) {
      String host = address.api().getHost();
      if (address.api().getScheme().equals("https") || standsForItself(host)) {
        List<Target> itself = List.of(Target.asConfigured(address));
        sources.add(() -> itself);
      } else {
        Resolver resolver = new Resolver(host, lookup, period, this::update, log);
        resolvers.add(resolver);
        sources.add(
            () -> resolver.addresses().stream().map(each -> Target.at(address, each)).toList());
      }
    }
    update();
  }

  private static boolean standsForItself(String host) {
    if (host.equals("localhost") || host.startsWith("[")) {
      return true;
    }
    try {
      InetAddress.ofLiteral(host);
      return true;
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  /** Begins to look names up; does nothing the second time. */
  public synchronized void start() {
    if (!started) {
      started = true;
      resolvers.forEach(Resolver::start);
    }
  }

  public Endpoints endpoints() {
    return endpoints;
  }

  /**
   * Waits until a place is known, or every name has been looked up once, in vain. Returns at once
   * ever after.
   *
   * @return false when neither has come about in time
   */
  public boolean await(long nanos) throws InterruptedException {
    if (known.getCount() == 0) {
      return true;
    }
    start();
    return known.await(nanos, TimeUnit.NANOSECONDS);
  }

  private synchronized void update() {
    Set<Target> targets = new LinkedHashSet<>();
    sources.forEach(source -> targets.addAll(source.targets()));
    endpoints.replace(List.copyOf(targets));
    if (!targets.isEmpty() || resolvers.stream().allMatch(Resolver::everAsked)) {
      known.countDown();
    }
  }

  /** Ends the lookups; the places stay as they are. */
  @Override
  public synchronized void close() {
    started = true;
    resolvers.forEach(Resolver::close);
  }
}
