package io.cellrouter.support;

import com.fasterxml.jackson.jr.ob.JSON;
import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * One page in a headless Chromium, driven by the Chrome DevTools protocol. It keeps what the page
 * complained about and which addresses it asked for. Every host name leads to this machine's
 * loopback ({@link #HOST}) or nowhere.
 */
public final class Browser implements AutoCloseable {
  /** A name for loopback that pages do not treat like {@code localhost}. */
  public static final String HOST = "router.test";

  private static final List<String> NAMES =
      List.of("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome");
  private static final int PATIENCE_SECONDS = 60;

  private final Process process;
  private final Path profile;
  private final HttpClient client = HttpClient.newHttpClient();
  private final Map<Integer, CompletableFuture<Map<String, Object>>> calls =
      new ConcurrentHashMap<>();
  private final AtomicInteger ids = new AtomicInteger();
  private final List<String> complaints = new CopyOnWriteArrayList<>();
  private final List<String> requests = new CopyOnWriteArrayList<>();
  private final WebSocket socket;
  private final String session;

  private Browser(Process process, Path profile, URI devTools) throws Exception {
    this.process = process;
    this.profile = profile;
    this.socket = client.newWebSocketBuilder().buildAsync(devTools, new Incoming()).get();
    Object target = call("", "Target.createTarget", Map.of("url", "about:blank")).get("targetId");
    this.session =
        (String)
            call("", "Target.attachToTarget", Map.of("targetId", target, "flatten", true))
                .get("sessionId");
    for (String domain : List.of("Page", "Runtime", "Log", "Network", "Audits")) {
      call(domain + ".enable", Map.of());
    }
  }

  /** Starts a browser with an empty profile; fails, saying what to install, when there is none. */
  public static Browser open() throws Exception {
    Path profile = Files.createTempDirectory("browser-test");
    Process process =
        new ProcessBuilder(
                executable(),
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-quic",
                "--disable-dev-shm-usage",
                "--no-first-run",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
                "--hide-scrollbars",
                "--window-size=1280,1400",
                "--user-data-dir=" + profile,
                "--remote-debugging-port=0",
                "--remote-allow-origins=*",
                "--host-resolver-rules=MAP " + HOST + " 127.0.0.1, MAP * ~NOTFOUND",
                "about:blank")
            .redirectErrorStream(true)
            .redirectOutput(profile.resolve("output.log").toFile())
            .start();
    try {
      return new Browser(process, profile, devTools(profile));
    } catch (Exception | AssertionError e) {
      process.destroyForcibly();
      throw e;
    }
  }

  private static String executable() {
    return Stream.of(System.getenv("PATH").split(File.pathSeparator))
        .flatMap(folder -> NAMES.stream().map(name -> Path.of(folder, name)))
        .filter(Files::isExecutable)
        .map(Path::toString)
        .findFirst()
        .orElseThrow(
            () ->
                new AssertionError(
                    "The browser tests need Chromium or Google Chrome on the PATH: install it (on"
                        + " Debian: apt-get install chromium), or leave these tests out with"
                        + " ./build.sh unit."));
  }

  /** Chromium writes the port it took, and the path of its socket, into its profile. */
  private static URI devTools(Path profile) {
    Path file = profile.resolve("DevToolsActivePort");
    List<String> lines =
        eventually(
            () -> "the browser did not start, see " + profile.resolve("output.log"),
            () -> {
              List<String> read = Files.exists(file) ? Files.readAllLines(file) : List.of();
              return read.size() == 2 ? Optional.of(read) : Optional.empty();
            });
    return URI.create("ws://127.0.0.1:" + lines.getFirst() + lines.getLast());
  }

  /** Goes to an address; what was noted of the page before is forgotten. */
  public void go(String url) {
    complaints.clear();
    requests.clear();
    Map<String, Object> gone = call("Page.navigate", Map.of("url", url));
    if (gone.containsKey("errorText")) {
      throw new AssertionError(url + ": " + gone);
    }
  }

  /** The value of a JavaScript expression; null for undefined. */
  public Object evaluate(String expression) {
    Map<String, Object> answer =
        call(
            "Runtime.evaluate",
            Map.of("expression", expression, "returnByValue", true, "awaitPromise", true));
    if (answer.containsKey("exceptionDetails")) {
      throw new AssertionError(expression + " threw " + answer);
    }
    return ((Map<?, ?>) answer.get("result")).get("value");
  }

  /** Waits until the expression is true. */
  public void until(String expression) {
    eventually(
        () ->
            expression
                + " did not come true; complaints: "
                + complaints
                + "; requests: "
                + requests,
        () ->
            Boolean.TRUE.equals(evaluate("Boolean(" + expression + ")"))
                ? Optional.of(true)
                : Optional.empty());
  }

  /** Clicks the first element of a CSS selector, as soon as it is there. */
  public void click(String selector) {
    String element = "document.querySelector(" + quoted(selector) + ")";
    until(element);
    evaluate(element + ".click()");
  }

  /** The text of the page as a reader sees it. */
  public String text() {
    return String.valueOf(evaluate("document.body ? document.body.innerText : ''"));
  }

  /** Errors and warnings of the console, uncaught exceptions, violations of the page's policy. */
  public List<String> complaints() {
    return List.copyOf(complaints);
  }

  /** Every address asked for, {@code data:} and {@code blob:} ones included. */
  public List<String> requests() {
    return List.copyOf(requests);
  }

  /** A picture of what the window shows. */
  public byte[] screenshot() {
    return Base64.getDecoder()
        .decode((String) call("Page.captureScreenshot", Map.of("format", "png")).get("data"));
  }

  public static String quoted(String text) {
    try {
      return JSON.std.asString(text);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private Map<String, Object> call(String method, Map<String, Object> parameters) {
    return call(session, method, parameters);
  }

  private Map<String, Object> call(String session, String method, Map<String, Object> parameters) {
    int id = ids.incrementAndGet();
    CompletableFuture<Map<String, Object>> answer = new CompletableFuture<>();
    calls.put(id, answer);
    Map<String, Object> message =
        session.isEmpty()
            ? Map.of("id", id, "method", method, "params", parameters)
            : Map.of("id", id, "method", method, "params", parameters, "sessionId", session);
    try {
      socket.sendText(JSON.std.asString(message), true).get(PATIENCE_SECONDS, TimeUnit.SECONDS);
      return answer.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    } catch (IOException | ExecutionException | TimeoutException e) {
      throw new AssertionError("the browser did not do " + method, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted", e);
    }
  }

  /** Puts the frames of a message together and sorts answers from events. */
  private final class Incoming implements WebSocket.Listener {
    private final StringBuilder text = new StringBuilder();

    @Override
    public CompletionStage<?> onText(WebSocket from, CharSequence data, boolean last) {
      text.append(data);
      if (last) {
        try {
          message(JSON.std.mapFrom(text.toString()));
        } catch (IOException e) {
          complaints.add("unreadable message of the browser: " + e);
        }
        text.setLength(0);
      }
      from.request(1);
      return null;
    }
  }

  private void message(Map<String, Object> message) {
    if (message.get("id") instanceof Integer id) {
      CompletableFuture<Map<String, Object>> call = calls.remove(id);
      if (message.get("result") instanceof Map<?, ?>) {
        call.complete(object(message, "result"));
      } else {
        call.completeExceptionally(new IllegalStateException(message.toString()));
      }
      return;
    }
    Map<String, Object> event = object(message, "params");
    switch (String.valueOf(message.get("method"))) {
      case "Network.requestWillBeSent" ->
          requests.add(String.valueOf(object(event, "request").get("url")));
      case "Network.webSocketCreated" -> requests.add(String.valueOf(event.get("url")));
      case "Runtime.exceptionThrown" -> complaints.add(event.toString());
      case "Audits.issueAdded" -> {
        // Generic ones are advice about forms and history.
        if (!"GenericIssue".equals(object(event, "issue").get("code"))) {
          complaints.add(event.toString());
        }
      }
      case "Log.entryAdded" -> {
        if (List.of("error", "warning").contains(object(event, "entry").get("level"))) {
          complaints.add(event.toString());
        }
      }
      case "Runtime.consoleAPICalled" -> {
        if (List.of("error", "warning", "assert").contains(event.get("type"))) {
          complaints.add(event.toString());
        }
      }
      default -> {
        // Of no interest here.
      }
    }
  }

  @SuppressWarnings("unchecked")
  private static Map<String, Object> object(Map<String, Object> of, String member) {
    return (Map<String, Object>) of.get(member);
  }

  /** Something that may not be there yet. */
  private interface Attempt<T> {
    Optional<T> make() throws IOException;
  }

  /** A browser on a busy machine takes longer than anything {@link Eventually} waits for. */
  private static <T> T eventually(Supplier<String> otherwise, Attempt<T> attempt) {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
    while (System.nanoTime() < end) {
      try {
        Optional<T> made = attempt.make();
        if (made.isPresent()) {
          return made.get();
        }
        TimeUnit.MILLISECONDS.sleep(50);
      } catch (IOException e) {
        throw new AssertionError(otherwise.get(), e);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new AssertionError("interrupted", e);
      }
    }
    throw new AssertionError(otherwise.get());
  }

  @Override
  public void close() throws Exception {
    try {
      call("", "Browser.close", Map.of());
    } finally {
      if (!process.waitFor(10, TimeUnit.SECONDS)) {
        process.destroyForcibly().waitFor();
      }
      client.shutdownNow();
      try (Stream<Path> files = Files.walk(profile)) {
        List<Path> all = new ArrayList<>(files.toList());
        all.sort(Comparator.reverseOrder());
        for (Path each : all) {
          Files.deleteIfExists(each);
        }
      }
    }
  }
}
