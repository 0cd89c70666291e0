package dev.touchstone.suite.training;

import ai.djl.ndarray.NDArray;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
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
    Path aside = file.resolveSibling(file.getFileName() + ".part");
    Files.createDirectories(file.toAbsolutePath().getParent());
    try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(aside), 1 << 20)) {
      out.write(ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(text.length).array());
      out.write(text);
      for (NDArray array : arrays.values()) {
        out.write(bytes(array.toFloatArray(), precision));
      }
    }
    Files.move(aside, file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
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
