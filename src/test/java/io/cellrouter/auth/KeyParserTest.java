package io.cellrouter.auth;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class KeyParserTest {
  @Test
  void takesPlainKeysAndDigests() throws Exception {
    String digest =
        HexFormat.of().formatHex(ApiKeys.sha256("key-of-bob".getBytes(StandardCharsets.UTF_8)));

    ApiKeys keys =
        KeyParser.parse("{\"key-of-alice\":\"alice\", \"sha256:" + digest + "\":\"bob\"}");

    assertEquals(Optional.of("alice"), keys.client("key-of-alice"));
    assertEquals(Optional.of("bob"), keys.client("key-of-bob"));
    assertEquals(Optional.empty(), keys.client("key-of-carol"));
    assertEquals(Optional.empty(), keys.client("sha256:" + digest), "a digest is not a key");
    assertEquals(Set.of("alice", "bob"), keys.clients());
    assertEquals(2, keys.size());
  }

  @Test
  void sha256IsTheStandardOne() {
    // FIPS 180-4, "abc".
    assertEquals(
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
        HexFormat.of().formatHex(ApiKeys.sha256(new byte[] {'a', 'b', 'c'})));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "[]",
        "{}",
        "{\"topsecret\":1}",
        "{\"topsecret\":\"\"}",
        "{\"topsecret\":\"a b\"}",
        "{\"topsecret\":\"a\",\"topsecret\":\"b\"}",
        "{\"topsecret\":\"a\"} x",
        "{\"topsecret",
        "{\"\":\"a\"}",
        "{\"topsecret \":\"a\"}",
        "{\"topsecrét\":\"a\"}",
        "{\"sha256:topsecret\":\"a\"}",
        "{\"sha256:abcd\":\"a\"}"
      })
  void refusesWhatIsNotKeysWithoutQuotingIt(String json) {
    KeyParser.BadKeysException e =
        assertThrows(KeyParser.BadKeysException.class, () -> KeyParser.parse(json));

    assertFalse(e.getMessage().contains("topsecret"), e.getMessage());
    assertFalse(e.getMessage().isBlank());
  }

  @Test
  void aKeyAndItsOwnDigestAreTheSameKey() {
    String digest = HexFormat.of().formatHex(ApiKeys.sha256("k".getBytes(StandardCharsets.UTF_8)));

    KeyParser.BadKeysException e =
        assertThrows(
            KeyParser.BadKeysException.class,
            () -> KeyParser.parse("{\"k\":\"a\",\"sha256:" + digest + "\":\"b\"}"));

    assertTrue(e.getMessage().contains("twice"));
  }
}
