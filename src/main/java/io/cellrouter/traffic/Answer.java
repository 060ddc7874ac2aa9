package io.cellrouter.traffic;

/** What came back for one {@link Shot}. */
sealed interface Answer {
  /** As it stands in the summary. */
  String label();

  /**
   * The router answered.
   *
   * @param cell the {@code X-Cell} header, empty without one
   */
  record Status(int status, String cell) implements Answer {
    @Override
    public String label() {
      return Integer.toString(status);
    }
  }

  /** The client did not wait, as it was meant to. */
  record GaveUp() implements Answer {
    @Override
    public String label() {
      return "gave up";
    }
  }

  /**
   * No answer to a client that waited.
   *
   * @param label {@code refused}, {@code timeout} or {@code broken}
   */
  record None(String label) implements Answer {}
}
