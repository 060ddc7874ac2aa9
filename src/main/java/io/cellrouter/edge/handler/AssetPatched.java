package io.cellrouter.edge.handler;

import java.io.IOException;
import java.nio.charset.StandardCharsets;

/** A text with one string exchanged; reading fails when that is not in it any more. */
record AssetPatched(AssetSource source, String original, String replacement)
    implements AssetSource {
  @Override
  public byte[] read() throws IOException {
    // Latin-1 gives each byte one character and back, whatever the encoding.
    String text = new String(source.read(), StandardCharsets.ISO_8859_1);
    if (!text.contains(original)) {
      throw new IOException("there is no " + original + " to be replaced any more");
    }
    return text.replace(original, replacement).getBytes(StandardCharsets.ISO_8859_1);
  }
}
