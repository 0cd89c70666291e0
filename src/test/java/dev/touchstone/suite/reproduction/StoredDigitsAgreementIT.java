package dev.touchstone.suite.reproduction;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.touchstone.suite.audit.Formula;
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
import java.util.function.ToDoubleFunction;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What exp10's experiments say of nano144 as its scripts round, order and compare, against what
 * TransformerLens says by the same rules: every figure of {@code stored.json}. Float error can move
 * a last stored digit and what is computed from it, and heads whose stored effects are equal to
 * within 2e-6 may change places. Counts, thresholds, steps and all other names are the same.
 */
@Tag("nano144")
@Epic("Agreement with TransformerLens")
@AgreesWith(StoredDigitsAgreementIT.STORED)
class StoredDigitsAgreementIT {
  static final String STORED = "nano144/stored.json";

  /** One unit of the last stored digit of perplexities and ratios, and of effects. */
  private static final double FOURTH = 1e-4;

  private static final double SIXTH = 1e-6;

  /** A digit's unit is not exact in binary, and neither is a share. */
  private static final double BINARY = 1e-9;

  private static final double SAME = 1e-12;

  /** What is shown beside a stored digit is measured, and so near the oracle's as float32 is. */
  private static final String MEASURED = ".*/(perplexity|ratio|delta|full-delta)";

  private static final double UNROUNDED = 1e-5;

  private static final double TIE = 2 * SIXTH * (1 + BINARY);

  /** What a last digit of a ratio moves V5's mean by: its smallest 2K growth here is 0.0068. */
  private static final double V5 = 0.0015;

  private static final String HEAD = "(L\\d+H\\d+|rank-1-by-zero)";

  private static final Pattern CURVE_POINT =
      Pattern.compile("(?<curve>cumulative/[^/]+)/(?<heads>\\d+)/(perplexity|ratio)");

  /** What claims compute of observables, by the oracle's name for it. */
  private static final Map<String, String> FORMULAS =
      Map.ofEntries(
          Map.entry(
              "heads/(\\w+)/(below/\\d+|improved)/share",
              "[heads/$1/$2/count] / [heads/$1/measured/count]"),
          Map.entry(
              "heads/zero/largest/10/helped-by-mean/count",
              "count([heads/mean/rank-{n:1..10}-by-zero/delta] < 0)"),
          Map.entry(
              "heads/" + HEAD + "/zero-over-mean",
              "[heads/zero/$1/delta] / abs([heads/mean/$1/delta])"),
          Map.entry(
              "heads/" + HEAD + "/mean-over-zero", "[heads/mean/$1/delta] / [heads/zero/$1/delta]"),
          Map.entry(
              "heads/" + HEAD + "/constant-share",
              "1 - [heads/mean/$1/delta] / [heads/zero/$1/delta]"),
          Map.entry(
              "heads/mean-delta/mean-over-zero",
              "[heads/mean/mean-delta] / [heads/zero/mean-delta]"),
          Map.entry(
              "layers/(zero|mean)/(\\d+)/share",
              "[layers/$1/$2/mean-delta] / sum([layers/$1/{layer:0..11}/mean-delta])"),
          Map.entry(
              "layers/(\\d+)/mean-over-zero",
              "[layers/mean/$1/mean-delta] / [layers/zero/$1/mean-delta]"),
          Map.entry("(cumulative/.+)/within/(.+)/share", "[$1/within/$2/heads] / [$1/total-heads]"),
          Map.entry(
              "cumulative/mean-over-zero/(.+)",
              "[cumulative/mean-l0-protected/within/$1/heads] / [cumulative/zero-all/within/$1/heads]"),
          Map.entry(
              "cumulative/mean-over-zero",
              "[cumulative/mean-l0-protected/within/{threshold:1.1,1.5,2.0}/heads]"
                  + " / [cumulative/zero-all/within/{threshold}/heads]"),
          Map.entry(
              "cumulative/zero-thresholds-moved-by-protecting-l0",
              "max(abs([cumulative/zero-all/within/{threshold:1.1,1.5,2.0}/heads]"
                  + " - [cumulative/zero-l0-protected/within/{threshold}/heads]))"),
          Map.entry("harmful/count", "[harmful/heads]"),
          Map.entry(
              "validation/" + HEAD + "/zero-over-mean",
              "[validation/zero/$1/full-delta] / abs([validation/mean/$1/full-delta])"),
          Map.entry(
              "validation/" + HEAD + "/constant-share",
              "1 - [validation/mean/$1/full-delta] / [validation/zero/$1/full-delta]"),
          Map.entry(
              "validation/relu/largest-threshold-change",
              "max(abs([validation/relu/within/{threshold:1.1,1.5,2.0}/change]))"));

