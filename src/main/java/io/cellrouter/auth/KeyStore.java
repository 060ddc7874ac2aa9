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
import java.util.Collection;
import java.util.function.Consumer;

/**
 * Holds the current {@link ApiKeys} and follows the file they come from, {@code API_KEYS_FILE} or
 * {@code ADMIN_KEYS_FILE}.
 *
 * <p>The file's <em>content</em> is compared every {@link #INTERVAL}: a mounted Secret changes by a
 * symbolic link being swapped, which neither a modification time nor inotify on the file shows
 * reliably. A file that has become unreadable or invalid leaves the keys as they were; that is
 * logged and counted once for each such content, and shown as {@link #stale} for as long as it
 * lasts.
 */
public final class KeyStore {
  /** How soon a changed file is noticed. */
  public static final Duration INTERVAL = Duration.ofSeconds(1);

  private static final byte[] NOTHING = new byte[0];

  private final RouterConfig.KeySource source;
  private final Consumer<Collection<String>> clients;
  private final Log log;
  private final Metrics metrics;
  private byte[] lastContent;
  private volatile ApiKeys keys;
  private volatile boolean stale;

  private KeyStore(
      RouterConfig.KeySource source,
      byte[] content,
      ApiKeys keys,
      Consumer<Collection<String>> clients,
      Log log,
      Metrics metrics) {
    this.source = source;
    this.lastContent = content;
    this.keys = keys;
    this.clients = clients;
    this.log = log.named("keys");
    this.metrics = metrics;
    clients.accept(keys.clients());
  }

  /**
   * Loads the clients' keys for the first time.
   *
   * @throws KeyParser.BadKeysException when there is a source but no usable keys in it: better not
   *     to start than to refuse every client
   */
  public static KeyStore open(RouterConfig.KeySource source, Log log, Metrics metrics)
      throws KeyParser.BadKeysException {
    byte[] content = source.file().isPresent() ? KeyParser.read(source.file().get()) : NOTHING;
    return new KeyStore(
        source, content, parse(source, content), metrics::expectClients, log, metrics);
  }

  /**
   * Loads the admins' keys for the first time. Unlike the clients', their file may be missing: it
   * is taken when it appears, and whether somebody may change something is no reason not to serve.
   *
   * @throws KeyParser.BadKeysException when there is a source with unusable keys in it
   */
  public static KeyStore openForAdmins(RouterConfig.KeySource source, Log log, Metrics metrics)
      throws KeyParser.BadKeysException {
    boolean missing = KeyParser.missing(source);
    byte[] content =
        source.file().isPresent() && !missing ? KeyParser.read(source.file().get()) : NOTHING;
    // Admins are no clients of the cells: there are no series of their requests.
    KeyStore store =
        new KeyStore(
            source,
            content,
            missing ? ApiKeys.none() : parse(source, content),
            names -> {},
            log,
            metrics);
    if (missing) {
      store.log.warn(source.setting() + " is not there (yet); until then nothing can be changed");
    }
    return store;
  }

  private static ApiKeys parse(RouterConfig.KeySource source, byte[] content)
      throws KeyParser.BadKeysException {
    if (source.file().isPresent()) {
      return KeyParser.parse(new String(content, StandardCharsets.UTF_8));
    }
    return source.inline().isPresent() ? KeyParser.parse(source.inline().get()) : ApiKeys.none();
  }

  /** The keys as of now; one volatile load. */
  public ApiKeys current() {
    return keys;
  }

  /** Whether the file holds something that cannot be used, so that earlier keys are in force. */
  public boolean stale() {
    return stale;
  }

  /** Follows the file until interrupted; returns at once when there is no file to follow. */
  public void watch() {
    while (source.file().isPresent() && !Thread.currentThread().isInterrupted()) {
      try {
        Thread.sleep(INTERVAL);
      } catch (InterruptedException e) {
        return;
      }
      source.file().ifPresent(this::reload);
    }
  }

  /** Reads the file again and takes its keys over if it has changed and they are good. */
  void reload(Path path) {
    byte[] content;
    try {
      content = Files.readAllBytes(path);
    } catch (IOException e) {
      content = NOTHING;
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
      clients.accept(fresh.clients());
      keys = fresh;
      stale = false;
      metrics.keysReloaded(true);
      log.info(source.setting() + " was read again: " + fresh.size() + " keys");
    } catch (KeyParser.BadKeysException e) {
      stale = true;
      metrics.keysReloaded(false);
      log.warn(source.setting() + " " + e.getMessage() + "; the previous keys stay in force");
    }
  }
}
