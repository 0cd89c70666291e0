package dev.touchstone.intervention;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.touchstone.model.Hooks;
import dev.touchstone.model.Site;
import dev.touchstone.model.Transformer;
import dev.touchstone.runtime.Sha256;
import dev.touchstone.statistics.NumpyRandom;
import dev.touchstone.tensor.Scope;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;

/**
 * For each of some sequences another one, whose heads' outputs it is given (docs/protocol.md,
 * "Other ablations").
 */
public final class Donors implements Material {
  private static final long serialVersionUID = 1;

  private final LinkedHashMap<List<Integer>, int[]> bySequence;

  private Donors(LinkedHashMap<List<Integer>, int[]> bySequence) {
    this.bySequence = bySequence;
  }

  /**
   * Draws one for each sequence in turn, as likely any of the others: NumPy's {@code
   * RandomState(seed)}, {@code int(random_sample() * others)}.
   *
   * @param sequences of one length
   * @throws IllegalArgumentException when there are no two different ones
   */
  public static Donors drawn(List<int[]> sequences, int seed) {
    NumpyRandom random = new NumpyRandom(seed);
    LinkedHashMap<List<Integer>, int[]> drawn = new LinkedHashMap<>();
    for (int[] sequence : sequences) {
      List<int[]> others =
          sequences.stream().filter(other -> !Arrays.equals(other, sequence)).toList();
      if (others.isEmpty()) {
        throw new IllegalArgumentException(
            "there is no other sequence to take outputs from: resampling needs at least two");
      }
      int[] donor = others.get((int) (random.uniform() * others.size()));
      drawn.putIfAbsent(tokens(sequence), donor);
    }
    return new Donors(drawn);
  }

  /**
   * The donor of a sequence.
   *
   * @throws IllegalArgumentException when the sequence is none of those that donors were drawn for
   */
  public int[] of(int[] sequence) {
    int[] donor = bySequence.get(tokens(sequence));
    if (donor == null) {
      throw new IllegalArgumentException(
          "no donor was drawn for a sequence of " + sequence.length + " tokens that is resampled");
    }
    return donor.clone();
  }

  /** What the heads give on the donors of some sequences; it lives as long as {@code manager}. */
  HeadOutputs over(Transformer model, List<int[]> sequences, NDManager manager) {
    List<NDArray> byLayer = new ArrayList<>();
    Hooks keep =
        (site, layer, activation) -> {
          byLayer.add(Scope.keep(activation.duplicate(), manager));
          return activation;
        };
    model.watch(sequences.stream().map(this::of).toList(), keep.only(Site.Z));
    return new HeadOutputs(byLayer);
  }

  @Override
  public String fingerprint() {
    MessageDigest digest = Sha256.digest();
    bySequence.forEach(
        (sequence, donor) -> {
          for (List<Integer> tokens : List.of(sequence, tokens(donor))) {
            ByteBuffer bytes = ByteBuffer.allocate((1 + tokens.size()) * Integer.BYTES);
            bytes.putInt(tokens.size());
            tokens.forEach(bytes::putInt);
            digest.update(bytes.array());
          }
        });
    return HexFormat.of().formatHex(digest.digest(), 0, 8);
  }

  @Override
  public long bytes() {
    return bySequence.values().stream().mapToLong(donor -> 2L * Integer.BYTES * donor.length).sum();
  }

  private static List<Integer> tokens(int[] sequence) {
    return Arrays.stream(sequence).boxed().toList();
  }
}
