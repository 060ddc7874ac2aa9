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

  private Failures() {}

  /**
   * @param unsent whether it is certain that the cell has seen nothing of the request
   */
  record Failure(Reason reason, boolean unsent, String detail) {}

  /**
   * @param thrown by {@code send}, which wraps what really happened in an exception of the same
   *     kind
   */
  static Failure of(IOException thrown) {
    Throwable error = thrown.getCause() == null ? thrown : thrown.getCause();
    return switch (error) {
      case HttpConnectTimeoutException e ->
          new Failure(Reason.CELL_CONNECT_TIMEOUT, true, "no connection within CONNECT_TIMEOUT");
      case ConnectException e -> new Failure(Reason.CELL_CONNECT_FAILED, true, connectDetail(e));
      case BoundedBody.TooLargeException e ->
          new Failure(Reason.CELL_RESPONSE_TOO_LARGE, false, e.getMessage());
      case ProtocolException e -> new Failure(Reason.CELL_PROTOCOL_ERROR, false, message(e));
      case IOException e when message(e).contains(NO_BYTES) ->
          new Failure(Reason.CELL_CLOSED_CONNECTION, false, message(e));
      case IOException e when e.getCause() instanceof ProtocolException cause ->
          new Failure(Reason.CELL_PROTOCOL_ERROR, false, message(cause));
      default -> new Failure(Reason.CELL_RESET, false, message(error));
    };
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
