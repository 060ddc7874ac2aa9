package io.cellrouter.edge.handler;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import io.cellrouter.telemetry.BuildInfo;
import java.io.ByteArrayOutputStream;
import java.io.IOException;

/** {@code openapi.yaml}, the one description of the API, as JSON and with this build's version. */
record OpenApiDocument(AssetSource yaml, BuildInfo build) implements AssetSource {
  private static final String VERSION = "/info/version";

  OpenApiDocument(BuildInfo build) {
    this(new AssetFile("/openapi.yaml"), build);
  }

  @Override
  public byte[] read() throws IOException {
    ByteArrayOutputStream json = new ByteArrayOutputStream(64 * 1_024);
    try (JsonParser from = new YAMLFactory().createParser(yaml.read());
        JsonGenerator to = new JsonFactory().createGenerator(json)) {
      for (JsonToken token = from.nextToken(); token != null; token = from.nextToken()) {
        if (token.isScalarValue()
            && from.getParsingContext().pathAsPointer().toString().equals(VERSION)) {
          to.writeString(build.version());
        } else {
          to.copyCurrentEvent(from);
        }
      }
    }
    return json.toByteArray();
  }
}
