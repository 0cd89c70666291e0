package dev.touchstone.suite.reproduction;

import static org.assertj.core.api.Assertions.assertThat;

import dev.touchstone.model.Head;
import dev.touchstone.suite.experiment.Experiments;
import dev.touchstone.suite.observation.Observation;
import dev.touchstone.suite.observation.Observation.Names;
import dev.touchstone.suite.observation.Observation.Quantity;
import dev.touchstone.suite.observation.Observation.Series;
import dev.touchstone.suite.observation.Tier;
import io.qameta.allure.Epic;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Map.Entry;
import java.util.function.Predicate;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What exp10's experiments say of nano144, each in the order it ranks heads in itself, against what
 * follows from TransformerLens's perplexities: numbers to 1e-4, counts, thresholds and names
 * exactly. Only heads whose effects TransformerLens has equal to within 2e-6 may change places.
 */
@Tag("nano144")
@Epic("Agreement with TransformerLens")
@AgreesWith("nano144/nano144.json")
class Nano144ObservablesIT {
  private static final double WITHIN = 1e-4;
  private static final double TIE = 2e-6;

  private final Recorded oracle;
  private final Experiments experiments;

  Nano144ObservablesIT(Recorded oracle, Experiments experiments) {
    this.oracle = oracle;
    this.experiments = experiments;
  }

  @ParameterizedTest(name = "{0} of {1} heads")
  @CsvSource({"zero, 144", "mean, 144", "relu, 132", "l1, 132", "identity, 132"})
  void effectsOfSingleHeads(String method, int heads, Agreement agreement) {
    Map<String, Double> theirs = ratios(oracle.numbers("/2k/" + method), Tier.TWO_K);
    assertThat(theirs).hasSize(heads);

    agreement
        .relative("perplexity over the baseline's", WITHIN)
        .compare(theirs, head -> 1 + number("heads/%s/%s/delta", method, head));
  }

  @ParameterizedTest(name = "{0}: {1}")
  @CsvSource({
    "zero-all, /10C/perplexity, TWO_K",
    "zero-l0-protected, /10G/perplexity, TWO_K",
    "harmful-first, /10H/perplexity, TWO_K",
    "relu-by-own-effect, /relu_cumulative/2k, TWO_K",
    "relu-by-own-effect, /relu_cumulative/full, FULL"
  })
  void cumulativeCurvesAndTheirThresholds(
      String curve, String place, Tier extent, Agreement agreement) {
    Map<String, Double> theirs = oracle.numbers(place);

    agreement
        .relative("perplexity", WITHIN)
        .compare(theirs, heads -> number(extent, "cumulative/%s/%s/perplexity", curve, heads));
    var thresholds = agreement.exact("heads within a ratio");
    for (double threshold : List.of(1.1, 1.5, 2.0)) {
      int within =
          theirs.entrySet().stream()
              .filter(point -> point.getValue() / baseline(extent) <= threshold)
              .mapToInt(point -> Integer.parseInt(point.getKey()))
              .max()
              .orElse(0);
      thresholds.compare(
          "within " + threshold,
          number(extent, "cumulative/%s/within/%s/heads", curve, threshold),
          within);
    }
  }

  @ParameterizedTest(name = "{0}")
  @ValueSource(strings = {"to-previous-token", "to-what-came-next"})
  void whereHeadsLook(String where, Agreement agreement) {
    Map<String, Double> theirs = oracle.numbers("/attention/" + where);
    List<Double> ours = ((Series) observe("attention/" + where, Tier.TWO_K)).values();
    assertThat(theirs).hasSize(144);

    agreement
        .absolute("share of a head's attention", WITHIN)
        .compare(theirs, head -> ours.get(Head.all(12, 12).indexOf(Head.parse(head))));
  }

  @ParameterizedTest(name = "{0}")
  @ValueSource(strings = {"zero", "mean"})
  void effectsOverAllTokens(String method, Agreement agreement) {
    agreement
        .relative("perplexity over the baseline's", WITHIN)
        .compare(
            ratios(oracle.numbers("/full/" + method), Tier.FULL),
            head -> 1 + number(Tier.FULL, "validation/%s/%s/full-delta", method, head));
  }

