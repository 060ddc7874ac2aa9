package io.cellrouter.auth;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import io.cellrouter.config.RouterConfig;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * Reads {@code {"key":"client", …}}. A key is taken as it stands, or is {@code sha256:} and the 64
 * hex digits of its digest, so that a file need not hold the key itself.
 */
public final class KeyParser {
  private static final Pattern CLIENT = Pattern.compile("[A-Za-z0-9._@:-]{1,64}");
  private static final String DIGEST = "sha256:";

  private KeyParser() {}

  /** Why the text holds no usable keys. Never quotes the text. */
  public static final class BadKeysException extends Exception {
    private static final long serialVersionUID = 1L;

    BadKeysException(String message) {
      super(message);
    }
  }

  /**
   * @throws BadKeysException when the text is not such an object, or empty, or a key stands twice
   */
  public static ApiKeys parse(String json) throws BadKeysException {
    Map<String, String> clientByDigest = new HashMap<>();
    try (JsonParser parser = new JsonFactory().createParser(json)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        throw new BadKeysException("must be a JSON object {\"key\":\"client\"}");
      }
      int entry = 0;
      while (parser.nextToken() != JsonToken.END_OBJECT) {
        entry++;
        String digest = digest(parser.currentName(), entry);
        if (parser.nextToken() != JsonToken.VALUE_STRING) {
          throw new BadKeysException("entry " + entry + ": the client must be a string");
        }
        String client = parser.getText();
        if (!CLIENT.matcher(client).matches()) {
          throw new BadKeysException(
              "entry " + entry + ": the client must be 1 to 64 of A-Z a-z 0-9 . _ @ : -");
        }
        if (clientByDigest.put(digest, client) != null) {
          throw new BadKeysException("entry " + entry + ": the same key stands twice");
        }
      }
      if (parser.nextToken() != null) {
        throw new BadKeysException("something follows the JSON object");
      }
    } catch (JsonProcessingException e) {
      // The library's message may quote what it read, and what it read may be a key.
      throw new BadKeysException("is not valid JSON at line " + line(e));
    } catch (IOException e) {
      throw new BadKeysException("cannot be read");
    }
    if (clientByDigest.isEmpty()) {
      throw new BadKeysException("names no key");
    }
    return new ApiKeys(clientByDigest);
  }

  /**
   * Finds out whether the keys of a source can be used, and forgets them again. A file that may be
   * missing and is, has nothing wrong with it.
   */
  public static void check(RouterConfig.KeySource source) throws BadKeysException {
    if (missing(source)) {
      return;
    }
    if (source.file().isPresent()) {
      parse(new String(read(source.file().get()), StandardCharsets.UTF_8));
    } else if (source.inline().isPresent()) {
      parse(source.inline().get());
    }
  }

  /** Whether the source is a file that is not there (yet) and need not be. */
  static boolean missing(RouterConfig.KeySource source) {
    return source.mayBeMissing()
        && source.file().isPresent()
        && Files.notExists(source.file().get());
  }

  static byte[] read(Path path) throws BadKeysException {
    try {
      return Files.readAllBytes(path);
    } catch (IOException e) {
      throw new BadKeysException("cannot be read: " + e.getClass().getSimpleName());
    }
  }

  private static String digest(String key, int entry) throws BadKeysException {
    if (key.toLowerCase(Locale.ROOT).startsWith(DIGEST)) {
      try {
        byte[] digest = HexFormat.of().parseHex(key.substring(DIGEST.length()));
        if (digest.length == 32) {
          return HexFormat.of().formatHex(digest);
        }
      } catch (IllegalArgumentException e) {
        // Said below.
      }
      throw new BadKeysException("entry " + entry + ": sha256: must be followed by 64 hex digits");
    }
    if (key.isEmpty() || key.chars().anyMatch(c -> c <= ' ' || c > '~')) {
      // Anything else does not come through a header the way it was written.
      throw new BadKeysException(
          "entry " + entry + ": a key must be visible ASCII characters without blanks");
    }
    return HexFormat.of().formatHex(ApiKeys.sha256(key.getBytes(StandardCharsets.UTF_8)));
  }

  private static int line(JsonProcessingException e) {
    return e.getLocation() == null ? 1 : e.getLocation().getLineNr();
  }
}
