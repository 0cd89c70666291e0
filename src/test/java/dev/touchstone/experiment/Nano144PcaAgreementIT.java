package dev.touchstone.experiment;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.touchstone.corpus.Assets;
import dev.touchstone.decomposition.Spectrum;
import dev.touchstone.laboratory.Laboratory;
import dev.touchstone.measurement.Observation;
import dev.touchstone.measurement.Observation.Quantity;
import dev.touchstone.measurement.Observation.Series;
import dev.touchstone.model.Checkpoint;
import dev.touchstone.tensor.Compute;
import io.qameta.allure.Allure;
import io.qameta.allure.Epic;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** exp06 and exp07 on nano144 against scikit-learn and TransformerLens. */
@Tag("nano144")
@Epic("Agreement with TransformerLens")
class Nano144PcaAgreementIT {
  private static final Path GOLDEN = Path.of("golden");
  private static final Path ORACLE = GOLDEN.resolve("oracle/nano144");

  /** Of shares of the very same numbers. */
  private static final double SAME_DATA = 1e-9;

  /** Of shares and norms of what two engines computed in float32. */
  private static final double FLOAT32 = 1e-6;

  private static final double PERPLEXITY = 1e-4;

  private static JsonNode oracle;
  private static Laboratory laboratory;
  private static Bench bench;
  private static Observables observables;

  @BeforeAll
  static void open() throws IOException {
    oracle = new ObjectMapper().readTree(ORACLE.resolve("nano144-pca.json").toFile());
    Assets assets = Assets.fromEnvironment();
    laboratory = Experiments.laboratory(assets);
    Experiments experiments = new Experiments(assets, GOLDEN, laboratory, Compute.fromProperties());
    bench = experiments.bench("nano144");
    observables = experiments.observables("nano144", Extent.FULL);
  }

  @AfterAll
  static void close() {
    bench.subject().close();
    laboratory.close();
  }

  @Test
  void isOfTheSameWeightsAndChunks() {
    assertThat(oracle.at("/model/sha256").textValue()).isEqualTo(bench.sha256());
    assertThat(bench.test().all()).hasSize(oracle.at("/corpus/chunks").intValue());
  }

  @ParameterizedTest(name = "{0}")
  @ValueSource(strings = {"attention-11", "block-2", "mlp-7"})
  void sharesTheVarianceOfRecordedWritesAsScikitLearnDoes(String name) {
    Checkpoint recorded = Checkpoint.open(ORACLE.resolve("nano144-writes.safetensors"));
    JsonNode expected = oracle.at("/exp07/recorded/" + name);
    int width = (int) recorded.shape(name).get(1);
    float[] values = recorded.floats(name);
    double[][] rows = new double[expected.get("rows").intValue()][width];
    for (int i = 0; i < values.length; i++) {
      rows[i / width][i % width] = values[i];
    }

    Spectrum spectrum = Spectrum.of(rows);

    Agreement agreement = new Agreement();
    expected
        .get("shares")
        .properties()
        .forEach(
            share ->
                agreement.absolute(
                    name + ", " + share.getKey() + " components",
                    spectrum.cumulativeShare(Integer.parseInt(share.getKey())),
                    share.getValue().doubleValue()));
    agreement.isWithin(SAME_DATA);
    expected
        .get("components")
        .properties()
        .forEach(
            reached ->
                assertThat(spectrum.componentsFor(Integer.parseInt(reached.getKey()) / 100.0))
                    .isEqualTo(reached.getValue().intValue()));
  }

  /** Both start from the checkpoint's numbers; folding them is float32, which hardly shows. */
  @ParameterizedTest(name = "{0}")
  @CsvSource({
    "'stored', unfolded/own-norm",
    "'stored, unit norm', unfolded/unit-norm",
    "'processed', folded/own-norm",
    "'processed, unit norm', folded/unit-norm"
  })
  void sharesTheVarianceOfQueryKeyCircuits(String weights, String variant) {
    JsonNode expected = oracle.get("exp06").get(weights);
    String path = "exp06/variants/" + variant;
    Agreement agreement = new Agreement();
    expected
        .get("shares")
        .properties()
        .forEach(
            share ->
                agreement.absolute(
                    path + ", " + share.getKey() + " components",
                    number(path + "/cumulative-variance/" + share.getKey()),
                    share.getValue().doubleValue()));
    agreement.isWithin(SAME_DATA);
    agreesOnComponents(expected, path + "/components");
  }

  @ParameterizedTest(name = "{0}")
  @ValueSource(strings = {"first", "first-without-0", "spread", "spread-without-0"})
  void findsTheComponentsOfEveryLayersWrites(String sample) {
    JsonNode sites = oracle.at("/exp07/samples/" + sample);
    Agreement position0 = new Agreement();
    for (String site : List.of("block", "attention", "mlp")) {
      for (int layer = 0; layer < sites.get(site).size(); layer++) {
        JsonNode expected = sites.get(site).get(layer);
        String path = "exp07/sample/" + sample + "/";
        agreesOnComponents(expected, path + "components/" + site + "/" + layer);
        position0.absolute(
            site + " " + layer,
            number(path + "position-0-share/" + site + "/" + layer),
            expected.get("position-0").doubleValue());
      }
    }
    position0.isWithin(FLOAT32);
    agreesOnComponents(sites.get("shared"), "exp07/sample/" + sample + "/components/shared");
  }

