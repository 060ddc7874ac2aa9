package io.cellrouter.edge;

import java.net.URI;
import java.util.List;

/** Which texts the HTTP standards allow where; plain loops, since every request passes them. */
final class Grammar {
  private static final String TOKEN_SIGNS = "!#$%&'*+-.^_`|~";
  private static final String NEVER_IN_HOST = "\"#,/<>?@\\^`{|}";

  private Grammar() {}

  /** A method (RFC 9110 §5.6.2). */
  static boolean isToken(String text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      boolean letter = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
      if (!letter && !(c >= '0' && c <= '9') && TOKEN_SIGNS.indexOf(c) < 0) {
        return false;
      }
    }
    return !text.isEmpty();
  }

  /** Visible characters, space, tab and the bytes above ASCII (RFC 9110 §5.5). */
  static boolean isFieldValue(String text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if ((c < ' ' && c != '\t') || c == 0x7f) {
        return false;
      }
    }
    return true;
  }

  /** At most one value, of 1 to 18 digits (RFC 9110 §8.6): no sign, no list, no overflow. */
  static boolean isLength(List<String> values) {
    if (values.isEmpty()) {
      return true;
    }
    String value = values.getFirst();
    if (values.size() > 1 || value.isEmpty() || value.length() > 18) {
      return false;
    }
    for (int i = 0; i < value.length(); i++) {
      if (value.charAt(i) < '0' || value.charAt(i) > '9') {
        return false;
      }
    }
    return true;
  }

  /** A host with or without a port, or nothing (RFC 9112 §3.2): no list, no user, no path. */
  static boolean isHost(String text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c <= ' ' || c >= 0x7f || NEVER_IN_HOST.indexOf(c) >= 0) {
        return false;
      }
    }
    return true;
  }

  /**
   * A path with or without a query, or an absolute form with a host and without a user (RFC 9112
   * §3.2, RFC 9110 §4.2.4); a fragment never.
   */
  static boolean isTarget(URI target) {
    if (target.getRawFragment() != null) {
      return false;
    }
    String scheme = target.getScheme();
    if (scheme == null) {
      return true;
    }
    String authority = target.getRawAuthority();
    return (scheme.equalsIgnoreCase("http") || scheme.equalsIgnoreCase("https"))
        && authority != null
        && authority.indexOf('@') < 0;
  }
}
