package io.cellrouter.telemetry;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Properties;

/** What this build is; written by Maven into {@code build.properties}. */
public record BuildInfo(String version) {
  public static BuildInfo load() {
    try (InputStream in = BuildInfo.class.getResourceAsStream("/build.properties")) {
      Properties properties = new Properties();
      properties.load(in);
      return new BuildInfo(properties.getProperty("version"));
    } catch (IOException e) {
      throw new UncheckedIOException("build.properties cannot be read", e);
    }
  }
}
