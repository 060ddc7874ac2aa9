package io.cellrouter.config;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * One cell as configured.
 *
 * @param id 1 to 10 characters of {@code A-Z a-z 0-9 . _ -}: it stands in metric labels, log fields
 *     and header values unescaped
 * @param name the name of the upstream in answers, logs and metrics
 * @param url base URL without a trailing slash; {@code /api} and {@code /health} are appended
 */
public record CellConfig(String id, String name, URI url, CellState state) {
  private static final Pattern ID = Pattern.compile("[A-Za-z0-9._-]{1,10}");
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9._-]{1,63}");

  /** Whether new requests are admitted to a cell. */
  public enum CellState {
    /** Requests are admitted. */
    ACTIVE,
    /** Requests in flight finish, new ones are refused with {@code cell_draining}. */
    DRAINING,
    /** Every request is refused with {@code cell_disabled}. */
    DISABLED;

    /** As it stands in the file, in labels and on {@code /cells}. */
    public String label() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  public static boolean isId(String id) {
    return ID.matcher(id).matches();
  }

  public static boolean isName(String name) {
    return NAME.matcher(name).matches();
  }

  /** The URL of a cell, or why it is not one. */
  static Parsed<URI> parseUrl(String text) {
    URI uri;
    try {
      uri = new URI(text.strip());
    } catch (URISyntaxException e) {
      return Parsed.problem("is not a URL: " + e.getMessage());
    }
    String scheme = uri.getScheme() == null ? "" : uri.getScheme().toLowerCase(Locale.ROOT);
    if (!scheme.equals("http") && !scheme.equals("https")) {
      return Parsed.problem("must begin with http:// or https://, not \"" + text + "\"");
    }
    if (uri.getHost() == null) {
      return Parsed.problem("names no valid host in \"" + text + "\"");
    }
    if (uri.getRawUserInfo() != null || uri.getRawQuery() != null || uri.getRawFragment() != null) {
      return Parsed.problem("must not have user, query or fragment");
    }
    if (uri.getPort() == 0 || uri.getPort() > 65_535) {
      return Parsed.problem("has the impossible port " + uri.getPort());
    }
    String path = Optional.ofNullable(uri.getRawPath()).orElse("").replaceAll("/+$", "");
    return Parsed.value(URI.create(scheme + "://" + uri.getRawAuthority() + path));
  }
}