  @Test
  void sharesTheVarianceOfEveryLayersWrites() {
    Agreement agreement = new Agreement();
    for (String site : List.of("block", "attention", "mlp")) {
      for (int layer = 0; layer < 12; layer++) {
        String path = "exp07/cumulative-variance/" + site + "/" + layer + "/";
        oracle
            .at("/exp07/samples/first/" + site + "/" + layer + "/shares")
            .properties()
            .forEach(
                share ->
                    agreement.absolute(
                        path + share.getKey(),
                        number(path + share.getKey()),
                        share.getValue().doubleValue()));
      }
    }
    agreement.isWithin(FLOAT32);
  }

  @Test
  void measuresNormsAndTheQualityOfReconstruction() {
    Agreement agreement = new Agreement();
    JsonNode norms = oracle.at("/exp07/norms");
    for (int layer = 0; layer < norms.size(); layer++) {
      for (String what : List.of("mean", "std")) {
        String path = "exp07/norm/" + layer + "/" + what;
        agreement.relative(path, number(path), norms.get(layer).get(what).doubleValue());
      }
    }
    oracle
        .at("/exp07/reconstruction")
        .properties()
        .forEach(
            kept -> {
              for (String what : List.of("cosine", "relative-l2")) {
                String path = "exp07/reconstruction/shared/" + kept.getKey() + "/" + what;
                agreement.relative(path, number(path), kept.getValue().get(what).doubleValue());
              }
            });
    agreement.isWithin(FLOAT32);
  }

  @Test
  void injectsReconstructionsAtTheSameCost() {
    Agreement agreement = new Agreement();
    agreement.relative(
        "baseline", number("exp06/baseline/perplexity"), oracle.get("baseline").doubleValue());
    agreement.relative(
        "pseudo-inverse",
        number("exp06/injection/pseudo-inverse/perplexity"),
        oracle.at("/exp06/pseudo-inverse").doubleValue());
    costs(agreement, oracle.at("/exp06/injection"), "exp06/injection/");
    agreement.isWithin(PERPLEXITY);
  }

  /** Of the oracle's own clusters. */
  @Test
  void injectsRepresentativesAtTheSameCost() {
    JsonNode byClusters = oracle.at("/exp06/clusters");
    Agreement agreement = new Agreement();
    byClusters
        .properties()
        .forEach(
            k -> {
              String path = "exp06/clusters/" + k.getKey();
              Series ours =
                  (Series) observables.resolve(path + "/representatives").orElseThrow().get();
              List<Double> theirs = new ArrayList<>();
              k.getValue().get("representative").forEach(head -> theirs.add(head.doubleValue()));
              assertThat(ours.values()).as(path).isEqualTo(theirs);
              agreement.relative(
                  path, number(path + "/perplexity"), k.getValue().get("perplexity").doubleValue());
            });
    agreement.isWithin(PERPLEXITY);
  }

  @ParameterizedTest(name = "{0}")
  @ValueSource(strings = {"individual", "shared"})
  void writesAlongFewComponentsAtTheSameCost(String basis) {
    Agreement agreement = new Agreement();
    costs(agreement, oracle.at("/exp07/low-rank/" + basis), "exp07/low-rank/" + basis + "/");
    agreement.isWithin(PERPLEXITY);
  }

  @ParameterizedTest(name = "{0}")
  @ValueSource(
      strings = {
        "exp06/injection/144",
        "exp07/low-rank/individual/144",
        "exp07/low-rank/shared/768-of-768"
      })
  void losesNothingWithAllComponents(String path) {
    Agreement agreement = new Agreement();
    agreement.relative(path, number(path + "/perplexity"), number("exp06/baseline/perplexity"));
    agreement.isWithin(1e-5);
  }

  private static void agreesOnComponents(JsonNode expected, String path) {
    expected
        .get("components")
        .properties()
        .forEach(
            reached ->
                assertThat(number(path + "/" + reached.getKey()))
                    .as(path + "/" + reached.getKey())
                    .isEqualTo(reached.getValue().intValue()));
  }

  private static void costs(Agreement agreement, JsonNode byK, String path) {
    byK.properties()
        .forEach(
            k ->
                agreement.relative(
                    path + k.getKey(),
                    number(path + k.getKey() + "/perplexity"),
                    k.getValue().doubleValue()));
  }

  private static double number(String path) {
    Observation observed = observables.resolve(path).orElseThrow().get();
    return ((Quantity) observed).value();
  }

  /** The largest difference of many pairs, and whose it is. */
  private static final class Agreement {
    private int compared;
    private double largest;
    private String where = "";

    void absolute(String what, double ours, double theirs) {
      add(what, ours, theirs, Math.abs(ours - theirs));
    }

    void relative(String what, double ours, double theirs) {
      add(what, ours, theirs, Math.abs(ours / theirs - 1));
    }

    private void add(String what, double ours, double theirs, double difference) {
      compared++;
      // Not a number is larger than anything.
      if (!(difference <= largest)) {
        largest = difference;
        where = String.format(Locale.ROOT, "%s: %.10g, oracle %.10g", what, ours, theirs);
      }
    }

    void isWithin(double allowed) {
      String account =
          String.format(
              Locale.ROOT,
              "largest difference of %d: %.2g (within %.0e), of %s",
              compared,
              largest,
              allowed,
              where);
      Allure.addAttachment("agreement", account);
      System.out.println(account);
      assertThat(compared).isPositive();
      assertThat(largest).as(account).isLessThanOrEqualTo(allowed);
    }
  }
}
