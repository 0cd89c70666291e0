package dev.touchstone.suite.experiment.exp06;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.touchstone.decomposition.Spectrum;
import dev.touchstone.model.Checkpoint;
import dev.touchstone.suite.experiment.Experiments;
import dev.touchstone.suite.observation.Observables;
import dev.touchstone.suite.observation.Observation;
import dev.touchstone.suite.observation.Observation.Quantity;
import dev.touchstone.suite.observation.Observation.Series;
import dev.touchstone.suite.observation.Tier;
import dev.touchstone.suite.reproduction.Agreement;
import dev.touchstone.suite.reproduction.AgreesWith;
import dev.touchstone.suite.reproduction.Recorded;
import dev.touchstone.suite.subject.Bench;
import io.qameta.allure.Epic;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** exp06 and exp07 on nano144 against scikit-learn and TransformerLens. */
@Tag("nano144")
@Epic("Agreement with TransformerLens")
@AgreesWith("nano144/nano144-pca.json")
class Nano144PcaAgreementIT {
  /** Of shares of the very same numbers. */
  private static final double SAME_DATA = 1e-9;

  /** Of shares and norms of what two engines computed in float32. */
  private static final double FLOAT32 = 1e-6;

  private static final double PERPLEXITY = 1e-4;

  private static final String SHARES = "share of variance in the first components";
  private static final String COMPONENTS = "components for a percentage of variance";
  private static final List<String> SITES = List.of("block", "attention", "mlp");

  private final Recorded oracle;
  private final Bench bench;
  private final Observables observables;

  Nano144PcaAgreementIT(Recorded oracle, Experiments experiments) {
    this.oracle = oracle;
    bench = experiments.bench("nano144");
    observables = experiments.observables("nano144", Tier.FULL);
  }

  @Test
  void isOfTheSameWeightsAndChunks() {
    assertThat(oracle.text("/model/sha256")).isEqualTo(bench.sha256());
    assertThat(bench.test().all()).hasSize((int) oracle.number("/corpus/chunks"));
  }

  @ParameterizedTest(name = "{0}")
  @ValueSource(strings = {"attention-11", "block-2", "mlp-7"})
  void sharesTheVarianceOfRecordedWritesAsScikitLearnDoes(String name, Agreement agreement) {
    Checkpoint recorded = oracle.arrays("nano144-writes.safetensors");
    JsonNode expected = oracle.at("/exp07/recorded/" + name);
    int width = (int) recorded.shape(name).get(1);
    float[] values = recorded.floats(name);
    double[][] rows = new double[expected.get("rows").intValue()][width];
    for (int i = 0; i < values.length; i++) {
      rows[i / width][i % width] = values[i];
    }

    Spectrum spectrum = Spectrum.of(rows);

    agreement
        .absolute(SHARES, SAME_DATA)
        .compare(
            Recorded.numbers(expected.get("shares")),
            count -> spectrum.cumulativeShare(Integer.parseInt(count)));
    agreement
        .exact(COMPONENTS)
        .compare(
            Recorded.numbers(expected.get("components")),
            percent -> spectrum.componentsFor(Integer.parseInt(percent) / 100.0));
  }

  /** Both start from the checkpoint's numbers; folding them is float32, which hardly shows. */
  @ParameterizedTest(name = "{0}")
  @CsvSource({
    "'stored', unfolded/own-norm",
    "'stored, unit norm', unfolded/unit-norm",
    "'processed', folded/own-norm",
    "'processed, unit norm', folded/unit-norm"
  })
  void sharesTheVarianceOfQueryKeyCircuits(String weights, String variant, Agreement agreement) {
    JsonNode expected = oracle.at("/exp06/" + weights);
    String path = "exp06/variants/" + variant;
    agreement
        .absolute(SHARES, SAME_DATA)
        .compare(
            Recorded.numbers(expected.get("shares")),
            count -> number(path + "/cumulative-variance/" + count));
    components(agreement.exact(COMPONENTS), expected, path + "/components");
  }

  @ParameterizedTest(name = "{0}")
  @ValueSource(strings = {"first", "first-without-0", "spread", "spread-without-0"})
  void findsTheComponentsOfEveryLayersWrites(String sample, Agreement agreement) {
    JsonNode sites = oracle.at("/exp07/samples/" + sample);
    String path = "exp07/sample/" + sample + "/";
    var components = agreement.exact(COMPONENTS);
    var position0 = agreement.absolute("share of variance at position 0", FLOAT32);
    for (String site : SITES) {
      for (int layer = 0; layer < sites.get(site).size(); layer++) {
        JsonNode expected = sites.get(site).get(layer);
        components(components, expected, path + "components/" + site + "/" + layer);
        position0.compare(
            site + " " + layer,
            number(path + "position-0-share/" + site + "/" + layer),
            expected.get("position-0").doubleValue());
      }
    }
    components(components, sites.get("shared"), path + "components/shared");
  }

