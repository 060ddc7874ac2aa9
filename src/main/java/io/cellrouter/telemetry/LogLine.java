package io.cellrouter.telemetry;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonFactoryBuilder;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.SerializableString;
import com.fasterxml.jackson.core.io.CharacterEscapes;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import com.fasterxml.jackson.core.util.ByteArrayBuilder;
import com.fasterxml.jackson.core.util.JsonRecyclerPools;
import io.cellrouter.config.LogLevel;
import java.io.IOException;
import java.io.UncheckedIOException;

/**
 * One log line under construction: a JSON object of ASCII characters only. Control characters,
 * quotes, DEL and everything above ASCII are escaped, so a value can neither end the line nor reach
 * a terminal as a control sequence, whatever a client put into it.
 */
public final class LogLine {
  /** Longer values are cut: a log line is not a place to store a request. */
  static final int MAX_VALUE = 512;

  private static final JsonFactory JSON =
      new JsonFactoryBuilder()
          .characterEscapes(new EscapeDelete())
          .enable(JsonWriteFeature.ESCAPE_NON_ASCII)
          .recyclerPool(JsonRecyclerPools.newConcurrentDequePool())
          .build();

  private final ByteArrayBuilder bytes = new ByteArrayBuilder(384);
  private final JsonGenerator json;

  LogLine(String timestamp, LogLevel level, String logger, String message) {
    try {
      json = JSON.createGenerator(bytes);
      json.writeStartObject();
    } catch (IOException e) {
      throw inMemory(e);
    }
    field("timestamp", timestamp);
    field("level", level.name());
    field("logger", logger);
    field("message", message);
  }

  public LogLine field(String name, String value) {
    try {
      json.writeStringField(
          name, value.length() <= MAX_VALUE ? value : value.substring(0, MAX_VALUE) + "…");
    } catch (IOException e) {
      throw inMemory(e);
    }
    return this;
  }

  /** Leaves the field out when the value is empty. */
  public LogLine fieldIfAny(String name, String value) {
    return value.isEmpty() ? this : field(name, value);
  }

  public LogLine field(String name, long value) {
    try {
      json.writeNumberField(name, value);
    } catch (IOException e) {
      throw inMemory(e);
    }
    return this;
  }

  /** A duration, written in milliseconds with three decimals. */
  public LogLine millis(String name, long nanos) {
    try {
      json.writeFieldName(name);
      json.writeRawValue(Millis.format(nanos));
    } catch (IOException e) {
      throw inMemory(e);
    }
    return this;
  }

  /** The stack trace of an error, as one (escaped) value of at most 8 KiB. */
  LogLine error(Throwable error) {
    java.io.StringWriter trace = new java.io.StringWriter();
    error.printStackTrace(new java.io.PrintWriter(trace));
    String text = trace.toString();
    try {
      json.writeStringField(
          "error", text.length() <= 8_192 ? text : text.substring(0, 8_192) + "…");
    } catch (IOException e) {
      throw inMemory(e);
    }
    return this;
  }

  byte[] finish() {
    try {
      json.writeEndObject();
      json.writeRaw('\n');
      json.close();
    } catch (IOException e) {
      throw inMemory(e);
    }
    return bytes.toByteArray();
  }

  private static UncheckedIOException inMemory(IOException e) {
    return new UncheckedIOException("writing to memory failed", e);
  }

  /** JSON does not ask for DEL to be escaped; a terminal does. */
  private static final class EscapeDelete extends CharacterEscapes {
    private static final long serialVersionUID = 1L;
    private static final int[] ASCII = standardAsciiEscapesForJSON();

    static {
      ASCII[0x7f] = ESCAPE_STANDARD;
    }

    @Override
    public int[] getEscapeCodesForAscii() {
      return ASCII;
    }

    @Override
    public SerializableString getEscapeSequence(int ch) {
      return null; // Standard escapes do.
    }
  }
}
