package io.cellrouter.edge;

import io.cellrouter.telemetry.Reason;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * An answer, complete before the first byte of it is written.
 *
 * @param contentType empty when there is no body
 * @param headers beyond those every response carries
 * @param reason why the router refused or failed the request; empty when it did not
 * @param detail for the log only
 * @param close whether the connection ends with this answer
 */
public record Response(
    int status,
    String contentType,
    byte[] body,
    List<Header> headers,
    Optional<Reason> reason,
    String detail,
    boolean close) {

  private static final byte[] EMPTY = new byte[0];

  public Response {
    headers = List.copyOf(headers);
  }

  /** One header field. */
  public record Header(String name, String value) {}

  public static Response json(int status, byte[] body) {
    return of(status, "application/json", body);
  }

  public static Response of(int status, String contentType, byte[] body) {
    return new Response(status, contentType, body, List.of(), Optional.empty(), "", false);
  }

  public static Response text(int status, String body) {
    return of(status, "text/plain; charset=utf-8", body.getBytes(StandardCharsets.UTF_8));
  }

  /** An answer without a body, such as 204. */
  public static Response empty(int status) {
    return of(status, "", EMPTY);
  }

  public Response with(String name, String value) {
    return with(List.of(new Header(name, value)));
  }

  public Response with(List<Header> further) {
    List<Header> more = new ArrayList<>(headers.size() + further.size());
    more.addAll(headers);
    more.addAll(further);
    return new Response(status, contentType, body, more, reason, detail, close);
  }

  /** The same answer, ending the connection. */
  public Response closing() {
    return close ? this : new Response(status, contentType, body, headers, reason, detail, true);
  }
}
