package io.cellrouter.edge;

import io.cellrouter.auth.ApiKeys;
import io.cellrouter.auth.KeyStore;
import io.cellrouter.telemetry.Metrics;
import io.cellrouter.telemetry.Reason;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Asks for an API key, in {@code X-API-Key} or as {@code Authorization: ApiKey …}, and notes whose
 * it is. With authentication off every client is {@code anonymous}; it cannot be off for admins.
 */
public final class ApiKeyFilter implements Endpoint {
  /** The client's name when nobody is asked for a key. */
  public static final String ANONYMOUS = "anonymous";

  private static final String SCHEME = "ApiKey ";
  private static final Duration RETRY_AFTER = Duration.ofSeconds(5);

  private final Endpoint next;
  private final boolean enabled;
  private final KeyStore keys;
  private final Metrics metrics;
  private final Supplier<Response> withoutKeys;

  private ApiKeyFilter(
      Endpoint next,
      boolean enabled,
      KeyStore keys,
      Metrics metrics,
      Supplier<Response> withoutKeys) {
    this.next = next;
    this.enabled = enabled;
    this.keys = keys;
    this.metrics = metrics;
    this.withoutKeys = withoutKeys;
  }

  /** In front of what clients ask for. */
  public static ApiKeyFilter forClients(
      Endpoint next, boolean enabled, KeyStore keys, Metrics metrics) {
    return new ApiKeyFilter(
        next,
        enabled,
        keys,
        metrics,
        () ->
            Problem.retryLater(
                Problem.of(Reason.AUTH_UNCONFIGURED, "No API keys are configured yet."),
                RETRY_AFTER));
  }

  /** In front of what changes state: without keys it is closed, not open. */
  public static ApiKeyFilter forAdmins(Endpoint next, KeyStore keys, Metrics metrics) {
    return new ApiKeyFilter(
        next,
        true,
        keys,
        metrics,
        () ->
            Problem.of(
                Reason.ADMIN_UNCONFIGURED,
                "There are no admin keys; set ADMIN_KEYS_FILE or ADMIN_KEYS_JSON."));
  }

  @Override
  public Response answer(Request request) throws IOException {
    if (!enabled) {
      request.client(ANONYMOUS);
      return next.answer(request);
    }
    ApiKeys current = keys.current();
    if (current.isEmpty()) {
      return withoutKeys.get();
    }
    Optional<String> presented = presented(request);
    if (presented.isEmpty()) {
      metrics.authFailed(Reason.KEY_MISSING);
      return Problem.of(Reason.KEY_MISSING, "Send your API key in the X-API-Key header.")
          .with("WWW-Authenticate", "ApiKey");
    }
    Optional<String> client = current.client(presented.get());
    if (client.isEmpty()) {
      metrics.authFailed(Reason.KEY_UNKNOWN);
      return Problem.of(Reason.KEY_UNKNOWN, "This API key is not known.");
    }
    request.client(client.get());
    return next.answer(request);
  }

  /** Two keys are no key: which one counts must not depend on who reads them. */
  private static Optional<String> presented(Request request) {
    List<String> keys = new ArrayList<>(request.headerValues(HeaderName.X_API_KEY));
    for (String authorization : request.headerValues(HeaderName.AUTHORIZATION)) {
      if (authorization.regionMatches(true, 0, SCHEME, 0, SCHEME.length())) {
        keys.add(authorization.substring(SCHEME.length()).strip());
      }
    }
    return keys.size() == 1 && !keys.getFirst().isEmpty()
        ? Optional.of(keys.getFirst())
        : Optional.empty();
  }
}
