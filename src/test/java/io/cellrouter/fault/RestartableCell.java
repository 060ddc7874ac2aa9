package io.cellrouter.fault;

import io.cellrouter.demo.DemoCell;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** A demo cell that goes and comes back on the same port. */
final class RestartableCell implements AutoCloseable {
  private final String id;
  private final List<DemoCell> lives = new ArrayList<>();

  RestartableCell(String id) throws IOException {
    this.id = id;
    lives.add(DemoCell.recording(id));
  }

  String url() {
    return lives.getFirst().url();
  }

  /** From now on its port refuses connections; those that are open end. */
  void stop() {
    lives.getLast().close();
  }

  void start() throws IOException {
    lives.add(Rebind.of(() -> DemoCell.recording(id, lives.getFirst().port())));
  }

  /** Of all its lives. */
  List<DemoCell.Received> received() {
    return lives.stream().flatMap(each -> each.received().stream()).toList();
  }

  /** How many requests reached it since it was started last. */
  int receivedInThisLife() {
    return lives.getLast().received().size();
  }

  @Override
  public void close() {
    lives.getLast().close();
  }
}