  @ParameterizedTest(name = "{0}")
  @ValueSource(strings = {"zero", "mean", "relu", "l1", "identity"})
  void headsInOrder(String method, Agreement agreement) {
    Map<String, Double> deltas = deltas(method);
    List<String> theirs =
        deltas.entrySet().stream()
            .sorted(Entry.<String, Double>comparingByValue().reversed())
            .map(Entry::getKey)
            .toList();

    List<String> ours = names("heads/" + method + "/largest/" + deltas.size() + "/heads");

    assertThat(ours).containsExactlyInAnyOrderElementsOf(theirs);
    var ties = agreement.absolute("effects in the same place, by the oracle", TIE);
    for (int place = 0; place < ours.size(); place++) {
      ties.compare(
          "%s for %s".formatted(ours.get(place), theirs.get(place)),
          deltas.get(ours.get(place)),
          deltas.get(theirs.get(place)));
    }
  }

  @Test
  void harmfulHeads() {
    List<String> theirs = oracle.names("/10H/harmful");

    assertThat(names("harmful/heads")).containsExactlyInAnyOrderElementsOf(theirs);
  }

  @ParameterizedTest(name = "{0}")
  @ValueSource(strings = {"zero", "mean", "relu", "l1", "identity"})
  void countsOfHeads(String method, Agreement agreement) {
    Map<String, Double> theirs = deltas(method);
    agreement
        .exact("heads")
        .compare(
            "below 1%",
            number("heads/%s/below/1/count", method),
            count(theirs, head -> Math.abs(theirs.get(head)) < 0.01))
        .compare(
            "below 10%",
            number("heads/%s/below/10/count", method),
            count(theirs, head -> Math.abs(theirs.get(head)) < 0.1))
        .compare(
            "improved",
            number("heads/%s/improved/count", method),
            count(theirs, head -> theirs.get(head) < 0));
  }

  @Test
  void comparisonsOfMethods(Agreement agreement) {
    Map<String, Double> zero = deltas("zero");
    Map<String, Double> mean = deltas("mean");
    Map<String, Double> relu = deltas("relu");
    Map<String, Double> l1 = deltas("l1");
    Map<String, Double> identity = deltas("identity");

    agreement
        .exact("heads")
        .compare(
            "of which zeroing helps and the mean hurts, or the reverse",
            number("heads/sign-flipped/count"),
            count(zero, head -> zero.get(head) < 0 != mean.get(head) < 0))
        .compare(
            "that ReLU costs less than the mean",
            number("heads/relu-below-mean/count"),
            count(relu, head -> relu.get(head) < mean.get(head)))
        .compare(
            "best linearized by ReLU",
            number("heads/best-linearization/relu/count"),
            count(
                relu,
                head -> relu.get(head) <= l1.get(head) && relu.get(head) <= identity.get(head)));
  }

  private static long count(Map<String, Double> heads, Predicate<String> counted) {
    return heads.keySet().stream().filter(counted).count();
  }

  private double baseline(Tier extent) {
    return oracle.number("/" + extent.word() + "/baseline/perplexity");
  }

  private Map<String, Double> ratios(Map<String, Double> perplexities, Tier extent) {
    Map<String, Double> ratios = new LinkedHashMap<>();
    perplexities.forEach((head, perplexity) -> ratios.put(head, perplexity / baseline(extent)));
    return ratios;
  }

  /** Rounded as the reports kept them, and ranked as kept. */
  private Map<String, Double> deltas(String method) {
    Map<String, Double> deltas = ratios(oracle.numbers("/2k/" + method), Tier.TWO_K);
    deltas.replaceAll((head, ratio) -> Math.rint((ratio - 1) * 1e6) / 1e6);
    return deltas;
  }

  private double number(String path, Object... parts) {
    return number(Tier.TWO_K, path, parts);
  }

  private double number(Tier extent, String path, Object... parts) {
    return ((Quantity) observe(path.formatted(parts), extent)).value();
  }

  private List<String> names(String path) {
    return ((Names) observe(path, Tier.TWO_K)).names();
  }

  private Observation observe(String path, Tier extent) {
    return experiments.observables("nano144", extent).resolve(path).orElseThrow().get();
  }
}
