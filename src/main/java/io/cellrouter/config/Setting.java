package io.cellrouter.config;

/**
 * Every environment variable the router reads, with its default and its meaning. The README's table
 * is this list; a test compares the two.
 */
public enum Setting {
  PORT("8000", "Port of the public listener; 0 takes a free one."),
  MANAGEMENT_PORT("9000", "Port of the management listener; 0 takes a free one."),
  BIND_ADDRESS("0.0.0.0", "Address both listeners bind to."),
  ROUTER_CONFIG(
      "",
      "YAML file that names the cells, followed while the router runs; the environment overrides it."),
  REQUEST_TIMEOUT(
      "30",
      "Seconds a routed request may take in all, the cell's body included; below `maxRspTime` (60)."),
  CONNECT_TIMEOUT("2", "Seconds a connection to a cell may take to be established."),
  MAX_BODY_BYTES("1048576", "Largest request body accepted (413 above it)."),
  MAX_RESPONSE_BYTES("1048576", "Largest body accepted from a cell (502 above it)."),
  MAX_HEADER_BYTES("8192", "Request line and headers together (414 or 431 above it)."),
  FORWARD_HEADERS(
      "Idempotency-Key", "Client headers passed on to the cell, by name, separated by commas."),
  PROBE_INTERVAL("5", "Seconds between two probes of a cell, give or take 20 %."),
  PROBE_TIMEOUT("2", "Seconds a cell has to answer a probe."),
  DRAIN_DELAY(
      "5", "Seconds to keep serving after SIGTERM, so that load balancers notice (0 in `demo`)."),
  ROUTER_MAX_IN_FLIGHT(
      "0",
      "Routed requests in flight over all cells (503 above it); 0: one for each 100 kB of heap."),
  REFUSAL_DELAY(
      "0",
      "Milliseconds to hold back a 503 for want of room, so that clients which do not wait have to."),
  PRIORITY_CLIENTS(
      "", "Clients whose `X-Priority` (`high`, `normal`, `low`) is believed, comma-separated."),
  CLIENT_RATE(
      "0",
      "Requests a second that each client may send, over all cells and replicas; 0: no limit. Without"
          + " API keys all are one client."),
  CLIENT_BURST("0", "Requests a client may send at once; 0: as many as in one second."),
  PEERS_DNS(
      "", "Name whose addresses are the live replicas (a headless Service); rates are divided by."),
  API_KEY_ENABLED("false", "Whether `/api/route` asks for an API key."),
  API_KEYS_JSON("", "Keys and their clients: `{\"key\":\"client\"}`; a key may be `sha256:<hex>`."),
  API_KEYS_FILE("", "File with the same JSON, read again when it changes; excludes the above."),
  ADMIN_KEYS_JSON("", "Like `API_KEYS_JSON`, for what changes state on the management port."),
  ADMIN_KEYS_FILE(
      "",
      "Like `API_KEYS_FILE`, for the same, but it may come later; without keys nothing can be changed."),
  CORS_ALLOWED_ORIGINS("*", "`*`, or the origins that browsers may call from, comma-separated."),
  LOG_LEVEL("INFO", "Least level logged: DEBUG, INFO, WARN, ERROR."),
  OTEL_EXPORTER_OTLP_ENDPOINT(
      "", "Where spans are sent (OTLP over HTTP, JSON), e.g. `http://collector:4318`; none: off."),
  OTEL_SERVICE_NAME("cell-router", "`service.name` of the spans."),
  OTEL_RESOURCE_ATTRIBUTES("", "More resource attributes of the spans: `k=v,k2=v2`."),
  OTEL_TRACES_SAMPLER_ARG(
      "1.0", "Share of new traces that are sampled, 0 to 1; a caller's decision is kept."),
  OTEL_SDK_DISABLED("false", "Turns the sending of spans off.");

  private final String defaultValue;
  private final String meaning;

  Setting(String defaultValue, String meaning) {
    this.defaultValue = defaultValue;
    this.meaning = meaning;
  }

  public String defaultValue() {
    return defaultValue;
  }

  public String meaning() {
    return meaning;
  }
}
