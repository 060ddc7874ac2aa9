package io.cellrouter.edge.handler;

import com.fasterxml.jackson.jr.ob.JSON;
import io.cellrouter.edge.Response;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Map;

/** Answers of the endpoints that are not on the hot path: maps made JSON. */
final class Json {
  /** A member that is null says that there is nothing, which leaving it out would not. */
  private static final JSON JSON_WITH_NULLS = JSON.std.with(JSON.Feature.WRITE_NULL_PROPERTIES);

  private Json() {}

  static Response ok(Map<String, Object> members) {
    try {
      return Response.json(200, JSON_WITH_NULLS.asBytes(members)).with("Cache-Control", "no-store");
    } catch (IOException e) {
      throw new UncheckedIOException("writing to memory failed", e);
    }
  }
}
