package io.cellrouter.config;

import java.net.URI;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * One cell as configured.
 *
 * @param id 1 to 10 characters of {@code A-Z a-z 0-9 . _ -}: it stands in metric labels, log fields
 *     and header values unescaped
 * @param name the name of the upstream in answers, logs and metrics
 * @param urls base URLs without a trailing slash, at least one, all of one scheme; {@code /api} and
 *     {@code /health} are appended
 * @param share percent of the cell's clients that are admitted, 0 to 100
 */
public record CellConfig(
    String id, String name, List<URI> urls, CellState state, int share, CellPolicy policy) {
  private static final Pattern ID = Pattern.compile("[A-Za-z0-9._-]{1,10}");
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9._-]{1,63}");

  public CellConfig {
    urls = List.copyOf(urls);
  }

  /** An active cell with one URL and the default policy. */
  public static CellConfig of(String id, String name, URI url) {
    return new CellConfig(id, name, List.of(url), CellState.ACTIVE, 100, CellPolicy.defaults());
  }

  /** The same in another state. */
  public CellConfig with(CellState other, int otherShare) {
    return new CellConfig(id, name, urls, other, otherShare, policy);
  }

  /** Which new requests are admitted to a cell. */
  public enum CellState {
    /** Requests are admitted. */
    ACTIVE,
    /** Only requests that change nothing ({@code method} GET) are admitted. */
    READ_ONLY,
    /** Requests in flight finish, new ones are refused with {@code cell_draining}. */
    DRAINING,
    /** Every request is refused with {@code cell_disabled}. */
    DISABLED;

    /** Reads what {@link #label} writes, in any case. */
    static Parsed<CellState> parse(String text) {
      return Values.oneOf(text, CellState.class, true);
    }

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
