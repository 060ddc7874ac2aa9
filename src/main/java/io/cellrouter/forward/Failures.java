package io.cellrouter.forward;

import io.cellrouter.telemetry.Reason;
import java.io.IOException;
import java.net.ConnectException;
import java.net.ProtocolException;
import java.net.http.HttpConnectTimeoutException;
import java.nio.channels.UnresolvedAddressException;

/**
 * Tells what an exception of the JDK's client means for the request. The order matters: {@link
 * HttpConnectTimeoutException} and {@link ConnectException} are {@link IOException}s too, and only
 * they prove that no byte of the request left.
 */
final class Failures {
  /**
   * {@code Http1AsyncReceiver} says so when a connection ends before the first byte of a header.
   */
  private static final String NO_BYTES = "header parser received no bytes";

  /** What {@code MultiExchange} says instead when it would have sent a GET again by itself. */
  private static final String TOO_MANY = "Too many retries";

  private Failures() {}

  /**
   * @param fate of the request by it
   */
  record Failure(Reason reason, Attempt.Fate fate, String detail) {}

  /**
   * @param thrown by {@code send}, which wraps what really happened in an exception of the same
   *     kind
   */
  static Failure of(IOException thrown) {
    Throwable error = unwrapped(thrown);
    return switch (error) {
      case HttpConnectTimeoutException e ->
          new Failure(
              Reason.CELL_CONNECT_TIMEOUT,
              Attempt.Fate.UNSENT,
              "no connection within CONNECT_TIMEOUT");
      case ConnectException e ->
          new Failure(Reason.CELL_CONNECT_FAILED, Attempt.Fate.UNSENT, connectDetail(e));
      case BoundedBody.NoRoomException e ->
          new Failure(Reason.CELL_RESPONSE_NO_ROOM, Attempt.Fate.ANSWERED, e.getMessage());
      case ProtocolException e ->
          new Failure(Reason.CELL_PROTOCOL_ERROR, Attempt.Fate.GARBLED, message(e));
      case IOException e when message(e).contains(NO_BYTES) ->
          new Failure(Reason.CELL_CLOSED_CONNECTION, Attempt.Fate.BROKEN, message(e));
      case IOException e when e.getCause() instanceof ProtocolException cause ->
          new Failure(Reason.CELL_PROTOCOL_ERROR, Attempt.Fate.GARBLED, message(cause));
      default -> new Failure(Reason.CELL_RESET, Attempt.Fate.BROKEN, message(error));
    };
  }

  /** What really happened. */
  static Throwable unwrapped(IOException thrown) {
    Throwable error = thrown.getCause() == null ? thrown : thrown.getCause();
    return TOO_MANY.equals(error.getMessage()) && error.getCause() != null
        ? error.getCause()
        : error;
  }

  /** Its message is always null (refused, unresolved): the cause tells them apart. */
  private static String connectDetail(ConnectException e) {
    for (Throwable cause = e; cause != null; cause = cause.getCause()) {
      if (cause instanceof UnresolvedAddressException) {
        return "the host name cannot be resolved";
      }
    }
    return "connection refused or unreachable";
  }

  private static String message(Throwable error) {
    return error.getMessage() == null ? error.getClass().getSimpleName() : error.getMessage();
  }
}
