package dev.touchstone.model;

import ai.djl.ndarray.types.Shape;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * The header of a safetensors file: eight bytes of length, little-endian, then a JSON object that
 * gives each tensor its dtype, its shape and its place in the data behind the header. Whatever a
 * {@link Tensor} says has been checked against the file's size.
 */
final class SafetensorsHeader {
  private static final int LENGTH_BYTES = 8;
  private static final long LARGEST = 100_000_000;
  private static final String METADATA = "__metadata__";
  private static final String PREFIX = "transformer.";
  private static final Pattern BUFFER =
      Pattern.compile("h\\.\\d+\\.attn\\.((masked_)?bias|rotary_(sin|cos))");
  private static final String FETCH = "fetch the file again";
  private static final String REWRITE = "fetch the file again, or write it anew if it is your own";

  // A name given twice would otherwise silently win over the first.
  static final JsonMapper JSON =
      JsonMapper.builder(
              JsonFactory.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build())
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  private final Path file;
  private final long dataStart;
  private final long dataBytes;

  /**
   * Where a tensor lies.
   *
   * @param start counted in bytes from the beginning of the file
   * @param bytes its stored size
   */
  record Tensor(Precision precision, Shape shape, long start, long bytes) {}

  private record Region(String name, long begin, long end) {}

  private SafetensorsHeader(Path file, long dataStart, long dataBytes) {
    this.file = file;
    this.dataStart = dataStart;
    this.dataBytes = dataBytes;
  }

  /**
   * The tensors by name in the header's order, without a leading {@code transformer.} and without
   * the attention masks and rotations that some copies carry.
   *
   * @throws CheckpointException when the header breaks the format's rules
   * @throws IOException when the file cannot be read
   */
  static Map<String, Tensor> read(Path file, FileChannel channel) throws IOException {
    long size = channel.size();
    if (size < LENGTH_BYTES) {
      throw new CheckpointException(
          file,
          size == 0 ? "is empty" : "has only " + size + " bytes, too few for a safetensors file",
          FETCH);
    }
    long length = read(channel, 0, LENGTH_BYTES).getLong();
    if (length < 0 || length > size - LENGTH_BYTES || length > LARGEST) {
      throw new CheckpointException(
          file,
          "announces a header of "
              + Long.toUnsignedString(length)
              + " bytes, but the file holds "
              + (size - LENGTH_BYTES)
              + " more and a header may have "
              + LARGEST
              + " at most",
          "it is cut off or no safetensors file; " + FETCH);
    }
    ByteBuffer text = read(channel, LENGTH_BYTES, (int) length);
    long dataStart = LENGTH_BYTES + length;
    return new SafetensorsHeader(file, dataStart, size - dataStart).tensors(text.array());
  }

