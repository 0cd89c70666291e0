package dev.touchstone.intervention;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;

/** Tells arrays of numbers apart. */
final class Fingerprint {
  private Fingerprint() {}

  /** SHA-256 over the lengths and bits, the first 16 hexadecimal digits. */
  static String of(List<float[]> arrays) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      for (float[] array : arrays) {
        ByteBuffer bytes = ByteBuffer.allocate(4 + array.length * 4).putInt(array.length);
        bytes.asFloatBuffer().put(array);
        digest.update(bytes.array());
      }
      return HexFormat.of().formatHex(digest.digest(), 0, 8);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }
}
