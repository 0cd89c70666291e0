package dev.touchstone.suite.training;

/** IEEE 754 binary16; Java 17 has no conversion of its own (Float.floatToFloat16 came with 20). */
final class HalfPrecision {
  private HalfPrecision() {}

  /** The nearest half-precision number, ties to even. */
  static short fromFloat(float value) {
    int bits = Float.floatToIntBits(value);
    int sign = bits >>> 16 & 0x8000;
    int magnitude = bits & 0x7fffffff;
    if (magnitude > 0x7f800000) {
      return (short) (sign | 0x7e00);
    }
    if (magnitude >= 0x47800000) {
      return (short) (sign | 0x7c00);
    }
    if (magnitude >= 0x38800000) {
      int rounded = magnitude + 0xfff + (magnitude >>> 13 & 1);
      return (short) (sign | rounded - 0x38000000 >>> 13);
    }
    // Subnormal: a multiple of 2^-24, rint rounds ties to even.
    return (short) (sign | (int) Math.rint(Math.abs((double) value) * (1 << 24)));
  }
}