  private static ByteBuffer read(FileChannel channel, long position, int count) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(count).order(ByteOrder.LITTLE_ENDIAN);
    while (buffer.hasRemaining()) {
      if (channel.read(buffer, position + buffer.position()) < 0) {
        throw new EOFException("the file became shorter while it was read");
      }
    }
    return buffer.flip();
  }

  private Map<String, Tensor> tensors(byte[] text) {
    Map<String, Region> regions = new LinkedHashMap<>();
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    for (var entry : parse(text).properties()) {
      if (entry.getKey().equals(METADATA)) {
        continue;
      }
      String name = withoutPrefix(entry.getKey());
      Region region = region(name, entry.getValue());
      if (regions.put(name, region) != null) {
        throw broken("names tensor '" + name + "' twice, with and without '" + PREFIX + "'");
      }
      if (!BUFFER.matcher(name).matches()) {
        tensors.put(name, tensor(region, entry.getValue()));
      }
    }
    checkOverlaps(List.copyOf(regions.values()));
    return Collections.unmodifiableMap(tensors);
  }

  private JsonNode parse(byte[] text) {
    JsonNode header;
    try {
      header = JSON.readTree(text);
    } catch (JsonProcessingException e) {
      throw new CheckpointException(
          file, "has a header that is not JSON (" + e.getOriginalMessage() + ")", REWRITE, e);
    } catch (IOException e) {
      throw new CheckpointException(
          file, "has a header that is not text (" + e.getMessage() + ")", REWRITE, e);
    }
    if (!header.isObject()) {
      throw broken("has a header that is not a JSON object of tensors");
    }
    return header;
  }

  private static String withoutPrefix(String name) {
    return name.startsWith(PREFIX) ? name.substring(PREFIX.length()) : name;
  }

  private Region region(String name, JsonNode entry) {
    long[] offsets = wholeNumbers(name, entry, "data_offsets");
    if (offsets.length != 2) {
      throw broken(
          "gives tensor '" + name + "' " + offsets.length + " data_offsets instead of two");
    }
    Region region = new Region(name, offsets[0], offsets[1]);
    if (region.begin < 0 || region.begin > region.end || region.end > dataBytes) {
      throw broken(
          "places tensor '"
              + name
              + "' at bytes "
              + region.begin
              + " to "
              + region.end
              + " of "
              + dataBytes
              + " bytes of data, so it is cut off or its data_offsets are wrong");
    }
    return region;
  }

  private Tensor tensor(Region region, JsonNode entry) {
    Precision precision = precision(region.name, entry.path("dtype"));
    long[] dimensions = wholeNumbers(region.name, entry, "shape");
    long bytes = precision.bytes();
    try {
      for (long dimension : dimensions) {
        if (dimension < 0) {
          throw new ArithmeticException("negative dimension");
        }
        bytes = Math.multiplyExact(bytes, dimension);
      }
    } catch (ArithmeticException e) {
      throw broken(
          "gives tensor '" + region.name + "' the impossible shape " + Arrays.toString(dimensions));
    }
    if (bytes != region.end - region.begin) {
      throw broken(
          "gives tensor '"
              + region.name
              + "' "
              + (region.end - region.begin)
              + " bytes, but "
              + precision
              + " "
              + Arrays.toString(dimensions)
              + " takes "
              + bytes);
    }
    return new Tensor(precision, new Shape(dimensions), dataStart + region.begin, bytes);
  }

  private Precision precision(String name, JsonNode dtype) {
    for (Precision precision : Precision.values()) {
      if (precision.name().equals(dtype.textValue())) {
        return precision;
      }
    }
    throw new CheckpointException(
        file,
        "stores tensor '" + name + "' as dtype " + (dtype.isMissingNode() ? "(none)" : dtype),
        "convert it to one of "
            + Arrays.stream(Precision.values()).map(Enum::name).collect(Collectors.joining(", ")));
  }

  private long[] wholeNumbers(String name, JsonNode entry, String field) {
    JsonNode array = entry.path(field);
    long[] numbers = new long[array.size()];
    boolean whole = array.isArray();
    for (int i = 0; whole && i < numbers.length; i++) {
      whole = array.get(i).isIntegralNumber() && array.get(i).canConvertToLong();
      numbers[i] = array.get(i).longValue();
    }
    if (!whole) {
      throw broken("has no list of whole numbers as the " + field + " of tensor '" + name + "'");
    }
    return numbers;
  }

  private void checkOverlaps(List<Region> regions) {
    List<Region> sorted =
        regions.stream()
            .sorted(Comparator.comparingLong(Region::begin).thenComparingLong(Region::end))
            .toList();
    for (int i = 1; i < sorted.size(); i++) {
      if (sorted.get(i).begin < sorted.get(i - 1).end) {
        throw broken(
            "lets the data of tensors '"
                + sorted.get(i - 1).name
                + "' and '"
                + sorted.get(i).name
                + "' overlap");
      }
    }
  }

  private CheckpointException broken(String problem) {
    return new CheckpointException(file, problem, REWRITE);
  }
}
