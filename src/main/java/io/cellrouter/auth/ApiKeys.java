package io.cellrouter.auth;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * An immutable set of API keys.
 *
 * <p>Looking one up takes the same time whether it is known or not and however much of a known key
 * it repeats: the presented key is hashed, the digest is hashed once more together with a secret of
 * this process, and only that blinded value meets the table. A caller cannot choose it, so the time
 * of the look-up tells nothing about the keys; the final comparison is constant-time all the same.
 */
public final class ApiKeys {
  private static final int DIGEST_BYTES = 32;

  private final byte[] secret = new byte[DIGEST_BYTES];
  private final Map<ByteBuffer, Entry> byBlinded = new HashMap<>();
  private final Set<String> clients = new TreeSet<>();

  private record Entry(byte[] blinded, String client) {}

  /**
   * @param clientByDigest the SHA-256 digests of the keys in hex, each with its client
   */
  ApiKeys(Map<String, String> clientByDigest) {
    if (!clientByDigest
        .isEmpty()) { // Without keys there is no secret; the generator is dear at start.
      new SecureRandom().nextBytes(secret);
    }
    clientByDigest.forEach(
        (digest, client) -> {
          byte[] blinded = blind(HexFormat.of().parseHex(digest));
          byBlinded.put(ByteBuffer.wrap(blinded), new Entry(blinded, client));
          clients.add(client);
        });
  }

  public static ApiKeys none() {
    return new ApiKeys(Map.of());
  }

  public boolean isEmpty() {
    return byBlinded.isEmpty();
  }

  public int size() {
    return byBlinded.size();
  }

  /** The names of all clients, sorted. */
  public Set<String> clients() {
    return Set.copyOf(clients);
  }

  /** The client whose key this is. */
  public Optional<String> client(String presented) {
    byte[] blinded = blind(sha256(presented.getBytes(StandardCharsets.UTF_8)));
    Entry entry = byBlinded.get(ByteBuffer.wrap(blinded));
    return entry != null && MessageDigest.isEqual(entry.blinded, blinded)
        ? Optional.of(entry.client)
        : Optional.empty();
  }

  private byte[] blind(byte[] digest) {
    MessageDigest sha256 = sha256();
    sha256.update(secret);
    return sha256.digest(digest);
  }

  static byte[] sha256(byte[] bytes) {
    return sha256().digest(bytes);
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }
}