  @Test
  void sharesTheVarianceOfEveryLayersWrites(Agreement agreement) {
    var shares = agreement.absolute(SHARES, FLOAT32);
    for (String site : SITES) {
      for (int layer = 0; layer < 12; layer++) {
        String path = "exp07/cumulative-variance/" + site + "/" + layer + "/";
        oracle
            .numbers("/exp07/samples/first/" + site + "/" + layer + "/shares")
            .forEach((count, theirs) -> shares.compare(path + count, number(path + count), theirs));
      }
    }
  }

  @Test
  void measuresNormsAndTheQualityOfReconstruction(Agreement agreement) {
    var norms = agreement.relative("norms of writes", FLOAT32);
    for (int layer = 0; layer < 12; layer++) {
      String path = "exp07/norm/" + layer + "/";
      oracle
          .numbers("/exp07/norms/" + layer)
          .forEach((what, theirs) -> norms.compare(path + what, number(path + what), theirs));
    }
    var reconstruction = agreement.relative("quality of reconstruction", FLOAT32);
    oracle
        .at("/exp07/reconstruction")
        .properties()
        .forEach(
            kept -> {
              String path = "exp07/reconstruction/shared/" + kept.getKey() + "/";
              for (String what : List.of("cosine", "relative-l2")) {
                reconstruction.compare(
                    path + what, number(path + what), kept.getValue().get(what).doubleValue());
              }
            });
  }

  @Test
  void injectsReconstructionsAtTheSameCost(Agreement agreement) {
    agreement
        .relative("perplexity", PERPLEXITY)
        .compare("baseline", number("exp06/baseline/perplexity"), oracle.number("/baseline"))
        .compare(
            "pseudo-inverse",
            number("exp06/injection/pseudo-inverse/perplexity"),
            oracle.number("/exp06/pseudo-inverse"))
        .compare(
            oracle.numbers("/exp06/injection"),
            kept -> number("exp06/injection/" + kept + "/perplexity"));
  }

  /** Of the oracle's own clusters. */
  @Test
  void injectsRepresentativesAtTheSameCost(Agreement agreement) {
    var perplexities = agreement.relative("perplexity", PERPLEXITY);
    oracle
        .at("/exp06/clusters")
        .properties()
        .forEach(
            k -> {
              String path = "exp06/clusters/" + k.getKey();
              Series ours =
                  (Series) observables.resolve(path + "/representatives").orElseThrow().get();
              List<Double> theirs = new ArrayList<>();
              k.getValue().get("representative").forEach(head -> theirs.add(head.doubleValue()));
              assertThat(ours.values()).as(path).isEqualTo(theirs);
              perplexities.compare(
                  path, number(path + "/perplexity"), k.getValue().get("perplexity").doubleValue());
            });
  }

  @ParameterizedTest(name = "{0}")
  @ValueSource(strings = {"individual", "shared"})
  void writesAlongFewComponentsAtTheSameCost(String basis, Agreement agreement) {
    agreement
        .relative("perplexity", PERPLEXITY)
        .compare(
            oracle.numbers("/exp07/low-rank/" + basis),
            kept -> number("exp07/low-rank/" + basis + "/" + kept + "/perplexity"));
  }

  /** Held against our own baseline: all components are the model. */
  @ParameterizedTest(name = "{0}")
  @ValueSource(
      strings = {
        "exp06/injection/144",
        "exp07/low-rank/individual/144",
        "exp07/low-rank/shared/768-of-768"
      })
  void losesNothingWithAllComponents(String path, Agreement agreement) {
    agreement
        .relative("perplexity and the baseline's", 1e-5)
        .compare(path, number(path + "/perplexity"), number("exp06/baseline/perplexity"));
  }

  private void components(Agreement.Group components, JsonNode expected, String path) {
    Recorded.numbers(expected.get("components"))
        .forEach(
            (percent, theirs) ->
                components.compare(path + "/" + percent, number(path + "/" + percent), theirs));
  }

  private double number(String path) {
    Observation observed = observables.resolve(path).orElseThrow().get();
    return ((Quantity) observed).value();
  }
}
