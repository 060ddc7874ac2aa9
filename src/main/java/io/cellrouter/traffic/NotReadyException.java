package io.cellrouter.traffic;

/** There is nothing to send load to; the message is for the user. */
public final class NotReadyException extends Exception {
  private static final long serialVersionUID = 1L;

  NotReadyException(String message) {
    super(message);
  }
}
