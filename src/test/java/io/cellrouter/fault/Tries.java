package io.cellrouter.fault;

/** Begins a trial anew that failed while the machine was not its alone, and only then. */
final class Tries {
  /** How often a trial is made in all. */
  static final int MOST = 3;

  private Tries() {}

  /** A whole trial, from a router of its own to the row. */
  interface Trying {
    void run() throws Exception;
  }

  /** The machine was not this trial's alone when it failed. */
  static final class DisturbedException extends Exception {
    private static final long serialVersionUID = 1L;

    DisturbedException(Machine machine, AssertionError seen) {
      super(machine.toString(), seen);
    }
  }

  /** Runs the checks; what fails is the machine's fault only if that was {@code disturbed}. */
  static <T> T judge(Checks<T> checks, Looked machine) throws Exception {
    try {
      return checks.check();
    } catch (AssertionError e) {
      // Only then: what holds on a machine like that holds all the more.
      Machine looked = machine.look();
      if (looked.disturbed()) {
        throw new DisturbedException(looked, e);
      }
      throw e;
    }
  }

  /** What a trial asserts of the requests it saw. */
  interface Checks<T> {
    T check();
  }

  /** Looks at the machine. */
  interface Looked {
    Machine look() throws Exception;
  }

  /**
   * Tries until it is not disturbed.
   *
   * @return how often it was begun anew
   */
  static int of(Object what, Trying trying) throws Exception {
    for (int tries = 1; ; tries++) {
      try {
        trying.run();
        return tries - 1;
      } catch (DisturbedException e) {
        System.out.println(what + ", try " + tries + ": " + e.getMessage());
        if (tries == MOST) {
          throw e;
        }
      }
    }
  }
}
