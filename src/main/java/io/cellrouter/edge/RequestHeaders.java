package io.cellrouter.edge;

import com.sun.net.httpserver.Headers;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The headers of one request, copied once; looking one up allocates nothing. */
final class RequestHeaders {
  private final Map<String, List<String>> byKey;

  RequestHeaders(Headers headers) {
    this.byKey = new HashMap<>(headers);
  }

  /** The first value, empty when the header is missing. */
  String first(HeaderName name) {
    List<String> values = byKey.get(name.key());
    return values == null || values.isEmpty() ? "" : values.getFirst();
  }

  /** All values, in order. */
  List<String> all(HeaderName name) {
    List<String> values = byKey.get(name.key());
    return values == null ? List.of() : values;
  }

  boolean has(HeaderName name) {
    return byKey.containsKey(name.key());
  }

  Set<Map.Entry<String, List<String>>> entries() {
    return byKey.entrySet();
  }
}
