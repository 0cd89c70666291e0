package dev.touchstone.measurement;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.touchstone.intervention.HeadMeans;
import dev.touchstone.intervention.MeanPatterns;
import dev.touchstone.intervention.TokenMeans;
import dev.touchstone.model.HeadGrid;
import dev.touchstone.model.Hooks;
import dev.touchstone.model.Site;
import dev.touchstone.model.TokenIds;
import dev.touchstone.model.Transformer;
import dev.touchstone.tensor.Scope;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * A text on which a model's heads are averaged, in unmodified passes.
 *
 * @param sequences of one length
 */
public record Reference(Transformer model, List<int[]> sequences) {
  /** The mean z of every head over all positions, float32 of float64 sums. */
  public HeadMeans means() {
    return tokenMeans().overall();
  }

  /** The mean z of every head over the positions of each token, float32 of float64 sums. */
  public TokenMeans tokenMeans() {
    HeadGrid grid = model.config();
    int width = grid.width();
    int[] tokens = sequences.stream().flatMapToInt(Arrays::stream).sorted().distinct().toArray();
    double[] counts = new double[tokens.length];
    double[][] sums = new double[grid.layers()][tokens.length * width];
    for (int[] sequence : sequences) {
      int[] rows =
          Arrays.stream(sequence).map(token -> Arrays.binarySearch(tokens, token)).toArray();
      Arrays.stream(rows).forEach(row -> counts[row]++);
      Hooks add =
          (site, layer, activation) -> {
            float[] z = activation.toFloatArray();
            for (int i = 0; i < z.length; i++) {
              sums[layer][rows[i / width] * width + i % width] += z[i];
            }
            return activation;
          };
      model.watch(List.of(sequence), add.only(Site.Z));
    }
    return new TokenMeans(
        tokens,
        Stream.of(sums).map(each -> means(each, counts, width)).toList(),
        new HeadMeans(
            grid.heads(), Stream.of(sums).map(each -> mean(each, counts, width)).toList()));
  }

  private static float[] means(double[] sums, double[] counts, int width) {
    float[] means = new float[sums.length];
    for (int i = 0; i < means.length; i++) {
      means[i] = (float) (sums[i] / counts[i / width]);
    }
    return means;
  }

  private static float[] mean(double[] sums, double[] counts, int width) {
    double[] total = new double[width];
    for (int i = 0; i < sums.length; i++) {
      total[i % width] += sums[i];
    }
    return means(total, new double[] {Arrays.stream(counts).sum()}, width);
  }

  /** The mean pattern of every head over the sequences. */
  public MeanPatterns patterns() {
    Map<Integer, NDArray> sums = new TreeMap<>();
    try (NDManager manager = model.manager().newSubManager()) {
      Hooks add =
          (site, layer, activation) -> {
            NDArray pattern = activation.get(0);
            NDArray sum = sums.get(layer);
            if (sum == null) {
              sums.put(layer, Scope.keep(pattern.duplicate(), manager));
            } else {
              sum.addi(pattern);
            }
            return activation;
          };
      for (int[] sequence : sequences) {
        model.watch(List.of(sequence), add.only(Site.PATTERN));
      }
      List<float[]> means = new ArrayList<>();
      sums.values().forEach(sum -> means.add(sum.divi(sequences.size()).toFloatArray()));
      return new MeanPatterns(TokenIds.length(sequences), means);
    }
  }
}
