package io.cellrouter.edge.handler;

import io.cellrouter.edge.HeaderName;
import io.cellrouter.edge.Problem;
import io.cellrouter.edge.Request;
import io.cellrouter.edge.Response;
import io.cellrouter.telemetry.Reason;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** What can be said of a routing request before its body is read. */
final class Intake {
  private final int maxBody;
  private final CellRequests requests;

  /**
   * @param maxBody bytes
   */
  Intake(int maxBody, CellRequests requests) {
    this.maxBody = maxBody;
    this.requests = requests;
  }

  /** Why the body is not worth reading; empty when it is. */
  Optional<Response> refusal(Request request) {
    long length = request.contentLength();
    if (length < 0) {
      return Optional.of(Problem.of(Reason.LENGTH_REQUIRED, "Send a Content-Length.").closing());
    }
    if (length > maxBody) {
      return Optional.of(
          Problem.of(Reason.BODY_TOO_LARGE, "The body may have at most " + maxBody + " bytes.")
              .closing());
    }
    if (!isJson(request.headerValues(HeaderName.CONTENT_TYPE))) {
      return Optional.of(Problem.of(Reason.NOT_JSON, "Send Content-Type: application/json."));
    }
    if (!requests.canPassOn(request)) {
      return Optional.of(
          Problem.of(
              Reason.MALFORMED_REQUEST, "A header that is passed on to the cell must be ASCII."));
    }
    return Optional.empty();
  }

  /** Once {@code application/json}, with no charset but UTF-8 (RFC 8259 §8.1 knows no other). */
  static boolean isJson(List<String> contentTypes) {
    if (contentTypes.size() != 1) {
      return false;
    }
    String contentType = contentTypes.getFirst();
    if (contentType.equals("application/json")) {
      return true;
    }
    String[] parts = contentType.toLowerCase(Locale.ROOT).split(";", -1);
    if (!parts[0].strip().equals("application/json")) {
      return false;
    }
    for (int i = 1; i < parts.length; i++) {
      String parameter = parts[i].strip().replace("\"", "");
      if (parameter.startsWith("charset=") && !parameter.equals("charset=utf-8")) {
        return false;
      }
    }
    return true;
  }
}
