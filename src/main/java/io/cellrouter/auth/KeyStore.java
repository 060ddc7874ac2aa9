package io.cellrouter.auth;

import io.cellrouter.config.RouterConfig;
import io.cellrouter.telemetry.Log;
import io.cellrouter.telemetry.Metrics;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;

/**
 * Holds the current {@link ApiKeys} and follows {@code API_KEYS_FILE}.
 *
 * <p>The file's <em>content</em> is compared every {@link #INTERVAL}: a mounted Secret changes by a
 * symbolic link being swapped, which neither a modification time nor inotify on the file shows
 * reliably. A file that has become unreadable or invalid leaves the keys as they were; that is
 * logged and counted once for each such content.
 */
public final class KeyStore {
  /** How soon a changed file is noticed. */
  public static final Duration INTERVAL = Duration.ofSeconds(1);

  private final Optional<Path> file;
  private final Log log;
  private final Metrics metrics;
  private byte[] lastContent;
  private volatile ApiKeys keys;

  private KeyStore(Optional<Path> file, byte[] content, ApiKeys keys, Log log, Metrics metrics) {
    this.file = file;
    this.lastContent = content;
    this.keys = keys;
    this.log = log.named("keys");
    this.metrics = metrics;
  }

  /**
   * Loads the keys for the first time.
   *
   * @throws KeyParser.BadKeysException when there is a source but no usable keys in it: better not
   *     to start than to refuse every client
   */
  public static KeyStore open(RouterConfig.KeySource source, Log log, Metrics metrics)
      throws KeyParser.BadKeysException {
    byte[] content = new byte[0];
    ApiKeys keys = ApiKeys.none();
    if (source.file().isPresent()) {
      content = KeyParser.read(source.file().get());
      keys = KeyParser.parse(new String(content, StandardCharsets.UTF_8));
    } else if (source.inline().isPresent()) {
      keys = KeyParser.parse(source.inline().get());
    }
    metrics.expectClients(keys.clients());
    return new KeyStore(source.file(), content, keys, log, metrics);
  }

  /** The keys as of now; one volatile load. */
  public ApiKeys current() {
    return keys;
  }

  /** Follows the file until interrupted; returns at once when there is no file to follow. */
  public void watch() {
    while (file.isPresent() && !Thread.currentThread().isInterrupted()) {
      try {
        Thread.sleep(INTERVAL);
      } catch (InterruptedException e) {
        return;
      }
      file.ifPresent(this::reload);
    }
  }

  /** Reads the file again and takes its keys over if it has changed and they are good. */
  void reload(Path path) {
    byte[] content;
    try {
      content = Files.readAllBytes(path);
    } catch (IOException e) {
      content = new byte[0];
    }
    if (Arrays.equals(content, lastContent)) {
      return;
    }
    lastContent = content;
    try {
      if (content.length == 0) {
        throw new KeyParser.BadKeysException("is gone, unreadable or empty");
      }
      ApiKeys fresh = KeyParser.parse(new String(content, StandardCharsets.UTF_8));
      metrics.expectClients(fresh.clients());
      keys = fresh;
      metrics.keysReloaded(true);
      log.info("API_KEYS_FILE was read again: " + fresh.size() + " keys");
    } catch (KeyParser.BadKeysException e) {
      metrics.keysReloaded(false);
      log.warn("API_KEYS_FILE " + e.getMessage() + "; the previous keys stay in force");
    }
  }
}
