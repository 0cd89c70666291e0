package dev.touchstone.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.management.ThreadMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;
import net.jqwik.api.Tuple.Tuple2;
import net.jqwik.api.Tuple.Tuple3;
import net.jqwik.api.lifecycle.AfterProperty;
import net.jqwik.api.lifecycle.BeforeProperty;

/** Whatever a file holds, it is read, or a {@link CheckpointException} says why not. */
class CheckpointPropertyTest {
  private static final Duration AT_ONCE = Duration.ofSeconds(1);

  /** Of Java's own memory, whatever the file: buffers of the parser, messages, stack traces. */
  private static final long ALWAYS = 2 << 20;

  /** And of it for each byte of the file. */
  private static final long PER_BYTE = 64;

  private static final Gpt2Config GPT2 = new Gpt2Config(2, 2, 4, 6, 5, 7);
  private static final LlamaSimpleMlpConfig LLAMA =
      new LlamaSimpleMlpConfig(2, 2, 1, 4, 6, 5, 7, 10_000, 1e-6f);

  private static final ObjectMapper JSON = new ObjectMapper();

  private Path folder;

  @BeforeProperty
  void makeFolder() throws IOException {
    folder = Files.createTempDirectory("touchstone");
  }

  @AfterProperty
  void deleteFolder() throws IOException {
    for (String name : List.of("model.safetensors", "config.json")) {
      Files.deleteIfExists(folder.resolve(name));
    }
    Files.delete(folder);
  }

  /** A tensor of float32. */
  record Stored(List<Integer> shape, List<Float> numbers) {
    byte[] bytes() {
      ByteBuffer bytes =
          ByteBuffer.allocate(numbers.size() * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
      numbers.forEach(bytes::putFloat);
      return bytes.array();
    }

    String described(long begin) {
      return "{\"dtype\":\"F32\",\"shape\":%s,\"data_offsets\":[%d,%d]}"
          .formatted(shape, begin, begin + (long) numbers.size() * Float.BYTES);
    }
  }

  @Provide
  Arbitrary<Map<String, Stored>> tensors() {
    return Arbitraries.maps(names(), stored()).ofMaxSize(6);
  }

  private static Arbitrary<String> names() {
    return Arbitraries.strings()
        .ofMaxLength(12)
        .filter(
            name ->
                name.codePoints().allMatch(each -> Character.getType(each) != Character.SURROGATE))
        .filter(name -> !name.startsWith("transformer.") && !name.equals("__metadata__"));
  }

  private static Arbitrary<Stored> stored() {
    return Arbitraries.integers()
        .between(0, 4)
        .list()
        .ofMaxSize(3)
        .flatMap(
            shape ->
                Arbitraries.floats()
                    .list()
                    .ofSize(shape.stream().reduce(1, (one, other) -> one * other))
                    .map(numbers -> new Stored(shape, numbers)));
  }

  @Property(tries = 300)
  void readsBackWhatWasWritten(@ForAll("tensors") Map<String, Stored> tensors) throws IOException {
    Checkpoint checkpoint = Checkpoint.open(write(file(tensors)));

    assertThat(checkpoint.names()).containsExactlyElementsOf(tensors.keySet());
    tensors.forEach(
        (name, stored) -> {
          assertThat(checkpoint.shape(name))
              .isEqualTo(new Shape(stored.shape().stream().mapToLong(each -> each).toArray()));
          assertThat(bits(checkpoint.floats(name)))
              .isEqualTo(stored.numbers().stream().map(Float::floatToRawIntBits).toList());
        });
  }

  private static List<Integer> bits(float[] numbers) {
    List<Integer> bits = new ArrayList<>();
    for (float number : numbers) {
      bits.add(Float.floatToRawIntBits(number));
    }
    return bits;
  }

  /** Where in a file, how many bytes are taken out, and what is put in. */
  @Provide
  Arbitrary<List<Tuple3<Double, Integer, byte[]>>> damage() {
    Arbitrary<byte[]> texts =
        Arbitraries.of(
                "{",
                "}",
                "[",
                "]",
                "\"",
                ",",
                ":",
                "\\",
                "0",
                "-",
                "e9",
                "1e999",
                "null",
                " ",
                "\n",
                "\"__metadata__\":",
                "\\ud800",
                "[[[[[[[[",
                "99999999999999999999",
                "\ufeff",
                "F16",
                "\"shape\":[0],",
                "\"a\":{}")
            .map(text -> text.getBytes(StandardCharsets.UTF_8));
    Arbitrary<byte[]> bytes = Arbitraries.bytes().array(byte[].class).ofMaxSize(9);
    return Combinators.combine(
            Arbitraries.doubles().between(0, 1),
            Arbitraries.of(0, 0, 1, 1, 2, 8, 1000),
            Arbitraries.oneOf(texts, bytes))
        .as(Tuple::of)
        .list()
        .ofMinSize(1)
        .ofMaxSize(3);
  }

