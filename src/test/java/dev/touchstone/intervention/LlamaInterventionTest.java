package dev.touchstone.intervention;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.touchstone.Seeds;
import dev.touchstone.model.Hooks;
import dev.touchstone.model.LlamaSimpleMlp;
import dev.touchstone.model.LlamaSimpleMlpConfig;
import dev.touchstone.model.Site;
import dev.touchstone.tensor.Scope;
import dev.touchstone.tensor.SeededArrays;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is made for heads works on heads of any model. */
class LlamaInterventionTest {
  private static final LlamaSimpleMlpConfig CONFIG =
      new LlamaSimpleMlpConfig(2, 4, 2, 16, 20, 10, 30, 10_000, 1e-6f);

  private final NDManager manager = NDManager.newBaseManager();
  private final SeededArrays draw = new SeededArrays(Seeds.seed("LlamaInterventionTest"));
  private final LlamaSimpleMlp model = LlamaSimpleMlp.of(CONFIG, weights(), manager);
  private final NDArray ids = draw.integers(manager, new Shape(2, 8), 30);

  @AfterEach
  void free() {
    manager.close();
  }

  private Map<String, NDArray> weights() {
    Map<String, NDArray> weights = new LinkedHashMap<>();
    CONFIG.shapes().forEach((name, shape) -> weights.put(name, draw.normal(manager, shape, 0.5)));
    return weights;
  }

  /** An activation of layer 1 under an intervention. */
  private NDArray seen(Site wanted, String text, Materials materials) {
    NDArray[] seen = new NDArray[1];
    Intervention intervention = Intervention.parse(text);
    intervention.check(CONFIG);
    Hooks look =
        (site, layer, activation) -> {
          if (site == wanted && layer == 1) {
            seen[0] = Scope.keep(activation.duplicate(), manager);
          }
          return activation;
        };
    Materials own = intervention.over(List.of(tokens(0), tokens(1)), materials, model, manager);
    model.logits(ids, intervention.hooks(own).then(look));
    return seen[0];
  }

  @Test
  void zeroesAHeadAtPositions() {
    NDArray z = seen(Site.Z, "zero(L1H2@1,7)", Materials.NONE);
    NDArray untouched = seen(Site.Z, "baseline", Materials.NONE);
    assertThat(z.get(":, 1, 2").abs().max().getFloat()).isZero();
    assertThat(z.get(":, 7, 2").abs().max().getFloat()).isZero();
    assertThat(z.get(":, 2:7").sub(untouched.get(":, 2:7")).abs().max().getFloat()).isZero();
  }

  @Test
  void setsAHeadToItsMean() {
    float[] means = new float[16];
    means[2 * 4 + 1] = 3;
    Materials materials =
        Materials.NONE.with(
            MeanAblation.EVALUATED, new HeadMeans(4, List.of(new float[16], means)));
    NDArray z = seen(Site.Z, "mean(L1H2)", materials);
    assertThat(z.get("0, 5, 2").toFloatArray()).containsExactly(0, 3, 0, 0);
  }

  /** Query heads 2 and 3 share a key and value head; what is ablated is the query head's. */
  @Test
  void givesHeadsWhatTheyGiveElsewhere() {
    List<int[]> sequences = List.of(tokens(0), tokens(1));
    Donors donors = Donors.drawn(sequences, 1);
    NDArray own = seen(Site.Z, "baseline", Materials.NONE);
    NDArray z = seen(Site.Z, "resample[1](L1H2)", Materials.NONE.with("1", donors));
    assertThat(z.get("0, :, 2").sub(own.get("1, :, 2")).abs().max().getFloat()).isLessThan(1e-6f);
    assertThat(z.get("1, :, 2").sub(own.get("0, :, 2")).abs().max().getFloat()).isLessThan(1e-6f);
    assertThat(z.get(":, :, 3").sub(own.get(":, :, 3")).abs().max().getFloat()).isZero();
  }

  private int[] tokens(int sequence) {
    return Arrays.stream(ids.get(sequence).toLongArray()).mapToInt(Math::toIntExact).toArray();
  }

  @Test
  void linearizesByRows() {
    NDArray pattern = seen(Site.PATTERN, "l1(L1H2)", Materials.NONE);
    NDArray scores = seen(Site.SCORES, "baseline", Materials.NONE);
    NDArray sizes = scores.get("1, 2, 3, 0:4").abs();
    NDArray expected = sizes.div(sizes.sum());
    assertThat(pattern.get("1, 2, 3, 0:4").sub(expected).abs().max().getFloat()).isLessThan(1e-6f);
    assertThat(pattern.get("1, 2, 3, 4:").abs().max().getFloat()).isZero();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          zero(L2H0@1)       | there is no head L2H0: the model's are L0H0 to L1H3
          project[b:17](L0)  | 17 components are more than the residual stream's 16
          kernel(L1H1)       | kernel(L1H1): feature maps of rotated queries and keys are not supported; choose relu
          """)
  void refusesWhatTheModelHasNot(String text, String message) {
    Intervention intervention = Intervention.parse(text);

    assertThatThrownBy(() -> intervention.check(CONFIG)).hasMessage(message);
  }
}
