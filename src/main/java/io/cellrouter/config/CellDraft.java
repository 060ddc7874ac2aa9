package io.cellrouter.config;

import java.net.URI;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/**
 * A cell while file and environment are read; each overwrites what came before. Used by one thread.
 */
final class CellDraft {
  private final String id;

  /** Where it is first named, for sentences about the whole of it. */
  private final String place;

  private final CellValues values = new CellValues();
  private String name;
  private Optional<List<URI>> urls = Optional.empty();
  private CellConfig.CellState state = CellConfig.CellState.ACTIVE;
  private int share = 100;

  CellDraft(String id, String name, String place) {
    this.id = id;
    this.name = name;
    this.place = place;
  }

  void name(String given) {
    name = given;
  }

  void state(CellConfig.CellState given) {
    state = given;
  }

  void share(int percent) {
    share = percent;
  }

  /**
   * @param given none: there was something, but no URL that can be used, and that has been told
   */
  void urls(List<URI> given) {
    urls = Optional.of(given);
  }

  CellValues values() {
    return values;
  }

  /** The cell, unless something is wrong with it, which the consumer is told. */
  Optional<CellConfig> finish(CellValues defaults, Consumer<String> problems) {
    List<String> found = new ArrayList<>();
    CellValues settled = new CellValues();
    settled.putAll(defaults);
    settled.putAll(values);
    settled.settle(found::add);
    if (urls.isEmpty()) {
      found.add("has no \"url\"");
    }
    urls.ifPresent(each -> checkTogether(each, found::add));
    found.forEach(problem -> problems.accept(place + ": cell \"" + id + "\": " + problem));
    return found.isEmpty() && urls.filter(each -> !each.isEmpty()).isPresent()
        ? Optional.of(new CellConfig(id, name, urls.get(), state, share, settled.policy()))
        : Optional.empty();
  }

  private static void checkTogether(List<URI> urls, Consumer<String> problems) {
    Set<String> schemes = new HashSet<>();
    Set<URI> different = new HashSet<>();
    for (URI url : urls) {
      schemes.add(url.getScheme());
      different.add(url);
    }
    if (schemes.size() > 1) {
      problems.accept("its URLs must all be http or all be https");
    }
    if (different.size() < urls.size()) {
      problems.accept("one of its URLs stands twice");
    }
  }
}
