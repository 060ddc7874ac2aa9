package io.cellrouter.edge;

import com.fasterxml.jackson.jr.ob.JSON;
import com.fasterxml.jackson.jr.ob.JSONComposer;
import com.fasterxml.jackson.jr.ob.comp.ObjectComposer;
import io.cellrouter.telemetry.Reason;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * Builds problem documents (RFC 9457). Their status, {@code reason} and title come from {@link
 * Reason} alone, so what a client, the metrics and the log say of a refusal is one thing.
 */
public final class Problem {
  private Problem() {}

  /**
   * What is wrong with one member of the body.
   *
   * @param detail one sentence that says what to do
   */
  public record FieldError(String field, String detail) {}

  /**
   * @param detail one sentence for the client; never what it sent
   */
  public static Response of(Reason reason, String detail) {
    return build(reason, detail, List.of(), "", detail);
  }

  /**
   * @param field the member of the body at fault; empty when it is the body as a whole
   */
  public static Response ofField(Reason reason, String field, String detail) {
    return build(
        reason,
        detail,
        field.isEmpty() ? List.of() : List.of(new FieldError(field, detail)),
        "",
        detail);
  }

  /** All that is wrong with a body at once. */
  public static Response ofFields(Reason reason, String detail, List<FieldError> errors) {
    return build(reason, detail, errors, "", detail);
  }

  /**
   * @param cellId the cell it is about
   * @param logged what the log says beyond what the client is told
   */
  public static Response ofCell(Reason reason, String cellId, String logged) {
    return ofCell(reason, cellId, reason.meaning() + ".", logged);
  }

  /** The same with a sentence of its own for the client. */
  public static Response ofCell(Reason reason, String cellId, String detail, String logged) {
    return build(reason, detail, List.of(), cellId, logged);
  }

  /** The same with {@code Retry-After}, at least a second. */
  public static Response retryLater(Response problem, Duration after) {
    return problem.with("Retry-After", Long.toString(Math.max(1, after.toSeconds())));
  }

  private static Response build(
      Reason reason, String detail, List<FieldError> errors, String cellId, String logged) {
    try {
      JSONComposer<byte[]> composer = JSON.std.composeBytes();
      ObjectComposer<JSONComposer<byte[]>> object =
          composer
              .startObject()
              .put("type", "about:blank")
              .put("title", title(reason.status()))
              .put("status", reason.status())
              .put("detail", detail)
              .put("reason", reason.code());
      if (!cellId.isEmpty()) {
        object.put("cellID", cellId);
      }
      if (!errors.isEmpty()) {
        var array = object.startArrayField("errors");
        for (FieldError error : errors) {
          array.startObject().put("field", error.field()).put("detail", error.detail()).end();
        }
        array.end();
      }
      byte[] body = object.end().finish();
      return new Response(
          reason.status(),
          "application/problem+json",
          body,
          List.of(),
          Optional.of(reason),
          logged,
          false);
    } catch (IOException e) {
      throw new UncheckedIOException("writing to memory failed", e);
    }
  }

  /** The status phrase, which RFC 9457 §4.2.1 asks of a problem of type about:blank. */
  private static String title(int status) {
    return switch (status) {
      case 400 -> "Bad Request";
      case 401 -> "Unauthorized";
      case 403 -> "Forbidden";
      case 404 -> "Not Found";
      case 405 -> "Method Not Allowed";
      case 411 -> "Length Required";
      case 413 -> "Content Too Large";
      case 414 -> "URI Too Long";
      case 415 -> "Unsupported Media Type";
      case 417 -> "Expectation Failed";
      case 422 -> "Unprocessable Content";
      case 429 -> "Too Many Requests";
      case 431 -> "Request Header Fields Too Large";
      case 500 -> "Internal Server Error";
      case 502 -> "Bad Gateway";
      case 503 -> "Service Unavailable";
      case 504 -> "Gateway Timeout";
      case 505 -> "HTTP Version Not Supported";
      default -> throw new IllegalArgumentException("no problem has status " + status);
    };
  }
}
