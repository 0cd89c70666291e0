package dev.touchstone.model;

import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.Optional;

/** The dtypes of a checkpoint that are read. Each widens to float32 without loss. */
enum Precision {
  F32(4) {
    @Override
    void widen(ByteBuffer stored, FloatBuffer target) {
      target.put(stored.asFloatBuffer());
    }
  },
  F16(2) {
    @Override
    void widen(ByteBuffer stored, FloatBuffer target) {
      while (stored.hasRemaining()) {
        target.put(half(stored.getShort()));
      }
    }
  },
  /** The upper half of a float32. */
  BF16(2) {
    @Override
    void widen(ByteBuffer stored, FloatBuffer target) {
      while (stored.hasRemaining()) {
        target.put(Float.intBitsToFloat(stored.getShort() << 16));
      }
    }
  };

  private final int bytes;

  Precision(int bytes) {
    this.bytes = bytes;
  }

  /** The one that the format calls so. */
  static Optional<Precision> of(String dtype) {
    return Arrays.stream(values()).filter(each -> each.name().equals(dtype)).findFirst();
  }

  /** The size of one number. */
  int bytes() {
    return bytes;
  }

  /** Reads {@code stored} to its end, in its byte order, into {@code target}. */
  abstract void widen(ByteBuffer stored, FloatBuffer target);

  /** The value of an IEEE 754 binary16; Java has Float.float16ToFloat from version 20 only. */
  private static float half(short stored) {
    int sign = (stored & 0x8000) << 16;
    int magnitude = stored & 0x7fff;
    int bits;
    if (magnitude >= 0x7c00) {
      bits = 0x7f800000 | (magnitude & 0x3ff) << 13;
    } else if (magnitude >= 0x400) {
      // The exponent's bias grows from 15 to 127.
      bits = (magnitude << 13) + (112 << 23);
    } else {
      bits = Float.floatToRawIntBits(magnitude * 0x1p-24f);
    }
    return Float.intBitsToFloat(sign | bits);
  }
}
