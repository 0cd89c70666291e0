package dev.touchstone.suite.training;

import ai.djl.ndarray.NDArray;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.touchstone.runtime.AtomicFile;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Writes arrays as a safetensors file: eight bytes of header length, a JSON header, the data. The
 * file appears under its name only when whole.
 */
public final class SafetensorsWriter {
  private static final ObjectMapper JSON = new ObjectMapper();

  private SafetensorsWriter() {}

  /** How a number is stored. */
  public enum Precision {
    F32(4),
    F16(2);

    private final int bytes;

    Precision(int bytes) {
      this.bytes = bytes;
    }
  }

  /** Writes the arrays, float32 on their device, in the map's order. */
  public static void write(Path file, Map<String, NDArray> arrays, Precision precision)
      throws IOException {
    Map<String, Object> header = new LinkedHashMap<>();
    long offset = 0;
    for (var entry : arrays.entrySet()) {
      long end = offset + entry.getValue().size() * precision.bytes;
      header.put(
          entry.getKey(),
          Map.of(
              "dtype",
              precision.name(),
              "shape",
              Arrays.stream(entry.getValue().getShape().getShape()).boxed().toList(),
              "data_offsets",
              new long[] {offset, end}));
      offset = end;
    }
    String json = JSON.writeValueAsString(header);
    byte[] text = (json + " ".repeat((8 - json.length() % 8) % 8)).getBytes(StandardCharsets.UTF_8);
    AtomicFile.write(file, aside -> write(aside, text, arrays.values(), precision));
  }

  private static void write(
      Path file, byte[] header, Collection<NDArray> arrays, Precision precision)
      throws IOException {
    try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(file), 1 << 20)) {
      out.write(
          ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(header.length).array());
      out.write(header);
      for (NDArray array : arrays) {
        out.write(bytes(array.toFloatArray(), precision));
      }
    }
  }

  private static byte[] bytes(float[] values, Precision precision) {
    ByteBuffer buffer =
        ByteBuffer.allocate(values.length * precision.bytes).order(ByteOrder.LITTLE_ENDIAN);
    for (float value : values) {
      if (precision == Precision.F32) {
        buffer.putFloat(value);
      } else {
        buffer.putShort(HalfPrecision.fromFloat(value));
      }
    }
    return buffer.array();
  }
}
