package dev.touchstone.model;

import ai.djl.ndarray.types.Shape;
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
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The header of a safetensors file: eight bytes of length, little-endian, then a JSON object that
 * gives each tensor its dtype, its shape and its place in the data behind the header. What the
 * format's reference reader refuses is refused here: the tensors' places must fill the data without
 * a hole, an overlap or a rest. Whatever a {@link Tensor} says has been checked against the file's
 * size.
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

  /** The bits of a number of each of the format's dtypes. */
  private static final Map<String, Integer> BITS =
      Map.of(
              4, "F4",
              6, "F6_E2M3 F6_E3M2",
              8, "BOOL U8 I8 F8_E5M2 F8_E4M3 F8_E8M0 F8_E4M3FNUZ F8_E5M2FNUZ",
              16, "I16 U16 F16 BF16",
              32, "I32 U32 F32",
              64, "C64 F64 I64 U64")
          .entrySet()
          .stream()
          .flatMap(
              same ->
                  Stream.of(same.getValue().split(" ")).map(each -> Map.entry(each, same.getKey())))
          .collect(Collectors.toUnmodifiableMap(Map.Entry::getKey, Map.Entry::getValue));

  /** Numbers of a list that a sentence shows. */
  private static final int SHOWN = 8;

  private final Path file;
  private final long dataStart;
  private final long dataBytes;
  private final Map<String, Tensor> tensors = new LinkedHashMap<>();

  /**
   * Where a tensor lies.
   *
   * @param dtype its name in the format
   * @param start counted in bytes from the beginning of the file
   * @param bytes its stored size
   */
  record Tensor(String dtype, Shape shape, long start, long bytes) {
    long end() {
      return start + bytes;
    }
  }

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
    try (StrictJson json = new StrictJson(text)) {
      if (!json.isObject()) {
        throw broken("has a header that is not a JSON object of tensors");
      }
      while (json.nextMember()) {
        if (json.name().equals(METADATA)) {
          readMetadata(json);
        } else {
          readTensor(withoutPrefix(json.name()), json);
        }
      }
      json.end();
    } catch (IOException e) {
      throw new CheckpointException(
          file, "has a header that is " + StrictJson.complaint(e), REWRITE, e);
    }
    requireFilledData();
    tensors.keySet().removeIf(SafetensorsHeader::isBuffer);
    return Collections.unmodifiableMap(tensors);
  }

  /** What a tensor is called here; empty when it is left out. */
  static Optional<String> nameOf(String key) {
    return Optional.of(withoutPrefix(key)).filter(name -> !isBuffer(name));
  }

  private static boolean isBuffer(String name) {
    return BUFFER.matcher(name).matches();
  }

  private static String withoutPrefix(String name) {
    return name.startsWith(PREFIX) ? name.substring(PREFIX.length()) : name;
  }

  /** Nobody here needs what it says. */
  private void readMetadata(StrictJson json) throws IOException {
    if (json.isNull()) {
      return;
    }
    if (!json.isObject()) {
      throw broken("has a " + METADATA + " that is not a JSON object of texts");
    }
    while (json.nextMember()) {
      if (json.string().isEmpty()) {
        throw broken("gives '" + json.name() + "' in its " + METADATA + " no text");
      }
    }
  }

  private void readTensor(String name, StrictJson json) throws IOException {
    String dtype = null;
    long[] shape = null;
    long[] offsets = null;
    if (!json.isObject()) {
      throw broken(
          "describes tensor '%s' by no JSON object of dtype, shape and data_offsets"
              .formatted(name));
    }
    while (json.nextMember()) {
      switch (json.name()) {
        case "dtype" -> dtype = dtype(name, json);
        case "shape" -> shape = wholeNumbers(name, json);
        case "data_offsets" -> offsets = wholeNumbers(name, json);
        default -> json.skip();
      }
    }
    if (dtype == null || shape == null || offsets == null) {
      throw broken(
          "gives tensor '%s' no %s"
              .formatted(name, dtype == null ? "dtype" : shape == null ? "shape" : "data_offsets"));
    }
    if (tensors.put(name, tensor(name, dtype, shape, offsets)) != null) {
      throw broken("names tensor '" + name + "' twice, with and without '" + PREFIX + "'");
    }
  }

  private String dtype(String name, StrictJson json) throws IOException {
    String dtype = json.string().orElse("");
    if (!BITS.containsKey(dtype)) {
      throw broken(
          "gives tensor '" + name + "' the dtype " + json.shown() + ", which the format has not");
    }
    return dtype;
  }

  private long[] wholeNumbers(String name, StrictJson json) throws IOException {
    String field = json.name();
    return json.wholeNumbers()
        .orElseThrow(
            () ->
                broken(
                    "has no list of whole numbers from 0 on as the %s of tensor '%s'"
                        .formatted(field, name)));
  }

  private Tensor tensor(String name, String dtype, long[] shape, long[] offsets) {
    if (offsets.length != 2) {
      throw broken(
          "gives tensor '" + name + "' " + offsets.length + " data_offsets instead of two");
    }
    long begin = offsets[0];
    long end = offsets[1];
    if (begin > end || end > dataBytes) {
      throw broken(
          "places tensor '%s' at bytes %d to %d of %d bytes of data, so it is cut off or its data_offsets are wrong"
              .formatted(name, begin, end, dataBytes));
    }
    long bits = bits(name, dtype, shape);
    if (bits % Byte.SIZE != 0 || Long.divideUnsigned(bits, Byte.SIZE) != end - begin) {
      throw broken(
          "gives tensor '%s' %d bytes, but %s %s takes %s%s"
              .formatted(
                  name,
                  end - begin,
                  dtype,
                  shown(shape),
                  Long.toUnsignedString(Long.divideUnsigned(bits, Byte.SIZE)),
                  bits % Byte.SIZE == 0 ? "" : " and a part of one"));
    }
    return new Tensor(dtype, new Shape(shape), dataStart + begin, end - begin);
  }

  /** A tensor's size, unsigned. */
  private long bits(String name, String dtype, long[] shape) {
    long elements = 1;
    for (long dimension : shape) {
      elements = product(name, shape, elements, dimension);
    }
    return product(name, shape, elements, BITS.get(dtype));
  }

  private long product(String name, long[] shape, long one, long other) {
    if (one != 0 && Long.compareUnsigned(other, Long.divideUnsigned(-1, one)) > 0) {
      throw broken("gives tensor '" + name + "' the impossible shape " + shown(shape));
    }
    return one * other;
  }

  private static String shown(long[] shape) {
    return shape.length <= SHOWN
        ? Arrays.toString(shape)
        : "of " + shape.length + " axes " + Arrays.toString(Arrays.copyOf(shape, SHOWN)) + "...";
  }

  private void requireFilledData() {
    long reached = dataStart;
    String last = "";
    for (Map.Entry<String, Tensor> next : inOrder()) {
      Tensor tensor = next.getValue();
      if (tensor.start < reached) {
        throw broken("lets the data of tensors '" + last + "' and '" + next.getKey() + "' overlap");
      }
      requireNoHole(reached, tensor.start, "before tensor '" + next.getKey() + "'");
      reached = tensor.end();
      last = next.getKey();
    }
    requireNoHole(reached, dataStart + dataBytes, "at its end");
  }

  private List<Map.Entry<String, Tensor>> inOrder() {
    Comparator<Tensor> order =
        Comparator.comparingLong(Tensor::start).thenComparingLong(Tensor::end);
    return tensors.entrySet().stream().sorted(Map.Entry.comparingByValue(order)).toList();
  }

  private void requireNoHole(long reached, long next, String where) {
    if (next > reached) {
      throw broken("has " + (next - reached) + " bytes " + where + " that belong to no tensor");
    }
  }

  private CheckpointException broken(String problem) {
    return new CheckpointException(file, problem, REWRITE);
  }
}
