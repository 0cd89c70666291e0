package dev.touchstone.suite.reproduction;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.touchstone.corpus.Assets;
import dev.touchstone.corpus.Chunk;
import dev.touchstone.corpus.Chunks;
import dev.touchstone.intervention.Intervention;
import dev.touchstone.intervention.Materials;
import dev.touchstone.laboratory.Laboratory;
import dev.touchstone.model.Checkpoint;
import dev.touchstone.model.Gpt2;
import dev.touchstone.model.Hooks;
import dev.touchstone.runtime.Sha256;
import dev.touchstone.statistics.LossSum;
import dev.touchstone.suite.experiment.Experiments;
import dev.touchstone.suite.observation.Tier;
import dev.touchstone.suite.subject.Bench;
import dev.touchstone.tensor.Compute;
import io.qameta.allure.Allure;
import io.qameta.allure.Epic;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Every perplexity of nano144 that TransformerLens has computed, against ours. */
@Tag("nano144")
@Epic("Agreement with TransformerLens")
class Nano144AgreementIT {
  private static final Path GOLDEN = Path.of("golden");
  private static final Path ORACLE = GOLDEN.resolve("oracle/nano144");
  private static final double LOGITS_WITHIN = 2e-4;
  private static final double PERPLEXITY_WITHIN = 1e-4;

  private static JsonNode oracle;
  private static Laboratory laboratory;
  private static Bench bench;

  @BeforeAll
  static void open() throws IOException {
    oracle = new ObjectMapper().readTree(ORACLE.resolve("nano144.json").toFile());
    laboratory = Experiments.laboratory(Assets.fromEnvironment());
    bench = Bench.nano144(GOLDEN, laboratory, Compute.fromProperties());
  }

  @AfterAll
  static void close() {
    bench.subject().close();
    laboratory.close();
  }