  @Property(tries = 1000, edgeCases = EdgeCasesMode.NONE)
  void answersDamage(
      @ForAll("tensors") Map<String, Stored> tensors,
      @ForAll("damage") List<Tuple3<Double, Integer, byte[]>> damage)
      throws IOException {
    byte[] content = file(tensors);
    for (Tuple3<Double, Integer, byte[]> each : damage) {
      int at = (int) (each.get1() * content.length);
      byte[] after =
          Arrays.copyOfRange(content, Math.min(content.length, at + each.get2()), content.length);
      content = joined(Arrays.copyOf(content, at), each.get3(), after);
    }
    answers(content);
  }

  @Property(tries = 1000, edgeCases = EdgeCasesMode.NONE)
  void answersAnyHeader(@ForAll("headers") String header) throws IOException {
    answers(file(header.getBytes(StandardCharsets.UTF_8), new byte[8]));
  }

  /** JSON of what a header has, put together at random. */
  @Provide
  Arbitrary<String> headers() {
    return object(values(2));
  }

  private static Arbitrary<String> values(int depth) {
    Arbitrary<String> plain =
        Arbitraries.of(
            "0",
            "8",
            "-1",
            "1.0",
            "1e400",
            "18446744073709551615",
            "null",
            "true",
            "\"F32\"",
            "\"U8\"",
            "\"\"",
            "[]",
            "[0]",
            "[8]",
            "[0,8]",
            "[8,0]",
            "[8,8]",
            "[2]",
            "[2,4]",
            "[0,7]",
            "{}");
    return depth == 0
        ? plain
        : Arbitraries.frequencyOf(
            Tuple.of(1, plain),
            Tuple.of(2, object(values(depth - 1))),
            Tuple.of(1, list(values(depth - 1))));
  }

  private static Arbitrary<String> list(Arbitrary<String> values) {
    return values.list().ofMaxSize(3).map(all -> "[" + String.join(",", all) + "]");
  }

  private static Arbitrary<String> object(Arbitrary<String> values) {
    Arbitrary<String> keys =
        Arbitraries.of("dtype", "shape", "data_offsets", "__metadata__", "x", "y", "");
    return Combinators.combine(keys, values)
        .as((key, value) -> "\"" + key + "\":" + value)
        .list()
        .ofMaxSize(4)
        .map(members -> "{" + String.join(",", members) + "}");
  }

  private void answers(byte[] content) throws IOException {
    Path file = write(content);
    ThreadMXBean memory = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long before = memory.getCurrentThreadAllocatedBytes();
    long begun = System.nanoTime();
    try {
      Checkpoint checkpoint = Checkpoint.open(file);
      checkpoint.names().forEach(name -> readIfPossible(checkpoint, name));
    } catch (CheckpointException e) {
      assertThat(e).hasMessageStartingWith(file.toString());
    }
    assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(AT_ONCE);
    assertThat(memory.getCurrentThreadAllocatedBytes() - before)
        .isLessThan(ALWAYS + PER_BYTE * content.length);
  }

  private static void readIfPossible(Checkpoint checkpoint, String name) {
    try {
      checkpoint.floats(name);
    } catch (CheckpointException e) {
      assertThat(e).hasMessageContaining("as dtype");
    }
  }

  /** Some tensors of a model with other shapes than they should have. */
  @Provide
  Arbitrary<Map<String, List<Integer>>> gpt2Shapes() {
    return shapes(Weights.shapes(GPT2));
  }

  /** See {@link #gpt2Shapes}. */
  @Provide
  Arbitrary<Map<String, List<Integer>>> llamaShapes() {
    return shapes(LLAMA.shapes());
  }

  private static Arbitrary<Map<String, List<Integer>>> shapes(Map<String, Shape> proper) {
    Arbitrary<List<Integer>> others =
        Arbitraries.of(0, 1, 2, 3, 4, 5, 6, 7, 8, 12, 64).list().ofMaxSize(3);
    return Arbitraries.maps(Arbitraries.of(proper.keySet()), others)
        .ofMaxSize(3)
        .map(
            changed -> {
              Map<String, List<Integer>> shapes = new LinkedHashMap<>();
              proper.forEach(
                  (name, shape) ->
                      shapes.put(
                          name,
                          Arrays.stream(shape.getShape()).mapToObj(each -> (int) each).toList()));
              shapes.putAll(changed);
              return shapes;
            });
  }

