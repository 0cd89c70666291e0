package dev.touchstone.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import dev.touchstone.model.SafetensorsHeader.Tensor;
import dev.touchstone.runtime.Sha256;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The tensors of a safetensors file, or of several with an index. Those stored as F32, F16 or BF16
 * can be read, as float32. Names are those of Hugging Face's {@code gpt2}: a leading {@code
 * transformer.} is dropped, and the attention masks {@code h.{l}.attn.bias} and {@code
 * h.{l}.attn.masked_bias} are left out, and so are a rotation's tables.
 *
 * <p>A file may have any size, a tensor up to 2 GB as float32. A tensor is mapped only while it is
 * read, so there is nothing to close.
 */
public final class Checkpoint {
  private static final Pattern BLOCK = Pattern.compile("h\\.(0|[1-9]\\d{0,3})\\.(.+)");
  private static final Pattern DIGIT = Pattern.compile("\\d");

  private final Path path;
  private final List<TensorFile> files;
  private final Map<String, TensorFile> byTensor = new LinkedHashMap<>();
  private String sha256;

  private Checkpoint(Path path, List<TensorFile> files) {
    this.path = path;
    this.files = files;
    files.forEach(file -> file.tensors().keySet().forEach(name -> byTensor.put(name, file)));
  }

  /**
   * Reads and checks the header, as strictly as the format's reference reader does; of an index
   * ({@code model.safetensors.index.json}) those of all files it names.
   *
   * @throws CheckpointException when a file cannot be read, or its header breaks the format's rules
   *     or contradicts the file's size
   */
  public static Checkpoint open(Path path) {
    return new Checkpoint(
        path,
        path.toString().endsWith(ShardIndex.ENDING)
            ? ShardIndex.open(path)
            : List.of(TensorFile.open(path)));
  }

  /**
   * The names of the files that an index says a checkpoint lies in, beside it; they need not be
   * there yet.
   *
   * @throws CheckpointException when the index cannot be read or breaks the format's rules
   */
  public static SortedSet<String> shards(Path index) {
    return ShardIndex.shards(index);
  }

  /** The file, as it was given. */
  public Path path() {
    return path;
  }

  /** All that {@link #open} and {@link Gpt2Config#of} read: itself first. */
  public List<Path> files() {
    return Stream.of(
            Stream.of(path),
            files.stream().map(TensorFile::path),
            Stream.of(path.resolveSibling("config.json")).filter(Files::exists))
        .flatMap(each -> each)
        .distinct()
        .toList();
  }

  /** The tensors' names in the header's order, file by file. */
  public List<String> names() {
    return List.copyOf(byTensor.keySet());
  }

  /** Whether there is a tensor of that name; a partial checkpoint lacks some. */
  public boolean has(String name) {
    return byTensor.containsKey(name);
  }

  /**
   * A tensor's shape, read from the header.
   *
   * @throws CheckpointException when there is no such tensor
   */
  public Shape shape(String name) {
    return tensor(name).shape();
  }

  /**
   * A dimension of a tensor, which nothing can be computed of when it is 0.
   *
   * @param axes how many the tensor must have
   * @throws CheckpointException when there is no such tensor, it has another number of axes, or the
   *     dimension is not from 1 to the largest int
   */
  public int dimension(String name, int axes, int axis) {
    Shape shape = shape(name);
    if (shape.dimension() != axes) {
      throw new CheckpointException(
          path,
          "holds tensor '" + name + "' with shape " + shape + ", not one of " + axes + " axes",
          "choose a checkpoint of this architecture");
    }
    long dimension = shape.get(axis);
    if (dimension < 1 || dimension > Integer.MAX_VALUE) {
      throw new CheckpointException(
          path,
          "holds tensor '" + name + "' with shape " + shape + ", and " + dimension + " is no size",
          "choose a checkpoint whose tensors hold something");
    }
    return (int) dimension;
  }

  /**
   * Insists on a tensor and its shape before anything is computed from it.
   *
   * @throws CheckpointException when there is no such tensor, it has another shape, or it cannot be
   *     read as {@link #load} says
   */
  public void expect(String name, Shape expected) {
    Shape found = shape(name);
    if (!found.equals(expected)) {
      throw new CheckpointException(
          path,
          "holds tensor '" + name + "' with shape " + found + " instead of " + expected,
          "it belongs to another architecture; choose the checkpoint this model was built from");
    }
    elements(name);
  }

