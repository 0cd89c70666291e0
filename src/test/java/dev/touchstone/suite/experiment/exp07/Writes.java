package dev.touchstone.suite.experiment.exp07;

import ai.djl.ndarray.NDArray;
import dev.touchstone.corpus.Chunks;
import dev.touchstone.model.Hooks;
import dev.touchstone.model.Site;
import dev.touchstone.suite.subject.Bench;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * What the blocks ({@link Site#RESIDUAL_AFTER}, residual after minus before), their attention and
 * their MLP write to the residual stream at some positions.
 *
 * @param positions in chunks laid end to end, ascending
 * @param chunk the chunks' length
 * @param bySite for each layer [position][d_model]
 */
record Writes(int[] positions, int chunk, Map<Site, List<float[][]>> bySite) {
  private static final List<Site> SITES =
      List.of(Site.RESIDUAL_AFTER, Site.ATTENTION_OUTPUT, Site.MLP_OUTPUT);

  private static final Site[] SEEN =
      Stream.concat(Stream.of(Site.RESIDUAL_BEFORE), SITES.stream()).toArray(Site[]::new);

  /** The unmodified model's. */
  static Writes of(Bench bench, Chunks chunks, int[] positions) {
    Map<Site, List<float[][]>> bySite = new EnumMap<>(Site.class);
    for (Site site : SITES) {
      bySite.put(
          site,
          IntStream.range(0, bench.config().layers())
              .mapToObj(layer -> new float[positions.length][])
              .toList());
    }
    Writes writes = new Writes(positions, chunks.length(), bySite);
    int from = 0;
    while (from < positions.length) {
      int chunk = positions[from] / chunks.length();
      int to = from;
      while (to < positions.length && positions[to] / chunks.length() == chunk) {
        to++;
      }
      bench
          .laboratory()
          .watch(
              bench.subject(),
              List.of(chunks.all().get(chunk).tokens()),
              writes.collecting(from, to).only(SEEN));
      from = to;
    }
    return writes;
  }

  /** Collects a chunk's part of the positions. */
  private Hooks collecting(int from, int to) {
    return new Hooks() {
      private NDArray before;

      @Override
      public NDArray at(Site site, int layer, NDArray activation) {
        if (site == Site.RESIDUAL_BEFORE) {
          before = activation;
        } else if (site == Site.RESIDUAL_AFTER) {
          copy(activation.sub(before), bySite.get(site).get(layer), from, to);
        } else if (bySite.containsKey(site)) {
          copy(activation, bySite.get(site).get(layer), from, to);
        }
        return activation;
      }
    };
  }

  private void copy(NDArray write, float[][] rows, int from, int to) {
    float[] all = write.toFloatArray();
    int width = all.length / chunk;
    for (int i = from; i < to; i++) {
      int start = positions[i] % chunk * width;
      rows[i] = Arrays.copyOfRange(all, start, start + width);
    }
  }

  /** [position][d_model]. */
  double[][] rows(Site site, int layer) {
    return Arrays.stream(bySite.get(site).get(layer)).map(Writes::widened).toArray(double[][]::new);
  }

  private static double[] widened(float[] row) {
    return IntStream.range(0, row.length).mapToDouble(i -> row[i]).toArray();
  }

  /** The blocks' rows of the first layers one below the other, [layer x position][d_model]. */
  double[][] pooled(int layers) {
    return IntStream.range(0, layers)
        .mapToObj(layer -> rows(Site.RESIDUAL_AFTER, layer))
        .flatMap(Arrays::stream)
        .toArray(double[][]::new);
  }

  /**
   * The share of the summed squared deviations from the mean that the first positions of chunks
   * carry.
   */
  double shareOfPosition0(Site site, int layer) {
    double[][] rows = rows(site, layer);
    double[] mean = new double[rows[0].length];
    for (double[] row : rows) {
      for (int i = 0; i < mean.length; i++) {
        mean[i] += row[i] / rows.length;
      }
    }
    double all = 0;
    double first = 0;
    for (int r = 0; r < rows.length; r++) {
      double square = 0;
      for (int i = 0; i < mean.length; i++) {
        square += Math.pow(rows[r][i] - mean[i], 2);
      }
      all += square;
      first += positions[r] % chunk == 0 ? square : 0;
    }
    return first / all;
  }
}
