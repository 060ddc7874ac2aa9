package io.cellrouter.fault;

import io.cellrouter.demo.DemoCell;
import io.cellrouter.demo.Faults;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * The cells of a soak, the router's surroundings, and all that can break in them. Cells "1" and "2"
 * are well at all times.
 */
final class SoakScene implements AutoCloseable {
  private static final List<String> WELL = List.of("1", "2");

  private final Path file;
  private final Map<String, String> settings = new HashMap<>();
  private final List<String> wrapper = new ArrayList<>();
  private final List<Trouble> troubles = new ArrayList<>();
  private final List<Supplier<? extends Collection<DemoCell.Received>>> receipts =
      new ArrayList<>();
  private final List<AutoCloseable> open = new ArrayList<>();
  private int version = 1;

  private SoakScene(Path folder) {
    this.file = folder.resolve("cells.yaml");
  }

  static SoakScene in(Path folder) throws Exception {
    SoakScene scene = new SoakScene(folder);
    try {
      for (String id : WELL) {
        scene.cell(id);
      }
      scene.slowAndBroken("3");
      scene.restarting("4");
      scene.vanishing("5");
      scene.slowAndBroken("6");
      scene.ofTwoEndpoints("7");
      scene.uploadedTo("8");
      scene.configFile();
      scene.clients();
      scene.clock(folder);
      scene.names(folder);
      return scene;
    } catch (Exception e) {
      scene.close();
      throw e;
    }
  }

  Map<String, String> settings() {
    return settings;
  }

  List<String> wrapper() {
    return wrapper;
  }

  List<Trouble> troubles() {
    return troubles;
  }

  /** All that ever reached a cell. */
  Stream<DemoCell.Received> received() {
    return receipts.stream().flatMap(each -> each.get().stream());
  }

  int version() {
    return version;
  }

  private DemoCell cell(String id) throws IOException {
    DemoCell cell = keep(DemoCell.recording(id));
    receipts.add(cell::received);
    settings.put("NGINX_" + id + "_URL", cell.url());
    return cell;
  }

  private <T extends AutoCloseable> T keep(T part) {
    open.add(part);
    return part;
  }

  private void trouble(String name, String cell, Trial.Step begin, Trial.Step end) {
    troubles.add(new Trouble(name, cell, begin, end));
  }

  private void slowAndBroken(String id) throws IOException {
    DemoCell cell = cell(id);
    Map<String, Faults> faults =
        Map.of(
            "silence", Faults.NONE.with("stall", "headers"),
            "body stalls", Faults.NONE.with("stall", "body"),
            "body drips", Faults.NONE.with("stall", "drip"),
            "resets", Faults.NONE.with("reset-rate", "0.7"),
            "half 5xx", Faults.NONE.with("error-rate", "0.5"),
            "slow", Faults.NONE.with("latency", "1000"));
    faults.keySet().stream()
        .sorted()
        .forEach(
            name ->
                trouble(
                    name,
                    id,
                    router -> cell.faults(faults.get(name)),
                    router -> cell.faults(Faults.NONE)));
    Load[] storm = {null};
    trouble(
        "retry storm",
        id,
        router -> {
          cell.faults(Faults.NONE.with("latency", "100").with("reset-rate", "0.8"));
          storm[0] = Load.start(router.port(), Map.of(id, 300));
        },
        router -> {
          cell.faults(Faults.NONE);
          storm[0].close();
        });
  }

  /** This one records nothing: megabytes add up. */
  private void uploadedTo(String id) throws IOException {
    DemoCell cell = keep(DemoCell.start(id, "nginx-" + id, 0, Faults.NONE));
    settings.put("NGINX_" + id + "_URL", cell.url());
    Uploads[] uploads = {null};
    trouble(
        "large bodies while it hangs",
        id,
        router -> {
          cell.faults(Faults.NONE.with("stall", "headers"));
          uploads[0] = Uploads.start(router, id, 30);
        },
        router -> {
          cell.faults(Faults.NONE);
          uploads[0].close();
        });
  }

  private void restarting(String id) throws IOException {
    RestartableCell cell = keep(new RestartableCell(id));
    receipts.add(cell::received);
    settings.put("NGINX_" + id + "_URL", cell.url());
    trouble("restart", id, router -> cell.stop(), router -> cell.start());
  }

  private void vanishing(String id) throws IOException {
    DemoCell cell = cell(id);
    BlackHole hole = keep(new BlackHole(cell.port()));
    settings.put("NGINX_" + id + "_URL", hole.url());
    trouble("black hole", id, router -> hole.open(), router -> hole.heal());
  }

  private void ofTwoEndpoints(String id) throws IOException {
    RestartableCell a = keep(new RestartableCell(id));
    RestartableCell b = keep(new RestartableCell(id));
    receipts.add(a::received);
    receipts.add(b::received);
    settings.put("NGINX_" + id + "_URL", a.url() + "," + b.url());
    trouble("one endpoint restarts", id, router -> a.stop(), router -> a.start());
    trouble(
        "all endpoints restart",
        id,
        router -> {
          a.stop();
          b.stop();
        },
        router -> {
          a.start();
          b.start();
        });
  }

  private void configFile() throws IOException {
    write(good());
    settings.put("ROUTER_CONFIG", file.toString());
    Trial.Step mend =
        router -> {
          version++;
          write(good());
        };
    trouble("config file corrupt", "", router -> write("cells: {\n"), mend);
    trouble("config file empty", "", router -> write(""), mend);
    trouble("config file gone", "", router -> Files.delete(file), mend);
    trouble("config file older", "", router -> write("version: 0\n" + rest()), mend);
  }

  private String good() {
    return "version: " + version + "\n" + rest();
  }

  private String rest() {
    return "cells:\n  \"1\":\n    max_in_flight: " + (100 + version) + "\n";
  }

  /** As a mounted ConfigMap changes: at once. */
  private void write(String content) throws IOException {
    Path next = Files.writeString(file.resolveSibling("next"), content);
    Files.move(next, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  private void clients() {
    Crowd[] crowd = {null};
    trouble(
        "idle connections and slow headers",
        "",
        router -> crowd[0] = Crowd.of(router, 500, 200),
        router -> crowd[0].close());
  }

  private void clock(Path folder) throws IOException, InterruptedException {
    Optional<WallClock> found = WallClock.in(folder);
    if (found.isPresent()) {
      WallClock clock = found.orElseThrow();
      settings.putAll(clock.environment());
      Trial.Step right = router -> clock.shift(Duration.ZERO);
      trouble("clock a day ahead", "", router -> clock.shift(Duration.ofDays(1)), right);
      trouble("clock a day behind", "", router -> clock.shift(Duration.ofDays(-1)), right);
    }
  }

  /** With it, cell "2" is found by its name. */
  private void names(Path folder) throws IOException, InterruptedException {
    Optional<List<String>> resolver = OwnResolver.command(folder);
    if (resolver.isPresent()) {
      wrapper.addAll(resolver.orElseThrow());
      NameServer names = keep(NameServer.start());
      settings.compute("NGINX_2_URL", (key, url) -> url.replace("127.0.0.1", "cell-2.test"));
      trouble("DNS silent", "", router -> names.silent(true), router -> names.silent(false));
    }
  }

  @Override
  public void close() throws Exception {
    for (AutoCloseable part : open.reversed()) {
      part.close();
    }
  }
}