  /**
   * How many blocks there are, told by all tensors of all blocks: every block must have a tensor of
   * each kind that any of them has, since one that is passed over makes another model.
   *
   * @param model the names of the tensors of a model of one block
   * @param declared how many there should be at least
   * @throws CheckpointException when a block lacks a tensor, or a tensor whose name has a number in
   *     it is no block's
   */
  int blocks(Set<String> model, int declared) {
    Set<String> kinds = new TreeSet<>();
    int blocks = declared;
    String unknown = null;
    for (String name : byTensor.keySet()) {
      Matcher block = BLOCK.matcher(name);
      if (block.matches() && model.contains("h.0." + block.group(2))) {
        kinds.add(block.group(2));
        blocks = Math.max(blocks, Integer.parseInt(block.group(1)) + 1);
      } else if (unknown == null && DIGIT.matcher(name).find()) {
        unknown = name;
      }
    }
    String stranger = unknown == null ? "" : "holds '" + unknown + "', which is no block's tensor";
    if (kinds.isEmpty()) {
      throw new CheckpointException(
          path,
          "has no block's tensor, such as '"
              + model.stream().filter(name -> name.startsWith("h.")).findFirst().orElseThrow()
              + "'"
              + (unknown == null ? "" : "; it " + stranger),
          "give its tensors their usual names");
    }
    for (int layer = 0; layer < blocks; layer++) {
      for (String kind : kinds) {
        if (!has("h." + layer + "." + kind)) {
          throw new CheckpointException(
              path,
              "has no tensor 'h."
                  + layer
                  + "."
                  + kind
                  + "', which each of its "
                  + blocks
                  + " blocks must have"
                  + (unknown == null ? "" : "; it " + stranger),
              "fetch the file again, or give its tensors their usual names");
        }
      }
    }
    if (unknown != null) {
      throw new CheckpointException(
          path, stranger, "give it its usual name, or take it out if the model can do without");
    }
    return blocks;
  }

  /**
   * A copy of a tensor in float32, on the manager's device and as long-lived as the manager.
   *
   * @throws CheckpointException when there is no such tensor, its dtype is none that is read, it
   *     exceeds 2 GB, or the file has changed
   */
  public NDArray load(NDManager manager, String name) {
    Tensor tensor = tensor(name);
    ByteBuffer bytes = manager.allocateDirect(elements(name) * Float.BYTES);
    widen(name, bytes.asFloatBuffer());
    // On a CPU the array only borrows Java's buffer, and a view of it would outlive the loan.
    try (NDArray borrowed = manager.create(bytes, tensor.shape(), DataType.FLOAT32)) {
      return borrowed.duplicate();
    }
  }

  /**
   * A copy of a tensor in float32, row-major.
   *
   * @throws CheckpointException as {@link #load}
   */
  public float[] floats(String name) {
    float[] values = new float[elements(name)];
    widen(name, FloatBuffer.wrap(values));
    return values;
  }

  /**
   * The SHA-256 of the whole file, computed when first asked for; of several files that of what
   * {@code sha256sum} prints of them in the order of their names.
   *
   * @throws CheckpointException when a file cannot be read or has changed
   */
  public synchronized String sha256() {
    if (sha256 == null) {
      sha256 =
          path.equals(files.get(0).path())
              ? files.get(0).sha256()
              : Sha256.of(
                  files.stream()
                      .map(file -> file.sha256() + "  " + file.path().getFileName() + "\n")
                      .collect(Collectors.joining())
                      .getBytes(StandardCharsets.UTF_8));
    }
    return sha256;
  }

  private Tensor tensor(String name) {
    TensorFile file = byTensor.get(name);
    if (file == null) {
      throw new CheckpointException(
          path,
          "has no tensor '" + name + "' among its " + byTensor.size(),
          "it is partial or of another architecture; choose a complete checkpoint");
    }
    return file.tensors().get(name);
  }

  private Precision precision(String name) {
    String dtype = tensor(name).dtype();
    return Precision.of(dtype)
        .orElseThrow(
            () ->
                new CheckpointException(
                    path,
                    "stores tensor '" + name + "' as dtype " + dtype,
                    Arrays.stream(Precision.values())
                        .map(Precision::name)
                        .collect(Collectors.joining(", ", "convert it to one of ", ""))));
  }

  private int elements(String name) {
    long elements = tensor(name).bytes() / precision(name).bytes();
    if (elements > Integer.MAX_VALUE / Float.BYTES) {
      throw new CheckpointException(
          path,
          "holds tensor '" + name + "' of " + elements + " numbers, more than 2 GB as float32",
          "choose a smaller model");
    }
    return (int) elements;
  }

  private void widen(String name, FloatBuffer target) {
    byTensor.get(name).widen(tensor(name), precision(name), target);
  }
}
