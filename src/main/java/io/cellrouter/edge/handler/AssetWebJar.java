package io.cellrouter.edge.handler;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.Properties;

/**
 * One file of a web jar. The folder it stands in carries the jar's version, which the jar itself
 * tells: an update in {@code pom.xml} needs no second place.
 */
record AssetWebJar(String groupId, String artifactId, String file) implements AssetSource {
  @Override
  public byte[] read() throws IOException {
    Properties pom = new Properties();
    String about = "/META-INF/maven/" + groupId + "/" + artifactId + "/pom.properties";
    pom.load(new ByteArrayInputStream(new AssetFile(about).read()));
    String folder =
        "/META-INF/resources/webjars/" + artifactId + "/" + pom.getProperty("version") + "/";
    return new AssetFile(folder + file).read();
  }
}
