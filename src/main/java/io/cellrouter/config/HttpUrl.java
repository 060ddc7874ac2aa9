package io.cellrouter.config;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.Locale;
import java.util.Optional;

/** URLs in settings: http or https, a host, perhaps a port and a path; nothing else. */
final class HttpUrl {
  private HttpUrl() {}

  /** The URL without a slash at its end, or why it is none. */
  static Parsed<URI> parse(String text) {
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
