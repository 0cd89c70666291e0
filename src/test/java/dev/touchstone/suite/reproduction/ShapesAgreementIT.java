package dev.touchstone.suite.reproduction;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.touchstone.corpus.Assets;
import dev.touchstone.intervention.Intervention;
import dev.touchstone.intervention.Materials;
import dev.touchstone.laboratory.Laboratory;
import dev.touchstone.model.Checkpoint;
import dev.touchstone.runtime.Sha256;
import dev.touchstone.statistics.LossSum;
import dev.touchstone.suite.experiment.Experiments;
import dev.touchstone.suite.observation.Observables;
import dev.touchstone.suite.observation.Observation.Quantity;
import dev.touchstone.suite.observation.Tier;
import dev.touchstone.suite.subject.Bench;
import dev.touchstone.suite.subject.GivenModel;
import dev.touchstone.suite.training.Shapes;
import dev.touchstone.tensor.Compute;
import io.qameta.allure.Epic;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What is measured of models of four other shapes, against TransformerLens and scikit-learn. */
@Tag("subject")
@Epic("Agreement with TransformerLens")
@AgreesWith("shapes/shapes.json")
class ShapesAgreementIT {
  private static final double PERPLEXITY = 1e-4;
  private static final double CIRCUITS = 1e-6;

  /** Each side computes what blocks write by itself, in float32. */
  private static final double WRITES = 1e-6;

  private final Recorded oracle;

  @TempDir private Path folder;

  ShapesAgreementIT(Recorded oracle) {
    this.oracle = oracle;
  }

  @ParameterizedTest(name = "{0}")
  @EnumSource
  void agree(Shapes shape, Agreement agreement) throws IOException {
    JsonNode theirs = oracle.at("/" + shape.word());
    GivenModel model = shape.given(folder);
    assertThat(digest(model.checkpoint())).isEqualTo(theirs.get("weights").textValue());
    try (Laboratory laboratory = Laboratory.at(folder.resolve("laboratory.sqlite"))) {
      Experiments experiments =
          new Experiments(
              Assets.fromEnvironment(),
              Path.of("golden"),
              laboratory,
              Compute.fromProperties(),
              Optional.of(model));
      Bench bench = experiments.bench(model.name());
      Observables observables = experiments.observables(model.name(), Tier.TWO_K);
      effects(theirs.get("10"), bench, agreement);
      spectrum(theirs.get("6A"), "exp06/wqk/%s/%d", observables, CIRCUITS, agreement);
      for (int layer = 0; layer < shape.config().layers(); layer++) {
        spectrum(
            theirs.get("7B").get(layer),
            "exp07/%s/block/" + layer + "/%d",
            observables,
            WRITES,
            agreement);
      }
      bench.subject().close();
    }
  }

  private static void effects(JsonNode theirs, Bench bench, Agreement agreement) {
    Map<Intervention, Double> expected = new LinkedHashMap<>();
    expected.put(Intervention.BASELINE, theirs.get("baseline").doubleValue());
    for (String method : List.of("zero", "mean", "relu")) {
      Recorded.numbers(theirs.get(method))
          .forEach(
              (head, perplexity) ->
                  expected.put(Intervention.parse(method + "(" + head + ")"), perplexity));
    }
    var ours =
        bench
            .laboratory()
            .losses(
                bench.subject(), bench.validation(Tier.FULL), expected.keySet(), Materials.NONE);
    assertThat(ours.get(Intervention.BASELINE)).hasSize(theirs.get("chunks").intValue());
    assertThat(expected)
        .as("baseline, all heads twice, those above layer 0 once more")
        .hasSize(1 + 2 * bench.grid().all() + bench.grid().aboveLayer0());
    var perplexities = agreement.relative("perplexity", PERPLEXITY);
    expected.forEach(
        (intervention, perplexity) ->
            perplexities.compare(
                intervention.toString(),
                LossSum.total(ours.get(intervention)).perplexity(),
                perplexity));
  }

  /**
   * @param path of components by percent and of the variance held by number
   */
  private static void spectrum(
      JsonNode theirs, String path, Observables observables, double within, Agreement agreement) {
    var components = agreement.exact("components");
    Recorded.numbers(theirs.get("components"))
        .forEach(
            (percent, count) ->
                compare(
                    components,
                    path.formatted("components", Integer.valueOf(percent)),
                    observables,
                    count));
    var shares = agreement.absolute("cumulative variance", within);
    for (int k = 1; k <= theirs.get("shares").size(); k++) {
      compare(
          shares,
          path.formatted("cumulative-variance", k),
          observables,
          theirs.get("shares").get(k - 1).doubleValue());
    }
  }

  private static void compare(
      Agreement.Group group, String path, Observables observables, double theirs) {
    Quantity ours = (Quantity) observables.resolve(path).orElseThrow().get();
    group.compare(path, ours.value(), theirs);
  }

  /** Of all numbers, little-endian, tensor after tensor by name. */
  private static String digest(Checkpoint checkpoint) throws IOException {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (String name : new TreeSet<>(checkpoint.names())) {
      float[] values = checkpoint.floats(name);
      ByteBuffer bytes =
          ByteBuffer.allocate(values.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
      bytes.asFloatBuffer().put(values);
      all.write(bytes.array());
    }
    return Sha256.of(all.toByteArray());
  }
}
