package io.cellrouter.telemetry.trace;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonFactoryBuilder;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import com.fasterxml.jackson.core.util.ByteArrayBuilder;
import io.cellrouter.config.RouterConfig;
import io.cellrouter.config.Setting;
import io.cellrouter.telemetry.BuildInfo;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Writes spans as an OTLP {@code ExportTraceServiceRequest} in JSON: ids in lower-case hex, 64-bit
 * integers (times are such) as strings, enums as numbers (OTLP 1.x, "JSON Protobuf Encoding").
 */
final class OtlpJson {
  private static final int STATUS_ERROR = 2;
  private static final String NAME = "service.name";
  private static final String SCOPE = "io.cellrouter";

  /** Escaping spares it from failing on half a surrogate pair, which UTF-8 cannot carry. */
  private final JsonFactory json =
      new JsonFactoryBuilder().enable(JsonWriteFeature.ESCAPE_NON_ASCII).build();

  private final Map<String, String> resource;
  private final String version;

  OtlpJson(RouterConfig.Tracing config, BuildInfo build) {
    this.version = build.version();
    Map<String, String> attributes = new TreeMap<>(Map.of("service.version", version));
    attributes.putAll(config.resourceAttributes());
    // OTEL_SERVICE_NAME goes before a service.name among the attributes; its default does not.
    if (!attributes.containsKey(NAME)
        || !config.serviceName().equals(Setting.OTEL_SERVICE_NAME.defaultValue())) {
      attributes.put(NAME, config.serviceName());
    }
    this.resource = attributes;
  }

  byte[] encode(List<Span> spans) {
    ByteArrayBuilder bytes = new ByteArrayBuilder(512 * (1 + spans.size()));
    try (JsonGenerator out = json.createGenerator(bytes)) {
      out.writeStartObject();
      out.writeArrayFieldStart("resourceSpans");
      out.writeStartObject();
      writeResource(out);
      out.writeArrayFieldStart("scopeSpans");
      out.writeStartObject();
      writeScope(out);
      out.writeArrayFieldStart("spans");
      for (Span span : spans) {
        write(out, span);
      }
      // The generator ends what is open when it is closed.
    } catch (IOException e) {
      throw new UncheckedIOException("writing to memory failed", e);
    }
    return bytes.toByteArray();
  }

  private void writeResource(JsonGenerator out) throws IOException {
    out.writeObjectFieldStart("resource");
    out.writeArrayFieldStart("attributes");
    for (Map.Entry<String, String> attribute : resource.entrySet()) {
      write(out, new Span.Attribute.Text(attribute.getKey(), attribute.getValue()));
    }
    out.writeEndArray();
    out.writeEndObject();
  }

  private void writeScope(JsonGenerator out) throws IOException {
    out.writeObjectFieldStart("scope");
    out.writeStringField("name", SCOPE);
    out.writeStringField("version", version);
    out.writeEndObject();
  }

  private static void write(JsonGenerator out, Span span) throws IOException {
    out.writeStartObject();
    out.writeStringField("traceId", span.traceId());
    out.writeStringField("spanId", span.spanId());
    if (!span.parentSpanId().isEmpty()) {
      out.writeStringField("parentSpanId", span.parentSpanId());
    }
    out.writeStringField("name", span.name());
    out.writeNumberField("kind", span.kind().number());
    out.writeStringField("startTimeUnixNano", Long.toString(span.startEpochNanos()));
    out.writeStringField("endTimeUnixNano", Long.toString(span.endEpochNanos()));
    out.writeArrayFieldStart("attributes");
    for (Span.Attribute attribute : span.attributes()) {
      write(out, attribute);
    }
    out.writeEndArray();
    if (span.failed()) {
      out.writeObjectFieldStart("status");
      out.writeNumberField("code", STATUS_ERROR);
      out.writeEndObject();
    }
    out.writeEndObject();
  }

  private static void write(JsonGenerator out, Span.Attribute attribute) throws IOException {
    out.writeStartObject();
    out.writeStringField("key", attribute.key());
    out.writeObjectFieldStart("value");
    switch (attribute) {
      case Span.Attribute.Text(String key, String value) ->
          out.writeStringField("stringValue", value);
      case Span.Attribute.Whole(String key, long value) ->
          out.writeStringField("intValue", Long.toString(value));
    }
    out.writeEndObject();
    out.writeEndObject();
  }
}
