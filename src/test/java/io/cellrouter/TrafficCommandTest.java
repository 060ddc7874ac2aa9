package io.cellrouter;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cellrouter.traffic.Options;
import java.net.URI;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TrafficCommandTest {
  private static final String URL = "http://localhost:8080";

  private static Options parse(String... arguments) {
    return TrafficCommand.parse(Arrays.asList(arguments), Map.of());
  }

  @Test
  void needsNothingButTheUrl() {
    Options options = parse(URL + "/");

    assertEquals(URI.create(URL), options.base());
    assertEquals(Duration.ofMinutes(5), options.duration());
    assertEquals(Duration.ofSeconds(5), options.warmUp());
    assertEquals(200, options.rate());
    assertEquals(Optional.empty(), options.key());
    assertEquals(List.of(), options.cells());
  }

  @Test
  void takesEveryOption() {
    Options options =
        parse(
            "https://router.example/base",
            "--minutes",
            "0.5",
            "--warm-up",
            "1.5",
            "--rate",
            "5000",
            "--seed",
            "7",
            "--key",
            "secret",
            "--cells",
            "1, eu");

    assertEquals(URI.create("https://router.example/base"), options.base());
    assertEquals(Duration.ofSeconds(30), options.duration());
    assertEquals(Duration.ofMillis(1_500), options.warmUp());
    assertEquals(5_000, options.rate());
    assertEquals(7, options.seed());
    assertEquals(Optional.of("secret"), options.key());
    assertEquals(List.of("1", "eu"), options.cells());
    assertFalse(options.toString().contains("secret"));
  }

  @Test
  void takesTheKeyFromTheEnvironmentUnlessOneIsGiven() {
    Map<String, String> environment = Map.of("TRAFFIC_API_KEY", "quiet");

    assertEquals(Optional.of("quiet"), TrafficCommand.parse(List.of(URL), environment).key());
    assertEquals(
        Optional.of("loud"),
        TrafficCommand.parse(List.of(URL, "--key", "loud"), environment).key());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "--minutes 5",
        "localhost:8080",
        "ftp://localhost",
        "http://",
        "http://user@localhost",
        "http://localhost/?q",
        "http://localhost:99999",
        "http://localhost --rate 0",
        "http://localhost --rate 5001",
        "http://localhost --rate x",
        "http://localhost --minutes 0",
        "http://localhost --minutes NaN",
        "http://localhost --minutes 1441",
        "http://localhost --minutes -1",
        "http://localhost --warm-up -1",
        "http://localhost --warm-up 61",
        "http://localhost --warm-up NaN",
        "http://localhost --cells ,",
        "http://localhost --cells a\"b",
        "http://localhost --key \r\nX:1",
        "http://localhost --rate",
        "http://localhost --wat 1",
        "http://localhost http://elsewhere",
      })
  void saysWhatIsWrongWith(String line) {
    IllegalArgumentException refused =
        assertThrows(IllegalArgumentException.class, () -> parse(line.split(" ", -1)));

    assertFalse(refused.getMessage().isBlank());
    assertFalse(refused instanceof NumberFormatException);
  }

  @Test
  void namesEveryOptionInItsHelp() {
    for (String option :
        List.of("--minutes", "--warm-up", "--rate", "--seed", "--key", "--cells")) {
      assertTrue(TrafficCommand.HELP.contains(option), option);
    }
  }
}
