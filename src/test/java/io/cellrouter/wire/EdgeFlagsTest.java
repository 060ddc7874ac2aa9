package io.cellrouter.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cellrouter.config.ConfigException;
import io.cellrouter.config.ConfigLoader;
import io.cellrouter.config.RouterConfig;
import io.cellrouter.edge.EdgeFlags;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The limits of the JDK's server and client, in {@code jlink/edge.options} and as checked. */
class EdgeFlagsTest {
  private static final String SERVER = "sun.net.httpserver.";

  /** Their defaults do no harm: they only say in the file what holds anyway. */
  private static final Set<String> NOT_CHECKED =
      Set.of(SERVER + "drainAmount", "jdk.http.maxHeaderSize");

  private static Map<String, String> options() throws IOException {
    Map<String, String> options = new HashMap<>();
    for (String line : Files.readAllLines(Path.of("jlink", "edge.options"))) {
      if (line.startsWith("-D")) {
        String[] parts = line.substring(2).split("=", 2);
        options.put(parts[0], parts[1]);
      }
    }
    return options;
  }

  private static RouterConfig config(String... settings) throws ConfigException {
    Map<String, String> environment = new HashMap<>(Map.of("NGINX_1_URL", "http://127.0.0.1:1"));
    for (int i = 0; i < settings.length; i += 2) {
      environment.put(settings[i], settings[i + 1]);
    }
    return ConfigLoader.load(environment);
  }

  private static List<String> problemsWith(String name, String value) throws Exception {
    Map<String, String> options = options();
    options.put(name, value);
    return EdgeFlags.problems(options::get, config());
  }

  @Test
  void serveWithTheFileAsItStands() throws Exception {
    assertEquals(List.of(), EdgeFlags.problems(options()::get, config()));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        SERVER + "maxReqTime",
        SERVER + "maxRspTime",
        SERVER + "idleInterval",
        SERVER + "clockTick",
        SERVER + "maxReqHeaders",
        SERVER + "maxReqHeaderSize",
        SERVER + "maxIdleConnections",
        SERVER + "nodelay",
        "jdk.httpserver.maxConnections",
        "jdk.httpclient.redirects.retrylimit",
        "jdk.httpclient.keepalive.timeout",
        "jdk.httpclient.disableRetryConnect",
        "jdk.httpclient.allowRestrictedHeaders",
        "sun.net.inetaddr.ttl"
      })
  void areEachMissedInASentence(String name) throws Exception {
    for (String odd : new String[] {null, "", "x", "0", "-1", "99999999999", "1e3", "false"}) {
      List<String> problems = problemsWith(name, odd);
      assertEquals(1, problems.size(), odd + ": " + problems);
      assertTrue(problems.getFirst().startsWith("-D" + name + " must be "), problems.getFirst());
    }
  }

  @Test
  void areAllCheckedExceptThoseThatOnlyRepeatADefault() throws Exception {
    Map<String, String> options = options();
    Set<String> unchecked = new TreeSet<>();
    for (String name : options.keySet()) {
      if (problemsWith(name, null).isEmpty()) {
        unchecked.add(name);
      }
    }
    assertEquals(new TreeSet<>(NOT_CHECKED), unchecked);
    assertEquals(
        options.size() - NOT_CHECKED.size(),
        EdgeFlags.problems(name -> null, config()).size(),
        "something is checked that the file does not set");
  }

  @ParameterizedTest
  @CsvSource({"59, 0", "59.9, 0", "60, 1", "61, 1", "3600, 1"})
  void leaveTheDeadlineRoomBelowTheTimeForAResponse(String timeout, int problems) throws Exception {
    List<String> found = EdgeFlags.problems(options()::get, config("REQUEST_TIMEOUT", timeout));
    assertEquals(problems, found.size(), found.toString());
    found.forEach(problem -> assertTrue(problem.startsWith("REQUEST_TIMEOUT of "), problem));
  }

  @Test
  void leaveTheRoutersOwnHeaderLimitRoomToAnswer() throws Exception {
    Map<String, String> options = options();
    options.put(SERVER + "maxReqHeaderSize", "8191");

    List<String> problems = EdgeFlags.problems(options::get, config());

    assertEquals(1, problems.size());
    assertTrue(problems.getFirst().startsWith("MAX_HEADER_BYTES must not exceed "));
  }
}
