package io.cellrouter.fault;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Phaser;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.UnaryOperator;

/**
 * A steady open-loop load: every cell at its own rate, each request on its own virtual thread when
 * it is due, whatever became of those before. Remembers all of them.
 */
final class Load implements AutoCloseable {
  /** Far above what any fault can hold up; beyond it the test itself is what breaks. */
  private static final int MAX_IN_FLIGHT = 5_000;

  /** So that two loads at once never send the same payload. */
  private static final AtomicInteger RUNS = new AtomicInteger();

  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).executor(threads).build();
  private final URI route;
  private final Map<String, Integer> rates = new ConcurrentHashMap<>();
  private final UnaryOperator<HttpRequest.Builder> finish;
  private final int run = RUNS.incrementAndGet();
  private final Queue<Shot> shots = new ConcurrentLinkedQueue<>();
  private final Phaser underWay = new Phaser(1);
  private final AtomicInteger inFlight = new AtomicInteger();
  private final Thread pacer = Thread.ofPlatform().name("load").daemon().unstarted(this::fire);
  private volatile boolean stopped;
  private volatile long latestNanos;

  /**
   * @param port of the router
   * @param rates requests a second, by cell ID; each above 0
   * @param finish may add headers; each request is a POST unless it says otherwise
   */
  Load(int port, Map<String, Integer> rates, UnaryOperator<HttpRequest.Builder> finish) {
    this.route = URI.create("http://127.0.0.1:" + port + "/api/route");
    this.rates.putAll(rates);
    this.finish = finish;
  }

  static Load start(int port, Map<String, Integer> rates) {
    return start(port, rates, UnaryOperator.identity());
  }

  static Load start(
      int port, Map<String, Integer> rates, UnaryOperator<HttpRequest.Builder> finish) {
    Load load = new Load(port, rates, finish);
    load.pacer.start();
    return load;
  }

  /** Asks one cell at another rate from now on; above 0. */
  void rate(String cell, int perSecond) {
    rates.put(cell, perSecond);
  }

  /**
   * How late a request was sent at most. Its thread does nothing but send, so when that stood
   * still, the machine did, and all that was due came at once.
   */
  Duration latest() {
    return Duration.ofNanos(latestNanos);
  }

  /** What has been answered so far, in no order. */
  List<Shot> shots() {
    return List.copyOf(shots);
  }

  /** Sends nothing more, and waits for what is under way. */
  void stop() throws InterruptedException {
    stopped = true;
    pacer.join();
    if (!underWay.isTerminated()) {
      underWay.awaitAdvance(underWay.arriveAndDeregister());
    }
  }

  /** Ends the connections too. */
  @Override
  public void close() throws InterruptedException {
    stop();
    client.shutdownNow();
    threads.shutdownNow();
  }

  private void fire() {
    long start = System.nanoTime();
    Map<String, Long> next = new ConcurrentHashMap<>();
    rates.keySet().forEach(cell -> next.put(cell, start));
    for (long number = 0; !stopped; number++) {
      Map.Entry<String, Long> first =
          next.entrySet().stream().min(Map.Entry.comparingByValue()).orElseThrow();
      String cell = first.getKey();
      long due = first.getValue();
      for (long wait = due - System.nanoTime(); wait > 0; wait = due - System.nanoTime()) {
        LockSupport.parkNanos(wait);
      }
      latestNanos = Math.max(latestNanos, System.nanoTime() - due);
      next.put(cell, due + 1_000_000_000L / rates.get(cell));
      String id = cell + "-" + run + "-" + number;
      if (inFlight.incrementAndGet() > MAX_IN_FLIGHT) {
        inFlight.decrementAndGet();
        shots.add(new Shot(cell, id, due, System.nanoTime(), "no answer (not sent: too many)"));
      } else {
        underWay.register();
        threads.execute(() -> send(cell, id, due));
      }
    }
  }

  private void send(String cell, String id, long due) {
    try {
      String outcome = ask(cell, id);
      shots.add(new Shot(cell, id, due, System.nanoTime(), outcome));
    } finally {
      inFlight.decrementAndGet();
      underWay.arriveAndDeregister();
    }
  }

  private String ask(String cell, String id) {
    String body = "{\"cellID\":\"" + cell + "\",\"payload\":{\"id\":\"" + id + "\"}}";
    HttpRequest.Builder request =
        HttpRequest.newBuilder(route)
            .timeout(Duration.ofSeconds(20))
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(body));
    try {
      HttpResponse<String> answer =
          client.send(finish.apply(request).build(), HttpResponse.BodyHandlers.ofString());
      return outcome(cell, answer);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return "no answer (interrupted)";
    } catch (IOException e) {
      return "no answer (" + e + ")";
    }
  }

  private static String outcome(String cell, HttpResponse<String> answer) {
    Optional<String> from = answer.headers().firstValue("X-Cell");
    if (answer.statusCode() == 200 && !from.equals(Optional.of(cell))) {
      return "200 of cell " + from.orElse("(none)");
    }
    return Seen.in(answer);
  }
}
