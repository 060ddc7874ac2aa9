package io.cellrouter.edge;

import io.cellrouter.telemetry.Reason;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * The paths of one listener. A path is compared as it stands: {@code //health} and {@code
 * /health/../x} are other paths, so that nothing in front can be fooled about which one is meant.
 */
public final class Routes implements Endpoint {
  private final Map<String, Map<String, Endpoint>> byPath;

  private Routes(Map<String, Map<String, Endpoint>> byPath) {
    this.byPath = byPath;
  }

  public static Builder builder() {
    return new Builder();
  }

  /** All paths, in the order they were added. */
  public Set<String> paths() {
    return byPath.keySet();
  }

  @Override
  public Response answer(Request request) throws IOException {
    Map<String, Endpoint> byMethod = byPath.get(request.path());
    if (byMethod == null) {
      return Problem.of(Reason.NOT_FOUND, "There is nothing under this path; GET / lists what is.");
    }
    Endpoint endpoint = byMethod.get(request.method());
    if (endpoint != null) {
      return endpoint.answer(request);
    }
    String allow = allow(byMethod);
    return request.method().equals("OPTIONS")
        ? Response.empty(204).with("Allow", allow)
        : Problem.of(Reason.METHOD_NOT_ALLOWED, "This path takes " + allow + ".")
            .with("Allow", allow);
  }

  private static String allow(Map<String, Endpoint> byMethod) {
    Set<String> methods = new TreeSet<>(byMethod.keySet());
    methods.add("OPTIONS");
    return String.join(", ", methods);
  }

  /** Gathers endpoints. */
  public static final class Builder {
    private final Map<String, Map<String, Endpoint>> byPath = new LinkedHashMap<>();

    private Builder() {}

    /** A path to be read; HEAD is answered like GET, without the body. */
    public Builder get(String path, Endpoint endpoint) {
      return add("GET", path, endpoint).add("HEAD", path, endpoint);
    }

    public Builder post(String path, Endpoint endpoint) {
      return add("POST", path, endpoint);
    }

    private Builder add(String method, String path, Endpoint endpoint) {
      byPath.computeIfAbsent(path, each -> new LinkedHashMap<>()).put(method, endpoint);
      return this;
    }

    public Routes build() {
      Map<String, Map<String, Endpoint>> copy = new LinkedHashMap<>();
      byPath.forEach((path, byMethod) -> copy.put(path, Map.copyOf(byMethod)));
      return new Routes(copy);
    }
  }
}