  /** What may stand beside a checkpoint. */
  @Provide
  Arbitrary<String> configs() {
    Arbitrary<Tuple2<String, String>> fields =
        Combinators.combine(
                Arbitraries.of(
                    "n_head",
                    "n_layer",
                    "n_embd",
                    "n_inner",
                    "n_ctx",
                    "n_positions",
                    "vocab_size",
                    "rotary_base",
                    "rms_norm_eps",
                    "rotary_dim",
                    "model_type"),
                Arbitraries.of(
                    "0",
                    "1",
                    "2",
                    "4",
                    "5",
                    "7",
                    "-1",
                    "2147483647",
                    "2147483648",
                    "1e400",
                    "0.5",
                    "null",
                    "\"2\"",
                    "[]",
                    "{}",
                    "true",
                    "1e-400"))
            .as(Tuple::of);
    return fields
        .list()
        .ofMaxSize(3)
        .map(
            changed -> {
              Map<String, String> config = new LinkedHashMap<>(Map.of("n_head", "2", "n_ctx", "5"));
              changed.forEach(field -> config.put(field.get1(), field.get2()));
              return config.entrySet().stream()
                  .map(field -> "\"%s\":%s".formatted(field.getKey(), field.getValue()))
                  .collect(Collectors.joining(",", "{", "}"));
            });
  }

  @Property(tries = 200, edgeCases = EdgeCasesMode.NONE)
  void readsOrRefusesAGpt2(
      @ForAll("gpt2Shapes") Map<String, List<Integer>> shapes, @ForAll("configs") String config)
      throws IOException {
    Checkpoint checkpoint = ones(shapes, config);
    try (NDManager manager = NDManager.newBaseManager()) {
      Gpt2 model;
      try {
        model = Gpt2.load(checkpoint, WeightProcessing.TRANSFORMER_LENS, manager);
      } catch (CheckpointException e) {
        assertThat(e).hasMessageStartingWith(folder.toString());
        return;
      }
      assertThatCode(() -> model.logits(Gpt2.ids(manager, List.of(new int[1])), LOOKING))
          .doesNotThrowAnyException();
    }
  }

  @Property(tries = 200, edgeCases = EdgeCasesMode.NONE)
  void readsOrRefusesALlama(
      @ForAll("llamaShapes") Map<String, List<Integer>> shapes, @ForAll("configs") String config)
      throws IOException {
    Checkpoint checkpoint = ones(shapes, config);
    try (NDManager manager = NDManager.newBaseManager()) {
      LlamaSimpleMlp model;
      try {
        model = LlamaSimpleMlp.load(checkpoint, manager);
      } catch (CheckpointException e) {
        assertThat(e).hasMessageStartingWith(folder.toString());
        return;
      }
      assertThatCode(() -> model.logits(Gpt2.ids(manager, List.of(new int[1])), LOOKING))
          .doesNotThrowAnyException();
    }
  }

  private static final Hooks LOOKING = (site, layer, activation) -> activation;

  private Checkpoint ones(Map<String, List<Integer>> shapes, String config) throws IOException {
    Map<String, Stored> tensors = new LinkedHashMap<>();
    shapes.forEach(
        (name, shape) -> {
          Float[] ones = new Float[shape.stream().reduce(1, (one, other) -> one * other)];
          Arrays.fill(ones, 1f);
          tensors.put(name, new Stored(shape, List.of(ones)));
        });
    Files.writeString(folder.resolve("config.json"), config);
    return Checkpoint.open(write(file(tensors)));
  }

  private static byte[] file(Map<String, Stored> tensors) throws IOException {
    List<String> members = new ArrayList<>();
    byte[] data = {};
    for (Map.Entry<String, Stored> tensor : tensors.entrySet()) {
      members.add(
          JSON.writeValueAsString(tensor.getKey())
              + ":"
              + tensor.getValue().described(data.length));
      data = joined(data, tensor.getValue().bytes());
    }
    String header = "{" + String.join(",", members) + "}";
    return file(header.getBytes(StandardCharsets.UTF_8), data);
  }

  static byte[] file(byte[] header, byte[] data) {
    byte[] length =
        ByteBuffer.allocate(Long.BYTES)
            .order(ByteOrder.LITTLE_ENDIAN)
            .putLong(header.length)
            .array();
    return joined(length, header, data);
  }

  private static byte[] joined(byte[]... parts) {
    ByteBuffer joined =
        ByteBuffer.allocate(Arrays.stream(parts).mapToInt(each -> each.length).sum());
    for (byte[] part : parts) {
      joined.put(part);
    }
    return joined.array();
  }

  private Path write(byte[] content) throws IOException {
    return Files.write(folder.resolve("model.safetensors"), content);
  }
}
