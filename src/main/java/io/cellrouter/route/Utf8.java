package io.cellrouter.route;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/** Whether bytes are text that every JSON reader takes the same way. */
public final class Utf8 {
  private Utf8() {}

  /**
   * True for well-formed UTF-8 (no overlong form, no surrogate) without byte order mark and without
   * NUL. A NUL is no JSON anyway (RFC 8259 §7), and without one the text cannot be UTF-16 or
   * UTF-32, which a parser that guesses encodings would take it for.
   */
  public static boolean isPlain(byte[] bytes) {
    boolean ascii = true;
    for (byte each : bytes) {
      if (each <= 0) {
        if (each == 0) {
          return false;
        }
        ascii = false;
      }
    }
    return ascii || (!startsWithMark(bytes) && wellFormed(bytes));
  }

  private static boolean startsWithMark(byte[] bytes) {
    return bytes.length >= 3
        && bytes[0] == (byte) 0xEF
        && bytes[1] == (byte) 0xBB
        && bytes[2] == (byte) 0xBF;
  }

  private static boolean wellFormed(byte[] bytes) {
    try {
      StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes));
      return true;
    } catch (CharacterCodingException e) {
      return false;
    }
  }
}
