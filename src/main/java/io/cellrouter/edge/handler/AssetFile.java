package io.cellrouter.edge.handler;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;

/**
 * One file of the class path.
 *
 * @param path absolute, fixed in {@link DocsPages}: nothing of a request ever becomes part of it
 */
record AssetFile(String path) implements AssetSource {
  @Override
  public byte[] read() throws IOException {
    try (InputStream in = AssetFile.class.getResourceAsStream(path)) {
      if (in == null) {
        throw new FileNotFoundException(path + " is not on the class path");
      }
      return in.readAllBytes();
    }
  }
}
