package dev.touchstone.intervention;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDManager;
import dev.touchstone.Seeds;
import dev.touchstone.model.Checkpoint;
import dev.touchstone.model.Gpt2;
import dev.touchstone.model.Hooks;
import dev.touchstone.model.Site;
import dev.touchstone.model.WeightProcessing;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What linear attention computes, and that ReLU of a score is something else. */
class KernelTest {
  private static final int POSITIONS = 12;
  private static final int HEADS = 3;
  private static final int WIDTH = 8;

  private final NDManager manager = NDManager.newBaseManager();
  private final Gpt2 model =
      Gpt2.load(
          Checkpoint.open(Path.of("golden/oracle/weight-processing/raw.safetensors")),
          WeightProcessing.TRANSFORMER_LENS,
          manager);

  @AfterEach
  void free() {
    manager.close();
  }

  private Map<Site, float[]> layerOneUnder(String intervention) {
    Map<Site, float[]> seen = new EnumMap<>(Site.class);
    Hooks collect =
        (site, layer, activation) -> {
          if (layer == 1 && activation.getShape().dimension() == 4) {
            seen.put(site, activation.toFloatArray());
          }
          return activation;
        };
    List<int[]> text =
        List.of(new Random(Seeds.seed("KernelTest")).ints(POSITIONS, 0, 61).toArray());
    model.logits(
        Gpt2.ids(manager, text),
        Intervention.parse(intervention).hooks(Materials.NONE).then(collect));
    return seen;
  }

  /** The output of head 1 from running sums over the keys, which never sees a score. */
  private static double[] recurrence(Map<Site, float[]> unmodified) {
    double[] outputs = new double[POSITIONS * WIDTH];
    double[][] keyValueSum = new double[WIDTH][WIDTH];
    double[] keySum = new double[WIDTH];
    for (int position = 0; position < POSITIONS; position++) {
      int from = (position * HEADS + 1) * WIDTH;
      double divisor = 0;
      for (int i = 0; i < WIDTH; i++) {
        double key = Math.max(0, unmodified.get(Site.KEY)[from + i]);
        keySum[i] += key;
        for (int j = 0; j < WIDTH; j++) {
          keyValueSum[i][j] += key * unmodified.get(Site.VALUE)[from + j];
        }
        divisor += Math.max(0, unmodified.get(Site.QUERY)[from + i]) * keySum[i];
      }
      for (int j = 0; j < WIDTH; j++) {
        for (int i = 0; i < WIDTH; i++) {
          double query = Math.max(0, unmodified.get(Site.QUERY)[from + i]);
          outputs[position * WIDTH + j] += query * keyValueSum[i][j] / Math.max(divisor, 1e-8);
        }
      }
    }
    return outputs;
  }

  private static double[] outputsOfHead1(Map<Site, float[]> seen) {
    return IntStream.range(0, POSITIONS * WIDTH)
        .mapToDouble(i -> seen.get(Site.Z)[(i / WIDTH * HEADS + 1) * WIDTH + i % WIDTH])
        .toArray();
  }

  @Test
  void isWhatRunningSumsOverTheKeysGive() {
    assertThat(outputsOfHead1(layerOneUnder("kernel(L1H1)")))
        .containsExactly(recurrence(layerOneUnder("baseline")), within(1e-5));
  }

  @Test
  void isNotWhatReluOfTheScoresGives() {
    double[] relu = outputsOfHead1(layerOneUnder("relu(L1H1)"));
    double[] kernel = outputsOfHead1(layerOneUnder("kernel(L1H1)"));

    assertThat(
            IntStream.range(0, relu.length)
                .mapToDouble(i -> Math.abs(relu[i] - kernel[i]))
                .max()
                .orElseThrow())
        .isGreaterThan(1e-3);
  }

  @Test
  void leavesTheOtherHeadsAlone() {
    float[] kernel = layerOneUnder("kernel(L1H1)").get(Site.PATTERN);
    float[] baseline = layerOneUnder("baseline").get(Site.PATTERN);

    for (int head : new int[] {0, 2}) {
      int from = head * POSITIONS * POSITIONS;
      for (int i = from; i < from + POSITIONS * POSITIONS; i++) {
        assertThat(kernel[i]).isEqualTo(baseline[i]);
      }
    }
  }
}
