package io.cellrouter.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class ConfigDiffTest {
  private static RouterConfig load(String content) throws ConfigException {
    return ConfigLoader.load(
        Map.of("ROUTER_CONFIG", "cells.yaml"), content.getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void everyChangeIsALineInWordsWithItsUnit() throws Exception {
    RouterConfig before =
        load(
            """
            version: 7
            cells:
              "1": {url: "http://a", name: one, breaker_slow_after: 1.5}
              "2": {url: "http://b"}
              "3": {url: "http://c", share: 1}
              "10": {url: "http://j"}
            clients:
              acme: {rate: 100, burst: 200}
              beta: {rate: 5}
            """);
    RouterConfig after =
        load(
            """
            version: 8
            defaults: {adaptive: true}
            cells:
              "1": {urls: ["http://a", "http://b"], name: uno, rate: 12.5, adaptive: no, max_in_flight: 64}
              "2": {url: "http://b", state: draining, breaker_failure_statuses: 503, adaptive: no}
              "3": {url: "http://c", share: 100}
              "4": {url: "http://d", share: 5, state: disabled, eject: 1.25}
            clients:
              acme: {rate: 0}
              gamma: {rate: 0.5}
            """);

    assertEquals(
        """
        version 7 -> 8
        cell 1: name one -> uno: in answers, metrics and logs too
        cell 1: url http://a -> http://a, http://b
        cell 1: max_in_flight 256 requests -> 64 requests
        cell 1: breaker_slow_after 1.5 s -> off
        cell 1: rate no limit -> 12.5 requests/s
        cell 1: burst none -> 12.5 requests
        cell 2: state active -> draining: new requests will be refused, those in flight finish
        cell 2: breaker_failure_statuses none -> 503
        cell 3: share 1 % -> 100 %: all of its clients will be admitted
        cell 3: adaptive off -> on
        cell 4: added (cell-4, http://d, state disabled, share 5 %, adaptive on, eject 1.25 s)
        cell 10: removed (http://j): requests for it will be refused with unknown_cell
        client acme: 100 requests/s, burst 200 -> no limit
        client beta: 5 requests/s, burst 5 -> as any other client (no limit)
        client gamma: as any other client (no limit) -> 0.5 requests/s, burst 1\
        """,
        String.join("\n", ConfigDiff.between(before, after)));
  }

  @Test
  void anOlderVersionIsSaidToBeRefused() throws Exception {
    String cells = "cells: {a: {url: \"http://a\"}}\n";

    assertEquals(
        List.of("version 7 -> 6: a running router refuses this file as older"),
        ConfigDiff.between(load(cells + "version: 7"), load(cells + "version: 6")));
  }

  @Test
  void whatHoldsForClientsThatAreNotNamedIsComparedToo() throws Exception {
    RouterConfig before = ConfigLoader.load(Map.of("NGINX_1_URL", "http://a"));
    RouterConfig after =
        ConfigLoader.load(
            Map.of("NGINX_1_URL", "http://a", "CLIENT_RATE", "20", "CLIENT_BURST", "30"));

    assertEquals(
        List.of("every other client: no limit -> 20 requests/s, burst 30"),
        ConfigDiff.between(before, after));
  }

  /** Five hundred pairs of files, half of them one small change apart. */
  @Test
  void thereIsALineIfAndOnlyIfSomethingDiffers() throws Exception {
    long seed = new Random().nextLong();
    Random random = new Random(seed);
    int same = 0;
    for (int i = 0; i < 500; i++) {
      Generated one = Generated.any(random);
      Generated other = random.nextBoolean() ? one.changed(random) : Generated.any(random);
      RouterConfig before = load(one.yaml());
      RouterConfig after = load(other.yaml());
      boolean differ =
          !before.cells().equals(after.cells())
              || !before.clientRates().equals(after.clientRates())
              || !before.source().equals(after.source());
      same += differ ? 0 : 1;
      String which = "seed " + seed + ", pair " + i + "\n" + one.yaml() + "\n" + other.yaml();
      assertEquals(List.of(), ConfigDiff.between(before, load(one.yaml())), which);
      List<String> lines = ConfigDiff.between(before, after);
      assertEquals(differ, !lines.isEmpty(), () -> which + lines);
      assertEquals(lines.size(), ConfigDiff.between(after, before).size(), which);
      assertEquals(lines.size(), lines.stream().distinct().count(), which);
    }
    assertTrue(same > 5, "too few pairs that are equal were tried: " + same);
  }

  /** A file as its lines, by the place where they stand. */
  private record Generated(Map<String, String> values) {
    private static final List<String> CELLS = List.of("1", "2", "10", "eu");

    static Generated any(Random random) {
      Map<String, String> values = new TreeMap<>();
      for (int i = random.nextInt(12); i >= 0; i--) {
        put(values, random);
      }
      return new Generated(values);
    }

    /** The same but for one value, which may happen to be the default or the one it was. */
    Generated changed(Random random) {
      Map<String, String> values = new TreeMap<>(this.values);
      if (random.nextBoolean() && !values.isEmpty()) {
        values.remove(List.copyOf(values.keySet()).get(random.nextInt(values.size())));
      } else {
        put(values, random);
      }
      return new Generated(values);
    }

    private static void put(Map<String, String> values, Random random) {
      String cell = "cells." + CELLS.get(random.nextInt(CELLS.size()));
      switch (random.nextInt(8)) {
        case 0 -> values.put("version", Integer.toString(1 + random.nextInt(3)));
        case 1 -> values.put(cell + ".share", Integer.toString(50 * random.nextInt(3)));
        case 2 -> values.put(cell + ".state", state(random).label());
        case 3 -> values.put(cell + ".name", "n" + random.nextInt(2) + cell.replace("cells.", "-"));
        case 4 -> values.put("clients.c" + random.nextInt(3) + ".rate", "" + random.nextInt(3));
        default -> {
          CellSetting setting = CellSetting.values()[random.nextInt(CellSetting.values().length)];
          List<String> samples = Samples.of(setting);
          values.put(
              (random.nextInt(3) == 0 ? "defaults" : cell) + "." + setting.key(),
              "\"" + samples.get(random.nextInt(samples.size())) + "\"");
        }
      }
    }

    private static CellConfig.CellState state(Random random) {
      CellConfig.CellState[] states = CellConfig.CellState.values();
      return states[random.nextInt(states.length)];
    }

    /** Cell 0 is always there, each of the others when something is said of it. */
    String yaml() {
      StringBuilder yaml = new StringBuilder();
      if (values.containsKey("version")) {
        yaml.append("version: ").append(values.get("version")).append('\n');
      }
      yaml.append("defaults:\n");
      members("defaults.").forEach((key, value) -> line(yaml, "  ", key, value));
      yaml.append("cells:\n  \"0\": {url: \"http://zero\"}\n");
      for (String id : CELLS) {
        Map<String, String> members = members("cells." + id + ".");
        if (!members.isEmpty()) {
          yaml.append("  \"")
              .append(id)
              .append("\":\n    url: http://cell-")
              .append(id)
              .append('\n');
          // Together they would have to be in order; alone a default yields.
          List.of("min_in_flight", "breaker_open", "eject").forEach(members::remove);
          members.forEach((key, value) -> line(yaml, "    ", key, value));
        }
      }
      yaml.append("clients:\n");
      members("clients.")
          .forEach(
              (key, value) ->
                  yaml.append("  ")
                      .append(key.replace(".rate", ""))
                      .append(": {rate: ")
                      .append(value)
                      .append("}\n"));
      return yaml.toString();
    }

    private static void line(StringBuilder yaml, String indent, String key, String value) {
      if (!(indent.equals("  ")
          && List.of("min_in_flight", "breaker_open", "eject").contains(key))) {
        yaml.append(indent).append(key).append(": ").append(value).append('\n');
      }
    }

    private Map<String, String> members(String prefix) {
      Map<String, String> members = new TreeMap<>();
      values.forEach(
          (key, value) -> {
            if (key.startsWith(prefix)) {
              members.put(key.substring(prefix.length()), value);
            }
          });
      return members;
    }
  }
}
