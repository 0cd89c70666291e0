package dev.touchstone.intervention;

import dev.touchstone.runtime.Sha256;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;

/** Tells arrays of numbers apart. */
final class Fingerprint {
  private Fingerprint() {}

  /** SHA-256 over the lengths and bits, the first 16 hexadecimal digits. */
  static String of(List<float[]> arrays) {
    MessageDigest digest = Sha256.digest();
    for (float[] array : arrays) {
      ByteBuffer bytes = ByteBuffer.allocate(4 + array.length * 4).putInt(array.length);
      bytes.asFloatBuffer().put(array);
      digest.update(bytes.array());
    }
    return HexFormat.of().formatHex(digest.digest(), 0, 8);
  }

  /** Their size. */
  static long bytes(List<float[]> arrays) {
    return arrays.stream().mapToLong(array -> (long) array.length * Float.BYTES).sum();
  }
}
