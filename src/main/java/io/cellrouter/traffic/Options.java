package io.cellrouter.traffic;

import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * What the user asked for.
 *
 * @param base the router's address without a slash at its end
 * @param warmUp how long load is sent before anything counts
 * @param rate requests a second between bursts
 * @param key for a router that asks for API keys
 * @param cells to send to; empty: find out
 */
public record Options(
    URI base,
    Duration duration,
    Duration warmUp,
    int rate,
    long seed,
    Optional<String> key,
    List<String> cells) {

  public static final Duration DEFAULT_DURATION = Duration.ofMinutes(5);

  /** Two programs that have just started answer a hundred times more slowly for a second or two. */
  public static final Duration DEFAULT_WARM_UP = Duration.ofSeconds(5);

  public static final int DEFAULT_RATE = 200;
  private static final Duration MAX_DURATION = Duration.ofDays(1);
  private static final Duration MAX_WARM_UP = Duration.ofMinutes(1);
  private static final Pattern CELL = Pattern.compile("[A-Za-z0-9._-]{1,10}");
  private static final Pattern KEY = Pattern.compile("[\\x21-\\x7e]{1,512}");

  /**
   * @throws IllegalArgumentException when a value is out of range; the message is for the user
   */
  public Options {
    cells = List.copyOf(cells);
    require(
        duration.isPositive() && duration.compareTo(MAX_DURATION) <= 0,
        "--minutes must be above 0 and at most 1440");
    require(
        !warmUp.isNegative() && warmUp.compareTo(MAX_WARM_UP) <= 0,
        "--warm-up must be from 0 to 60 seconds");
    require(rate >= 1 && rate <= Pace.MAX_RATE, "--rate must be from 1 to " + Pace.MAX_RATE);
    require(
        key.map(KEY.asMatchPredicate()::test).orElse(true),
        "the key must be 1 to 512 visible ASCII characters");
    require(
        cells.stream().allMatch(CELL.asMatchPredicate()),
        "--cells must be ids of 1 to 10 of A-Z a-z 0-9 . _ -, separated by commas");
  }

  /**
   * {@link #DEFAULT_RATE} for {@link #DEFAULT_DURATION} after {@link #DEFAULT_WARM_UP}, without a
   * key.
   */
  public static Options to(String url, long seed) {
    return new Options(
        base(url),
        DEFAULT_DURATION,
        DEFAULT_WARM_UP,
        DEFAULT_RATE,
        seed,
        Optional.empty(),
        List.of());
  }

  public Options withMinutes(double minutes) {
    require(Double.isFinite(minutes), "--minutes must be a number");
    Duration given = Duration.ofMillis(Math.round(minutes * 60_000));
    return new Options(base, given, warmUp, rate, seed, key, cells);
  }

  public Options withWarmUp(double seconds) {
    require(Double.isFinite(seconds), "--warm-up must be a number");
    Duration given = Duration.ofMillis(Math.round(seconds * 1_000));
    return new Options(base, duration, given, rate, seed, key, cells);
  }

  public Options withRate(int given) {
    return new Options(base, duration, warmUp, given, seed, key, cells);
  }

  public Options withSeed(long given) {
    return new Options(base, duration, warmUp, rate, given, key, cells);
  }

  public Options withKey(String given) {
    return new Options(base, duration, warmUp, rate, seed, Optional.of(given), cells);
  }

  public Options withCells(List<String> given) {
    require(!given.isEmpty(), "--cells must name at least one cell");
    return new Options(base, duration, warmUp, rate, seed, key, given);
  }

  private static URI base(String url) {
    URI uri;
    try {
      uri = new URI(url);
    } catch (URISyntaxException e) {
      throw new IllegalArgumentException("\"" + url + "\" is not a URL", e);
    }
    String scheme = uri.getScheme() == null ? "" : uri.getScheme().toLowerCase(Locale.ROOT);
    require(
        scheme.equals("http") || scheme.equals("https"),
        "the URL must begin with http:// or https://, as http://localhost:8080 does");
    require(uri.getHost() != null, "\"" + url + "\" names no host");
    require(
        uri.getPort() != 0 && uri.getPort() <= 65_535, "\"" + url + "\" names an impossible port");
    require(
        uri.getRawUserInfo() == null && uri.getRawQuery() == null && uri.getRawFragment() == null,
        "the URL must be the router's address only, without user, query or fragment");
    String path = uri.getRawPath().replaceAll("/+$", "");
    return URI.create(scheme + "://" + uri.getRawAuthority() + path);
  }

  private static void require(boolean condition, String otherwise) {
    if (!condition) {
      throw new IllegalArgumentException(otherwise);
    }
  }

  /** Without the key. */
  @Override
  public String toString() {
    return "Options[base=" + base + ", duration=" + duration + ", rate=" + rate + "]";
  }
}