  @Test
  void isOfTheSameWeightsAndTokens() {
    assertThat(oracle.at("/model/sha256").textValue()).isEqualTo(bench.sha256());
    int[] tokens = bench.validation().tokens();
    assertThat(tokens).hasSize(oracle.at("/corpus/tokens").intValue());
    ByteBuffer bytes =
        ByteBuffer.allocate(tokens.length * Integer.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asIntBuffer().put(tokens);
    assertThat(Sha256.of(bytes.array()))
        .isEqualTo(oracle.at("/corpus/token_ids_sha256").textValue());
  }

  @Test
  void givesTheLogitsOfTheFirstChunk() {
    Checkpoint recorded = Checkpoint.open(ORACLE.resolve("nano144-logits.safetensors"));
    Gpt2 model = bench.subject().model();
    Chunk first = bench.validation(Tier.TWO_K).all().get(0);
    long[] ids = Arrays.stream(first.tokens()).asLongStream().toArray();

    NDArray logits =
        model.logits(model.manager().create(ids, new Shape(1, ids.length)), Hooks.NONE);

    float[] ours = logits.get("0, 0::8").toFloatArray();
    float[] theirs = recorded.floats("logits");
    double largest = 0;
    for (int i = 0; i < theirs.length; i++) {
      largest = Math.max(largest, Math.abs(ours[i] - (double) theirs[i]));
    }
    Allure.addAttachment("largest difference", "%.2g, within 2e-4".formatted(largest));
    assertThat(ours).hasSameSizeAs(theirs);
    assertThat(largest).isLessThanOrEqualTo(LOGITS_WITHIN);
  }

  @Test
  void givesTheLossOfEveryChunkOfTheBaseline() {
    for (var extent : Map.of("2k", Tier.TWO_K, "full", Tier.FULL).entrySet()) {
      JsonNode baseline = oracle.at("/" + extent.getKey() + "/baseline");
      List<LossSum> losses =
          laboratory.losses(
              bench.subject(), bench.validation(extent.getValue()), Intervention.BASELINE);

      assertThat(LossSum.total(losses).count()).isEqualTo(baseline.get("count").longValue());
      for (int chunk = 0; chunk < losses.size(); chunk++) {
        double theirs = baseline.get("loss_sums").get(chunk).doubleValue();
        assertThat(losses.get(chunk).sum()).isCloseTo(theirs, within(PERPLEXITY_WITHIN * theirs));
      }
    }
  }

  @ParameterizedTest(name = "{0} of each of {1} heads")
  @CsvSource({"zero, 144", "mean, 144", "relu, 132", "l1, 132", "identity, 132"})
  void givesTheEffectOfEveryHead(String method, int heads) {
    Map<String, Double> theirs = perplexities(oracle.at("/2k/" + method));
    assertThat(theirs).hasSize(heads);
    Map<Intervention, Double> expected = new LinkedHashMap<>();
    theirs.forEach(
        (head, perplexity) ->
            expected.put(Intervention.parse(method + "(" + head + ")"), perplexity));

    agrees(bench.validation(Tier.TWO_K), expected);
  }

  /** In the oracle's order: where two effects are equal to within rounding, ours may differ. */
  @ParameterizedTest(name = "{0}: {1}")
  @CsvSource({"10C, zero", "10F, mean", "10G, zero", "10H, mean"})
  void givesTheCumulativeCurves(String part, String method) {
    JsonNode curve = oracle.get(part);
    List<String> order = names(curve.get("order"));
    List<String> harmful = curve.has("harmful") ? names(curve.get("harmful")) : List.of();

    agrees(
        bench.validation(Tier.TWO_K),
        curve(method, order, harmful, perplexities(curve.get("perplexity"))));
  }

  @ParameterizedTest(name = "{0}")
  @ValueSource(strings = {"2k", "full"})
  void givesTheReluCurve(String tier) {
    JsonNode curve = oracle.get("relu_cumulative");

    agrees(
        bench.validation(tier.equals("2k") ? Tier.TWO_K : Tier.FULL),
        curve("relu", names(curve.get("best_ranking")), List.of(), perplexities(curve.get(tier))));
  }

  @ParameterizedTest(name = "{0}")
  @ValueSource(strings = {"zero", "mean"})
  void givesTheEffectsOverAllTokens(String method) {
    Map<Intervention, Double> expected = new LinkedHashMap<>();
    perplexities(oracle.at("/full/" + method))
        .forEach(
            (head, perplexity) ->
                expected.put(Intervention.parse(method + "(" + head + ")"), perplexity));

    agrees(bench.validation(Tier.FULL), expected);
  }

  @ParameterizedTest(name = "chunks of {0}")
  @ValueSource(ints = {32, 64, 128})
  void givesTheEffectOfContextLength(int length) {
    agrees(
        bench.validation(50_000, length),
        curve(
            "relu",
            names(oracle.at("/relu_cumulative/best_ranking")),
            List.of(),
            perplexities(oracle.at("/P4/" + length))));
  }

  private static Map<Intervention, Double> curve(
      String method, List<String> order, List<String> zeroed, Map<String, Double> perplexities) {
    Map<Intervention, Double> curve = new LinkedHashMap<>();
    perplexities.forEach(
        (step, perplexity) -> {
          List<String> parts = new ArrayList<>();
          int n = Integer.parseInt(step);
          if (n > 0) {
            parts.add(method + "(" + String.join(",", order.subList(0, n)) + ")");
          }
          if (!zeroed.isEmpty()) {
            parts.add("zero(" + String.join(",", zeroed) + ")");
          }
          curve.put(
              Intervention.parse(parts.isEmpty() ? "baseline" : String.join("+", parts)),
              perplexity);
        });
    return curve;
  }

  private static void agrees(Chunks chunks, Map<Intervention, Double> expected) {
    Map<Intervention, List<LossSum>> losses =
        laboratory.losses(bench.subject(), chunks, expected.keySet(), Materials.NONE);
    double largest = 0;
    String where = "";
    for (var entry : expected.entrySet()) {
      double ours = LossSum.total(losses.get(entry.getKey())).perplexity();
      double difference = Math.abs(ours / entry.getValue() - 1);
      if (difference >= largest) {
        largest = difference;
        where =
            String.format(
                Locale.ROOT, "%s: %.6f, oracle %.6f", entry.getKey(), ours, entry.getValue());
      }
    }
    String account =
        String.format(
            Locale.ROOT,
            "largest relative difference of %d perplexities: %.2g (within %.0e), of %s",
            expected.size(),
            largest,
            PERPLEXITY_WITHIN,
            where);
    Allure.addAttachment("agreement", account);
    System.out.println(account.length() > 200 ? account.substring(0, 200) + "..." : account);
    assertThat(largest).as(account).isLessThanOrEqualTo(PERPLEXITY_WITHIN);
  }

  private static Map<String, Double> perplexities(JsonNode node) {
    Map<String, Double> perplexities = new LinkedHashMap<>();
    node.properties()
        .forEach(field -> perplexities.put(field.getKey(), field.getValue().doubleValue()));
    return perplexities;
  }

  private static List<String> names(JsonNode node) {
    List<String> names = new ArrayList<>();
    node.forEach(name -> names.add(name.textValue()));
    return names;
  }
}
