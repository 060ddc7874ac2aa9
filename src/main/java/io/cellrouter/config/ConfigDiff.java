package io.cellrouter.config;

import io.cellrouter.config.CellConfig.CellState;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * What would change, in words: one line a change, of all that {@code ROUTER_CONFIG} can change
 * while the router runs. Used before a change by {@code check-config --diff}, after it by the audit
 * log.
 */
public final class ConfigDiff {
  private final List<String> lines = new ArrayList<>();

  private ConfigDiff() {}

  /** Empty if, and only if, version, cells and clients' rates are equal. */
  public static List<String> between(RouterConfig before, RouterConfig after) {
    ConfigDiff diff = new ConfigDiff();
    diff.version(before.source().version(), after.source().version());
    diff.cells(byId(before), byId(after));
    diff.clients(before.clientRates(), after.clientRates());
    return diff.lines;
  }

  private static Map<String, CellConfig> byId(RouterConfig config) {
    Map<String, CellConfig> byId = new TreeMap<>(ConfigLoader.CELL_ORDER);
    config.cells().forEach(cell -> byId.put(cell.id(), cell));
    return byId;
  }

  private void version(long before, long after) {
    if (before != after) {
      lines.add(
          "version "
              + (before == 0 ? "none" : before)
              + " -> "
              + (after == 0 ? "none" : after)
              + (after < before ? ": a running router refuses this file as older" : ""));
    }
  }

  private void cells(Map<String, CellConfig> before, Map<String, CellConfig> after) {
    Map<String, CellConfig> all = new TreeMap<>(ConfigLoader.CELL_ORDER);
    all.putAll(before);
    all.putAll(after);
    for (String id : all.keySet()) {
      Optional<CellConfig> old = Optional.ofNullable(before.get(id));
      Optional<CellConfig> fresh = Optional.ofNullable(after.get(id));
      String cell = "cell " + id + ": ";
      if (old.isEmpty()) {
        lines.add(cell + "added (" + described(fresh.orElseThrow()) + ")");
      } else if (fresh.isEmpty()) {
        lines.add(
            cell
                + "removed ("
                + urls(old.get())
                + "): requests for it will be refused with unknown_cell");
      } else {
        changes(old.get(), fresh.get()).forEach(change -> lines.add(cell + change));
      }
    }
  }

  private static List<String> changes(CellConfig old, CellConfig fresh) {
    List<String> changes = new ArrayList<>();
    if (!old.name().equals(fresh.name())) {
      changes.add(
          "name " + old.name() + " -> " + fresh.name() + ": in answers, metrics and logs too");
    }
    if (!old.urls().equals(fresh.urls())) {
      changes.add("url " + urls(old) + " -> " + urls(fresh));
    }
    if (old.state() != fresh.state()) {
      changes.add(
          "state "
              + old.state().label()
              + " -> "
              + fresh.state().label()
              + ": "
              + meaning(fresh.state()));
    }
    if (old.share() != fresh.share()) {
      changes.add(
          "share "
              + old.share()
              + " % -> "
              + fresh.share()
              + " %: "
              + (fresh.share() == 100
                  ? "all of its clients will be admitted"
                  : 100 - fresh.share() + " % of its clients will be refused"));
    }
    for (CellSetting setting : CellSetting.values()) {
      Object from = setting.of(old.policy());
      Object to = setting.of(fresh.policy());
      if (!from.equals(to)) {
        changes.add(setting.key() + " " + setting.inWords(from) + " -> " + setting.inWords(to));
      }
    }
    return changes;
  }

  private static String meaning(CellState state) {
    return switch (state) {
      case ACTIVE -> "new requests will be admitted";
      case READ_ONLY -> "only requests with the method GET will be admitted";
      case DRAINING -> "new requests will be refused, those in flight finish";
      case DISABLED -> "every request will be refused";
    };
  }

  /** With all that is not as it is by default. */
  private static String described(CellConfig cell) {
    List<String> parts = new ArrayList<>();
    parts.add(cell.name());
    parts.add(urls(cell));
    if (cell.state() != CellState.ACTIVE) {
      parts.add("state " + cell.state().label());
    }
    if (cell.share() != 100) {
      parts.add("share " + cell.share() + " %");
    }
    for (CellSetting setting : CellSetting.values()) {
      Object value = setting.of(cell.policy());
      if (!value.equals(setting.of(CellPolicy.defaults()))) {
        parts.add(setting.key() + " " + setting.inWords(value));
      }
    }
    return String.join(", ", parts);
  }

  private static String urls(CellConfig cell) {
    return cell.urls().stream().map(URI::toString).collect(Collectors.joining(", "));
  }

  private void clients(RouterConfig.ClientRates before, RouterConfig.ClientRates after) {
    if (!before.each().equals(after.each())) {
      lines.add("every other client: " + words(before.each()) + " -> " + words(after.each()));
    }
    Map<String, CellPolicy.Rate> all = new TreeMap<>(before.named());
    all.putAll(after.named());
    for (String client : all.keySet()) {
      Optional<CellPolicy.Rate> old = Optional.ofNullable(before.named().get(client));
      Optional<CellPolicy.Rate> fresh = Optional.ofNullable(after.named().get(client));
      if (old.equals(fresh)) {
        continue;
      }
      lines.add(
          "client "
              + client
              + ": "
              + old.map(ConfigDiff::words).orElseGet(() -> asAnyOther(before))
              + " -> "
              + fresh.map(ConfigDiff::words).orElseGet(() -> asAnyOther(after)));
    }
  }

  private static String asAnyOther(RouterConfig.ClientRates rates) {
    return "as any other client (" + words(rates.each()) + ")";
  }

  private static String words(CellPolicy.Rate rate) {
    return rate.limits()
        ? Values.plain(rate.perSecond()) + " requests/s, burst " + Values.plain(rate.burst())
        : "no limit";
  }
}