  private final Recorded oracle;
  private final Experiments experiments;
  private final Map<Pattern, Bound> bounds = bounds();

  StoredDigitsAgreementIT(Recorded oracle, Experiments experiments) {
    this.oracle = oracle;
    this.experiments = experiments;
  }

  /** The first two segments of the oracle's paths: each is in one of these groups. */
  static List<String> groups() {
    Recorded oracle = Recorded.in(STORED);
    return Stream.of("2k", "full")
        .flatMap(
            tier ->
                oracle
                    .at("/" + tier)
                    .propertyStream()
                    .map(each -> tier + " " + group(each.getKey())))
        .distinct()
        .toList();
  }

  private static String group(String path) {
    return Stream.of(path.split("/")).limit(2).collect(Collectors.joining("/"));
  }

  @Test
  void isOfTheSameWeights() {
    assertThat(oracle.text("/model/sha256")).isEqualTo(experiments.bench("nano144").sha256());
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("groups")
  void storesWhatTransformerLensWould(String group, Agreement agreement) {
    String[] parts = group.split(" ");
    Tier extent = parts[0].equals("2k") ? Tier.TWO_K : Tier.FULL;
    oracle
        .at("/" + parts[0])
        .propertyStream()
        .filter(each -> group(each.getKey()).equals(parts[1]))
        .forEach(each -> compare(each.getKey(), each.getValue(), extent, agreement));
  }

  /** 10K: each linearization in the order of its own effects. */
  @ParameterizedTest(name = "{0}")
  @ValueSource(strings = {"relu", "l1", "identity"})
  void linearizesInTheOrderOfEachLinearizationsOwnEffects(String method, Agreement agreement) {
    String curve = "cumulative/" + method + "-by-own-effect/";
    oracle
        .at("/10K/" + method)
        .properties()
        .forEach(each -> compare(curve + each.getKey(), each.getValue(), Tier.TWO_K, agreement));
  }

  private void compare(String path, JsonNode figure, Tier extent, Agreement agreement) {
    JsonNode theirs = figure.get("stored");
    switch (path) {
      case "best-ranking/method" ->
          sameNames(
              path,
              names("heads/linearizations-by-mean-delta", extent).subList(0, 1),
              List.of(theirs.textValue()),
              agreement);
      case "best-ranking/heads" ->
          inOrder(
              path,
              names("cumulative/relu/order", extent),
              texts(theirs),
              effect("l1", true),
              agreement);
      case "best-linearization" -> bestLinearizations(theirs, extent, agreement);
      // Before it is rounded, which it is only to be printed.
      case "validation/mean-difference" ->
          agreement
              .absolute("V5's mean", V5)
              .compare(
                  path,
                  ((Quantity) observe(path, extent)).value(),
                  oracle.number("/V5/mean/stored") / 100);
      default -> {
        if (!isOfOtherHeads(path, extent, agreement)) {
          compare(path, figure, observe(path, extent), agreement);
        }
      }
    }
  }

  /**
   * Whether a point of a curve is of other heads than the oracle's, because two heads with effects
   * as good as equal stand on either side of it: the order of these is what can be compared.
   */
  private boolean isOfOtherHeads(String path, Tier extent, Agreement agreement) {
    Matcher point = CURVE_POINT.matcher(path);
    if (extent != Tier.TWO_K || !point.matches()) {
      return false;
    }
    String order = point.group("curve") + "/order";
    ToDoubleFunction<String> effect = ordering(order);
    if (effect == null || !oracle.at("/2k").has(order)) {
      return false;
    }
    int heads = Integer.parseInt(point.group("heads"));
    List<String> ours = names(order, extent).subList(0, heads);
    List<String> theirs = texts(oracle.at("/2k").get(order).get("stored")).subList(0, heads);
    List<String> only = ours.stream().filter(head -> !theirs.contains(head)).toList();
    List<String> instead = theirs.stream().filter(head -> !ours.contains(head)).toList();
    for (int i = 0; i < only.size(); i++) {
      ties(agreement)
          .compare(
              "%s: %s for %s".formatted(path, only.get(i), instead.get(i)),
              effect.applyAsDouble(only.get(i)),
              effect.applyAsDouble(instead.get(i)));
    }
    return !only.isEmpty();
  }

  private void compare(String path, JsonNode figure, Observation observed, Agreement agreement) {
    JsonNode theirs = figure.get("stored");
    if (observed instanceof Names ours) {
      ToDoubleFunction<String> effect = ordering(path);
      if (effect == null) {
        sameNames(path, ours.names(), texts(theirs), agreement);
      } else {
        inOrder(path, ours.names(), texts(theirs), effect, agreement);
      }
    } else if (observed instanceof Series ours) {
      assertThat(ours.values()).as(path).hasSameSizeAs(texts(theirs));
      for (int i = 0; i < ours.values().size(); i++) {
        stored(path, ours.values().get(i), theirs.get(i).doubleValue(), agreement);
      }
    } else if (observed instanceof Quantity ours) {
      stored(path, ours.value(), theirs.doubleValue(), agreement);
      if (path.matches(MEASURED)) {
        int change = path.endsWith("delta") ? 1 : 0;
        agreement
            .relative("perplexities and ratios before they are rounded", UNROUNDED)
            .compare(
                path,
                change + ours.unrounded().orElseThrow(),
                change + figure.get("unrounded").doubleValue());
      }
    }
  }

  private void stored(String path, double ours, double theirs, Agreement agreement) {
    double allowed = allowed(path, theirs);
    agreement
        .absolute(
            allowed == 0 ? "counts, shares and thresholds" : "figures as stored",
            allowed * (1 + BINARY) + SAME)
        .compare(path, ours, theirs);
  }

  /** By how much float error can move a figure: none for what is counted. */
  private double allowed(String path, double value) {
    for (Map.Entry<Pattern, Bound> each : bounds.entrySet()) {
      Matcher matcher = each.getKey().matcher(path);
      if (matcher.matches()) {
        return each.getValue().of(matcher, value);
      }
    }
    return 0;
  }

  private interface Bound {
    double of(Matcher path, double value);
  }

  private Map<Pattern, Bound> bounds() {
    Map<Pattern, Bound> bounds = new LinkedHashMap<>();
    String method = "(zero|mean|relu|l1|identity)";
    bounds.put(Pattern.compile(".*/(perplexity|ratio)"), (path, value) -> FOURTH);
    bounds.put(
        Pattern.compile(
            "(heads|layers)/.*/((mean|median)-)?delta|validation/.*/full-delta|harmful/joint/delta"),
        (path, value) -> SIXTH);
    bounds.put(
        Pattern.compile("harmful/sum-of-deltas"),
        (path, value) -> SIXTH * recorded("2k", "harmful/count"));
    bounds.put(
        Pattern.compile("heads/" + HEAD + "/zero-over-mean"),
        (path, value) -> quotient(value, effect("2k", "mean", path.group(1))));
    bounds.put(
        Pattern.compile("heads/" + HEAD + "/(mean-over-zero|constant-share)"),
        (path, value) -> quotient(1 + Math.abs(value), effect("2k", "zero", path.group(1))));
    bounds.put(
        Pattern.compile("heads/mean-delta/mean-over-zero"),
        (path, value) -> quotient(value, recorded("2k", "heads/zero/mean-delta")));
    bounds.put(
        Pattern.compile("layers/(\\d+)/mean-over-zero"),
        (path, value) ->
            quotient(value, recorded("2k", "layers/zero/" + path.group(1) + "/mean-delta")));
    bounds.put(
        Pattern.compile("layers/" + method + "/\\d+/share"),
        (path, value) -> quotient(value, recorded("2k", "heads/" + path.group(1) + "/mean-delta")));
    // curve_fit's default tolerances end its search 1e-4 short of the least squares.
    bounds.put(Pattern.compile("power-law/.*/exponent"), (path, value) -> 2e-4);
    bounds.put(
        Pattern.compile("validation/baseline/.*"),
        (path, value) -> FOURTH * (2 + Math.abs(value)) / recorded("full", "baseline/perplexity"));
    bounds.put(
        Pattern.compile("validation/(zero|mean)/" + HEAD + "/change"),
        (path, value) -> quotient(1 + Math.abs(value), effect("2k", path.group(1), path.group(2))));
    bounds.put(
        Pattern.compile("validation/" + HEAD + "/zero-over-mean"),
        (path, value) -> quotient(value, effect("full", "mean", path.group(1))));
    bounds.put(
        Pattern.compile("validation/" + HEAD + "/zero-over-mean/change"),
        (path, value) -> {
          double twoK = recorded("2k", "heads/" + path.group(1) + "/zero-over-mean");
          double full = recorded("full", "validation/" + path.group(1) + "/zero-over-mean");
          return (quotient(full, effect("full", "mean", path.group(1)))
                  + (1 + Math.abs(value)) * quotient(twoK, effect("2k", "mean", path.group(1))))
              / Math.abs(twoK);
        });
    bounds.put(
        Pattern.compile("validation/" + HEAD + "/constant-share"),
        (path, value) -> quotient(1 + Math.abs(value), effect("full", "zero", path.group(1))));
    bounds.put(
        Pattern.compile("validation/rank-1-over-rank-2"),
        (path, value) -> quotient(value, effect("full", "zero", "rank-1-by-zero") / value));
    return bounds;
  }

  /** What a last digit of both effects moves their quotient by. */
  private static double quotient(double value, double denominator) {
    return SIXTH * (1 + Math.abs(value)) / Math.abs(denominator);
  }

  private double recorded(String tier, String path) {
    return oracle.at("/" + tier).required(path).get("stored").doubleValue();
  }

  private double effect(String tier, String method, String head) {
    String named =
        head.equals("rank-1-by-zero")
            ? oracle.text("/2k/heads~1zero~1largest~1144~1heads/stored/0")
            : head;
    return tier.equals("2k")
        ? recorded(tier, "heads/" + method + "/" + named + "/delta")
        : recorded(tier, "validation/" + method + "/" + named + "/full-delta");
  }

  private ToDoubleFunction<String> effect(String method, boolean magnitude) {
    return head -> {
      double effect = effect("2k", method, head);
      return magnitude ? Math.abs(effect) : effect;
    };
  }

  /** What the heads of a path are in the order of; null where names are others. */
  private ToDoubleFunction<String> ordering(String path) {
    Matcher ranked = Pattern.compile("heads/(.+)/(largest|smallest)/\\d+/heads").matcher(path);
    if (ranked.matches()) {
      return effect(ranked.group(1), false);
    }
    Matcher own = Pattern.compile("cumulative/(.+)-by-own-effect/order").matcher(path);
    if (own.matches()) {
      return effect(own.group(1), true);
    }
    return switch (path) {
      case "harmful/heads" -> effect("zero", false);
      case "cumulative/zero-all/order", "cumulative/zero-l0-protected/order" ->
          effect("zero", true);
      case "cumulative/mean-l0-protected/order", "cumulative/harmful-first/order" ->
          effect("mean", true);
      case "cumulative/relu/order" -> effect("l1", true);
      case "cumulative/mixed/order" ->
          head -> Math.abs(effect("2k", best().get(head).textValue(), head));
      default -> null;
    };
  }

  private JsonNode best() {
    return oracle.at("/2k/best-linearization/stored");
  }

  private void bestLinearizations(JsonNode theirs, Tier extent, Agreement agreement) {
    assertThat(theirs).hasSize(132);
    theirs
        .properties()
        .forEach(
            each -> {
              String head = each.getKey();
              String best = each.getValue().textValue();
              String ours = names("heads/" + head + "/best-linearization", extent).get(0);
              ties(agreement)
                  .compare(
                      "%s: %s for %s".formatted(head, ours, best),
                      effect("2k", ours, head),
                      effect("2k", best, head));
            });
  }

  private static void inOrder(
      String path,
      List<String> ours,
      List<String> theirs,
      ToDoubleFunction<String> effect,
      Agreement agreement) {
    assertThat(ours).as(path).containsExactlyInAnyOrderElementsOf(theirs);
    for (int place = 0; place < ours.size(); place++) {
      ties(agreement)
          .compare(
              "%s: %s for %s".formatted(path, ours.get(place), theirs.get(place)),
              effect.applyAsDouble(ours.get(place)),
              effect.applyAsDouble(theirs.get(place)));
    }
  }

  private static Agreement.Group ties(Agreement agreement) {
    return agreement.absolute("effects in the same place, by the oracle", TIE);
  }

  private static void sameNames(
      String path, List<String> ours, List<String> theirs, Agreement agreement) {
    assertThat(ours).as(path).isEqualTo(theirs);
    agreement.exact("names").compare(path, ours.size(), theirs.size());
  }

  private static List<String> texts(JsonNode node) {
    return node.valueStream().map(JsonNode::asText).toList();
  }

  private List<String> names(String path, Tier extent) {
    return ((Names) observe(path, extent)).names();
  }

  private Observation observe(String path, Tier extent) {
    String asked =
        FORMULAS.entrySet().stream()
            .filter(each -> path.matches(each.getKey()))
            .map(each -> path.replaceFirst(each.getKey(), each.getValue()))
            .findFirst()
            .orElse(path);
    return Formula.parse(asked).of(experiments.observables("nano144", extent)).orElseThrow().get();
  }
}
