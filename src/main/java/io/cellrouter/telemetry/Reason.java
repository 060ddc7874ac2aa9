package io.cellrouter.telemetry;

import java.util.Locale;

/**
 * Every reason for which the router itself, not a cell, refuses or fails a request. The code is the
 * {@code reason} member of the problem document, the metric label and the log field; the status
 * stands here and nowhere else. The README's table is this list; a test compares the two.
 */
public enum Reason {
  MALFORMED_REQUEST(400, "Framing or a header that RFC 9112 forbids"),
  BODY_TRUNCATED(400, "The connection ended before the announced body was complete"),
  KEY_MISSING(401, "No API key was given"),
  KEY_UNKNOWN(403, "The API key is not known"),
  ADMIN_UNCONFIGURED(403, "Nothing can be changed, since there are no admin keys"),
  NOT_FOUND(404, "No such path"),
  METHOD_NOT_ALLOWED(405, "The path exists, the method does not"),
  LENGTH_REQUIRED(411, "No Content-Length, or a Transfer-Encoding"),
  BODY_TOO_LARGE(413, "The body exceeds MAX_BODY_BYTES"),
  URI_TOO_LONG(414, "The request target exceeds MAX_HEADER_BYTES"),
  NOT_JSON(415, "Content-Type is not application/json"),
  EXPECTATION_FAILED(417, "An Expect other than 100-continue"),
  INVALID_BODY(422, "Not a JSON object, or not valid JSON at all"),
  INVALID_CELL_ID(422, "cellID is missing, doubled, not a string, empty or too long"),
  UNKNOWN_CELL(422, "No cell is configured under this cellID"),
  INVALID_METHOD(422, "method is not one of GET, POST, PUT, PATCH, DELETE"),
  INVALID_CHANGE(422, "What is to be changed of a cell is not said the way it must be"),
  RATE_LIMIT_CLIENT(429, "The client asks more often than it may, over all cells"),
  RATE_LIMIT_CLIENT_CELL(429, "The client asks this cell more often than it may"),
  RATE_LIMIT_CELL(429, "The cell is asked more often than it may be, by all clients together"),
  HEADERS_TOO_LARGE(431, "The headers exceed MAX_HEADER_BYTES, or there are more than 100"),
  INTERNAL_ERROR(500, "A defect of the router; the log has the stack trace"),
  CELL_CONNECT_FAILED(502, "The cell refused every attempt to connect; it never saw the request"),
  CELL_RESET(502, "The cell broke the exchange; it may have acted on the request"),
  CELL_CLOSED_CONNECTION(
      502, "The cell closed the connection without a byte of an answer; it may have acted"),
  CELL_RESPONSE_TOO_LARGE(502, "The cell's body exceeds MAX_RESPONSE_BYTES"),
  CELL_RESPONSE_NO_ROOM(
      502, "Too many large answers are held to take the cell's in; it may have acted"),
  CELL_PROTOCOL_ERROR(502, "The cell answered something that is not HTTP, or encoded"),
  CELL_DRAINING(503, "The cell is being drained; it gets no new requests"),
  CELL_DISABLED(503, "The cell is switched off"),
  CELL_READ_ONLY(503, "The cell takes only requests with the method GET for now"),
  CELL_SHARE(503, "The cell admits only a share of its clients for now; this one is not in it"),
  BULKHEAD_FULL(503, "As many requests are in flight to the cell as may be"),
  BREAKER_OPEN(503, "The cell failed too often; it is left alone for a while"),
  ROUTER_OVERLOADED(503, "More is in flight, or more large bodies are held, than the router takes"),
  STARTING(503, "The router has not finished its first round of probes"),
  DRAINING(503, "The router is shutting down"),
  AUTH_UNCONFIGURED(503, "Authentication is on and there are no keys"),
  AUDIT_UNAVAILABLE(503, "The log cannot be written, so a change would leave no trace"),
  NO_HEALTHY_CELL(503, "No cell has been healthy for three rounds of probes"),
  DEADLINE_EXCEEDED(504, "The deadline passed before the cell's answer was complete"),
  CELL_CONNECT_TIMEOUT(504, "No connection to the cell within CONNECT_TIMEOUT, at any attempt"),
  HTTP_VERSION(505, "Neither HTTP/1.1 nor HTTP/1.0");

  private final int status;
  private final String meaning;
  private final String code = name().toLowerCase(Locale.ROOT);

  Reason(int status, String meaning) {
    this.status = status;
    this.meaning = meaning;
  }

  /** Stable, in snake case: part of the contract. */
  public String code() {
    return code;
  }

  public int status() {
    return status;
  }

  public String meaning() {
    return meaning;
  }
}
