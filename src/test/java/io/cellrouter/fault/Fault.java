package io.cellrouter.fault;

/** The rows of {@code docs/failure-modes.md}, in its order. */
enum Fault {
  REFUSED(1, "The cell's port refuses connections"),
  BLACK_HOLE(2, "SYNs to the cell vanish, and so does what is under way"),
  SILENCE(3, "The cell accepts, then says nothing"),
  BODY_STALL(4, "Headers come, then the body stalls"),
  RESET(5, "The connection is reset in the middle of the body"),
  DRIP(6, "The body comes one byte a second"),
  SERVER_ERRORS(7, "Half of the cell's answers are 5xx"),
  IDLE_CLOSE(8, "The cell closes idle connections exactly when they are reused"),
  RESTART(9, "All endpoints of the cell restart"),
  CONFIG_FILE(10, "The config file is corrupt, empty, gone or older"),
  DNS_GONE(11, "DNS is gone"),
  TERM(12, "SIGTERM under load"),
  HEAP(13, "The heap is at its limit"),
  CONNECTIONS(14, "10,000 idle connections and a slow-header attack"),
  RETRY_STORM(15, "Clients of the cell retry twenty times its load"),
  CLOCK(16, "The wall clock jumps"),
  SLOW(17, "The cell is a hundred times slower"),
  STOPPED(18, "kill -STOP of one cell during ./build.sh traffic");

  private final int number;
  private final String title;

  Fault(int number, String title) {
    this.number = number;
    this.title = title;
  }

  int number() {
    return number;
  }

  String title() {
    return title;
  }
}
