package io.cellrouter.resilience.endpoint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cellrouter.cell.Cell;
import io.cellrouter.config.CellConfig;
import io.cellrouter.config.CellPolicy;
import io.cellrouter.config.LogLevel;
import io.cellrouter.support.Eventually;
import io.cellrouter.telemetry.Log;
import io.cellrouter.telemetry.LogWriter;
import java.io.ByteArrayOutputStream;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class PlacesTest {
  private static final long SECOND = 1_000_000_000;
  private static final Duration OFTEN = Duration.ofMillis(2);

  private final ByteArrayOutputStream logged = new ByteArrayOutputStream();
  private final LogWriter writer = new LogWriter(logged);
  private final Map<String, List<String>> names = new ConcurrentHashMap<>();
  private final AtomicInteger lookups = new AtomicInteger();
  private Places places;

  @AfterEach
  void close() {
    if (places != null) {
      places.close();
    }
    writer.close();
  }

  @Test
  void aNameStandsForAllItsAddressesAndIsSentAsHost() throws Exception {
    names.put("cells.test", List.of("10.0.0.2", "10.0.0.1"));
    follow("http://cells.test:8080/base", "http://cells.test");
    assertTrue(places.await(SECOND));
    Eventually.isTrue(() -> targets().size() == 4);

    assertEquals(
        List.of(
            "http://10.0.0.1/api as cells.test",
            "http://10.0.0.1:8080/base/api as cells.test:8080",
            "http://10.0.0.2/api as cells.test",
            "http://10.0.0.2:8080/base/api as cells.test:8080"),
        targets().stream().map(each -> each.api() + " as " + each.host()).sorted().toList());
    assertTrue(
        targets().stream()
            .anyMatch(each -> each.health().toString().equals("http://10.0.0.1:8080/base/health")));
  }

  @Test
  void theSchemesOwnPortIsLeftOutOfHostAsTheClientDoes() throws Exception {
    names.put("cells.test", List.of("10.0.0.1"));
    follow("http://cells.test:80");
    assertTrue(places.await(SECOND));
    assertEquals("cells.test", targets().getFirst().host());
    assertEquals("10.0.0.1:80", targets().getFirst().address());
  }

  @Test
  void addressesOfTheSixthVersionStandInBrackets() throws Exception {
    names.put("cells.test", List.of("2001:db8::1"));
    follow("http://cells.test:8080");
    assertTrue(places.await(SECOND));
    assertEquals("http://[2001:db8:0:0:0:0:0:1]:8080/api", targets().getFirst().api().toString());
  }

  @Test
  void onlyTheFamilyOfTheFirstAddressCounts() throws Exception {
    names.put("cells.test", List.of("10.0.0.1", "2001:db8::1", "10.0.0.2"));
    follow("http://cells.test");
    assertTrue(places.await(SECOND));
    assertEquals(
        List.of("10.0.0.1:80", "10.0.0.2:80"), targets().stream().map(Target::address).toList());
  }

  @Test
  void addressesLocalhostAndHttpsNeedNoLookup() throws Exception {
    follow("http://127.0.0.1:1", "http://localhost:2", "http://[::1]:3", "https://cells.test");
    places.start();
    assertTrue(places.await(0));
    assertEquals(0, lookups.get());
    assertEquals(
        List.of(
            "http://127.0.0.1:1/api as ",
            "http://localhost:2/api as ",
            "http://[::1]:3/api as ",
            "https://cells.test/api as "),
        targets().stream().map(each -> each.api() + " as " + each.host()).toList());
  }

  @Test
  void aNameThatIsNotFoundIsWaitedForOnceAndMayTurnUpLater() throws Exception {
    follow("http://cells.test");
    assertTrue(places.await(SECOND), "it is known that nothing is known");
    assertEquals(List.of(), targets());
    assertTrue(places.endpoints().take().isEmpty());

    names.put("cells.test", List.of("10.0.0.1"));
    Eventually.isTrue(() -> targets().size() == 1);
    Eventually.isTrue(() -> log().contains("cells.test stands for 10.0.0.1"));
  }

  @Test
  void theLastAnswerStaysAndItsLossIsLoggedOnce() throws Exception {
    names.put("cells.test", List.of("10.0.0.1", "10.0.0.2"));
    follow("http://cells.test");
    assertTrue(places.await(SECOND));
    names.remove("cells.test");
    int then = lookups.get();
    Eventually.isTrue(() -> lookups.get() > then + 20);

    assertEquals(2, targets().size());
    assertTrue(places.await(0));
    writer.close();
    assertEquals(
        1, log().lines().filter(line -> line.contains("it stays at 10.0.0.1, 10.0.0.2")).count());
  }

  @Test
  void aLookupThatFailsUnexpectedlyIsNotTheLast() throws Exception {
    names.put("cells.test", List.of("not an address"));
    follow("http://cells.test");
    assertTrue(places.await(SECOND));
    names.put("cells.test", List.of("10.0.0.1"));
    Eventually.isTrue(() -> targets().size() == 1);
  }

  @Test
  void anErrorOfALookupIsNotTheLast() throws Exception {
    AtomicBoolean broken = new AtomicBoolean(true);
    names.put("cells.test", List.of("10.0.0.1"));
    places =
        places(
            host -> {
              if (broken.get()) {
                lookups.incrementAndGet();
                throw new LinkageError("planted");
              }
              return lookup(host);
            },
            "http://cells.test");
    assertTrue(places.await(SECOND), "it has been looked up, in vain");
    Eventually.isTrue(() -> lookups.get() >= 2);
    broken.set(false);
    Eventually.isTrue(() -> targets().size() == 1);
  }

  @Test
  void whoCannotTakeAnAddressIsToldOfItAgain() {
    AtomicInteger told = new AtomicInteger();
    try (Resolver resolver =
        new Resolver(
            "cells.test",
            host -> new InetAddress[] {InetAddress.ofLiteral("10.0.0.1")},
            OFTEN,
            () -> {
              if (told.incrementAndGet() < 3) {
                throw new LinkageError("planted");
              }
            },
            new Log(LogLevel.INFO, Clock.systemUTC(), writer))) {
      resolver.start();
      Eventually.isTrue(() -> told.get() == 3);
    }
  }

  @Test
  void aLookupThatHangsDelaysNoOtherAndIsNotBegunTwice() throws Exception {
    CountDownLatch never = new CountDownLatch(1);
    AtomicInteger hanging = new AtomicInteger();
    names.put("cells.test", List.of("10.0.0.1"));
    places =
        places(
            host -> {
              if (host.equals("hangs.test")) {
                hanging.incrementAndGet();
                awaitUninterruptibly(never);
              }
              return lookup(host);
            },
            "http://hangs.test",
            "http://cells.test");
    assertTrue(places.await(SECOND), "one of the two is known");
    int then = lookups.get();
    Eventually.isTrue(() -> lookups.get() > then + 20);

    assertEquals(List.of("10.0.0.1:80"), targets().stream().map(Target::address).toList());
    assertEquals(1, hanging.get());
    never.countDown();
  }

  @Test
  void whoComesBeforeTheFirstAnswerWaitsNoLongerThanItMay() throws Exception {
    CountDownLatch never = new CountDownLatch(1);
    places =
        places(
            host -> {
              awaitUninterruptibly(never);
              return lookup(host);
            },
            "http://cells.test");
    names.put("cells.test", List.of("10.0.0.1"));
    assertFalse(places.await(SECOND / 50));
    never.countDown();
    assertTrue(places.await(10 * SECOND));
    assertEquals(1, targets().size());
  }

  @Test
  void addressesThatStayKeepTheirState() throws Exception {
    names.put("cells.test", List.of("10.0.0.1", "10.0.0.2"));
    follow("http://cells.test");
    assertTrue(places.await(SECOND));
    CellPolicy.Ejection once =
        new CellPolicy.Ejection(1, Duration.ofSeconds(30), Duration.ofSeconds(300));
    Endpoints.Use use = places.endpoints().take().orElseThrow();
    use.failed(once);
    String ejected = use.target().address();

    names.put("cells.test", List.of("10.0.0.3", "10.0.0.2", "10.0.0.1"));
    Eventually.isTrue(() -> targets().size() == 3);

    for (Endpoints.View view : places.endpoints().list()) {
      assertEquals(view.address().equals(ejected), view.ejected());
      assertEquals(view.address().equals(ejected) ? 1 : 0, view.inFlight());
    }
    use.close();
  }

  @Test
  void closedLooksNothingUpAnyMore() throws Exception {
    names.put("cells.test", List.of("10.0.0.1"));
    follow("http://cells.test");
    assertTrue(places.await(SECOND));
    places.close();
    Eventually.isTrue(
        () ->
            Thread.getAllStackTraces().keySet().stream()
                .noneMatch(thread -> thread.getName().equals("dns-cells.test")));
    assertEquals(1, targets().size(), "what was known stays");
  }

  private void follow(String... urls) {
    places = places(this::lookup, urls);
  }

  private Places places(Lookup lookup, String... urls) {
    Endpoints endpoints =
        new Endpoints(System::nanoTime, new Random(1), (a, b, c) -> {}, new AtomicLong());
    List<Cell.Address> addresses =
        Stream.of(urls)
            .map(url -> Cell.of(CellConfig.of("1", "one", URI.create(url))))
            .map(cell -> cell.addresses().getFirst())
            .toList();
    return new Places(
        addresses, endpoints, lookup, OFTEN, new Log(LogLevel.INFO, Clock.systemUTC(), writer));
  }

  private InetAddress[] lookup(String host) throws UnknownHostException {
    lookups.incrementAndGet();
    List<String> found = names.get(host);
    if (found == null) {
      throw new UnknownHostException(host);
    }
    return found.stream().map(InetAddress::ofLiteral).toArray(InetAddress[]::new);
  }

  private static void awaitUninterruptibly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private List<Target> targets() {
    return places.endpoints().targets();
  }

  private String log() {
    return logged.toString(StandardCharsets.UTF_8);
  }
}
