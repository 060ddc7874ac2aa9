package io.cellrouter.config;

import java.net.URI;
import java.util.Locale;
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

  /** {@code unknown} is taken: it stands for ids that are not configured, in every metric. */
  public static boolean isId(String id) {
    return ID.matcher(id).matches() && !id.equals("unknown");
  }

  public static boolean isName(String name) {
    return NAME.matcher(name).matches();
  }
}
