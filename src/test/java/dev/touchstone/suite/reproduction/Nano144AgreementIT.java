package dev.touchstone.suite.reproduction;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.types.Shape;
import dev.touchstone.corpus.Chunks;
import dev.touchstone.intervention.Intervention;
import dev.touchstone.intervention.Materials;
import dev.touchstone.model.Gpt2;
import dev.touchstone.model.Hooks;
import dev.touchstone.runtime.Sha256;
import dev.touchstone.statistics.LossSum;
import dev.touchstone.suite.experiment.Experiments;
import dev.touchstone.suite.observation.Tier;
import dev.touchstone.suite.subject.Bench;
import dev.touchstone.tensor.Scope;
import io.qameta.allure.Epic;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Every perplexity of nano144 that TransformerLens has computed, against ours. */
@Tag("nano144")
@Epic("Agreement with TransformerLens")
@AgreesWith("nano144/nano144.json")
class Nano144AgreementIT {
  private static final double LOGITS = 2e-4;
  private static final double PERPLEXITY = 1e-4;

  private final Recorded oracle;
  private final Bench bench;

  Nano144AgreementIT(Recorded oracle, Experiments experiments) {
    this.oracle = oracle;
    bench = experiments.bench("nano144");
  }

  @Test
  void isOfTheSameWeightsAndTokens() {
    assertThat(oracle.text("/model/sha256")).isEqualTo(bench.sha256());
    int[] tokens = bench.validation().tokens();
    assertThat(tokens).hasSize((int) oracle.number("/corpus/tokens"));
    ByteBuffer bytes =
        ByteBuffer.allocate(tokens.length * Integer.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asIntBuffer().put(tokens);
    assertThat(Sha256.of(bytes.array())).isEqualTo(oracle.text("/corpus/token_ids_sha256"));
  }

  @Test
  void givesTheLogitsOfTheFirstChunk(Agreement agreement) {
    Gpt2 model = bench.subject().model();
    int[] first = bench.validation(Tier.TWO_K).all().get(0).tokens();
    long[] ids = Arrays.stream(first).asLongStream().toArray();

    float[] logits =
        Scope.measure(
            () ->
                model
                    .logits(model.manager().create(ids, new Shape(1, ids.length)), Hooks.NONE)
                    .get("0, 0::8")
                    .toFloatArray());

    agreement
        .absolute("logits", LOGITS)
        .compare("logit", logits, oracle.arrays("nano144-logits.safetensors").floats("logits"));
  }

  @ParameterizedTest(name = "{0}")
  @EnumSource(names = {"TWO_K", "FULL"})
  void givesTheLossOfEveryChunkOfTheBaseline(Tier extent, Agreement agreement) {
    String baseline = "/" + extent.word() + "/baseline";
    double[] theirs = oracle.series(baseline + "/loss_sums");

    List<LossSum> ours =
        bench.laboratory().losses(bench.subject(), bench.validation(extent), Intervention.BASELINE);

    assertThat(ours).hasSameSizeAs(theirs);
    agreement
        .exact("predicted tokens")
        .compare("all", LossSum.total(ours).count(), oracle.number(baseline + "/count"));
    var losses = agreement.relative("summed loss", PERPLEXITY);
    for (int chunk = 0; chunk < theirs.length; chunk++) {
      losses.compare("chunk " + chunk, ours.get(chunk).sum(), theirs[chunk]);
    }
  }

  @ParameterizedTest(name = "{0} of each of {1} heads")
  @CsvSource({"zero, 144", "mean, 144", "relu, 132", "l1, 132", "identity, 132"})
  void givesTheEffectOfEveryHead(String method, int heads, Agreement agreement) {
    Map<String, Double> theirs = oracle.numbers("/2k/" + method);
    assertThat(theirs).hasSize(heads);

    agree(agreement, bench.validation(Tier.TWO_K), theirs, head -> on(method, List.of(head)));
  }

  /** In the oracle's order: where two effects are equal to within rounding, ours may differ. */
  @ParameterizedTest(name = "{0}: {1}")
  @CsvSource({"10C, zero", "10F, mean", "10G, zero"})
  void givesTheCumulativeCurves(String part, String method, Agreement agreement) {
    List<String> order = oracle.names("/" + part + "/order");

    agree(
        agreement,
        bench.validation(Tier.TWO_K),
        oracle.numbers("/" + part + "/perplexity"),
        heads -> onFirst(method, order, heads));
  }

  @Test
  void givesTheCurveWithTheHarmfulHeadsZeroed(Agreement agreement) {
    List<String> order = oracle.names("/10H/order");
    Intervention harmful = on("zero", oracle.names("/10H/harmful"));

    agree(
        agreement,
        bench.validation(Tier.TWO_K),
        oracle.numbers("/10H/perplexity"),
        heads -> onFirst("mean", order, heads).and(harmful));
  }

  @ParameterizedTest(name = "{0}")
  @EnumSource(names = {"TWO_K", "FULL"})
  void givesTheReluCurve(Tier extent, Agreement agreement) {
    agree(
        agreement,
        bench.validation(extent),
        oracle.numbers("/relu_cumulative/" + extent.word()),
        this::reluOnFirst);
  }

  @ParameterizedTest(name = "{0}")
  @ValueSource(strings = {"zero", "mean"})
  void givesTheEffectsOverAllTokens(String method, Agreement agreement) {
    agree(
        agreement,
        bench.validation(Tier.FULL),
        oracle.numbers("/full/" + method),
        head -> on(method, List.of(head)));
  }

  @ParameterizedTest(name = "chunks of {0}")
  @ValueSource(ints = {32, 64, 128})
  void givesTheEffectOfContextLength(int length, Agreement agreement) {
    agree(
        agreement,
        bench.validation(50_000, length),
        oracle.numbers("/P4/" + length),
        this::reluOnFirst);
  }

  private void agree(
      Agreement agreement,
      Chunks chunks,
      Map<String, Double> theirs,
      Function<String, Intervention> interventions) {
    Map<String, Intervention> byName = new LinkedHashMap<>();
    theirs.keySet().forEach(name -> byName.put(name, interventions.apply(name)));
    Map<Intervention, List<LossSum>> losses =
        bench.laboratory().losses(bench.subject(), chunks, byName.values(), Materials.NONE);
    agreement
        .relative("perplexity", PERPLEXITY)
        .compare(theirs, name -> LossSum.total(losses.get(byName.get(name))).perplexity());
  }

  private static Intervention on(String method, List<String> heads) {
    return Intervention.parse(method + "(" + String.join(",", heads) + ")");
  }

  private static Intervention onFirst(String method, List<String> order, String heads) {
    int count = Integer.parseInt(heads);
    return count == 0 ? Intervention.BASELINE : on(method, order.subList(0, count));
  }

  private Intervention reluOnFirst(String heads) {
    return onFirst("relu", oracle.names("/relu_cumulative/best_ranking"), heads);
  }
}
