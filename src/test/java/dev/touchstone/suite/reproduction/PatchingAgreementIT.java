package dev.touchstone.suite.reproduction;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.touchstone.measurement.ActivationPatching;
import dev.touchstone.measurement.AttributionPatching;
import dev.touchstone.measurement.PathPatching;
import dev.touchstone.measurement.Place;
import dev.touchstone.measurement.PromptPair;
import dev.touchstone.measurement.PromptPair.Direction;
import dev.touchstone.measurement.PromptPair.Prediction;
import dev.touchstone.model.Head;
import dev.touchstone.model.Site;
import dev.touchstone.suite.experiment.Experiments;
import dev.touchstone.suite.subject.Bench;
import io.qameta.allure.Allure;
import io.qameta.allure.Epic;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import org.apache.commons.math3.stat.correlation.PearsonsCorrelation;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Patching of nano144 between prompts, against TransformerLens. */
@Tag("nano144")
@Epic("Agreement with TransformerLens")
@AgreesWith("nano144/patching.json")
class PatchingAgreementIT {
  private static final double CLOSE = 2e-4;

  private final Recorded oracle;
  private final Bench bench;

  PatchingAgreementIT(Recorded oracle, Experiments experiments) {
    this.oracle = oracle;
    bench = experiments.bench("nano144");
  }

  private PromptPair prompts(int pair) {
    return new PromptPair(
        bench.subject().model(),
        ids("/pairs/" + pair + "/ids/0"),
        ids("/pairs/" + pair + "/ids/1"),
        ids("/pairs/" + pair + "/answers")[0],
        ids("/pairs/" + pair + "/answers")[1]);
  }

  private int[] ids(String place) {
    return oracle.at(place).valueStream().mapToInt(JsonNode::intValue).toArray();
  }

  @Test
  void isOfTheSameWeights() {
    assertThat(oracle.text("/model/sha256")).isEqualTo(bench.sha256());
  }

  @ParameterizedTest(name = "pair {0}, {1}")
  @CsvSource({
    "0, DENOISING",
    "0, NOISING",
    "1, DENOISING",
    "1, NOISING",
    "2, DENOISING",
    "2, NOISING"
  })
  void givesWhatEveryHeadDoesAndWhatGradientsExpect(
      int pair, Direction direction, Agreement agreement) {
    String at = "/pairs/" + pair;
    try (PromptPair prompts = prompts(pair)) {
      compare(agreement, "clean", prompts.clean(), oracle.at(at + "/clean"));
      compare(agreement, "corrupted", prompts.corrupted(), oracle.at(at + "/corrupted"));
      String way = at + "/" + direction.name().toLowerCase(Locale.ROOT);
      ActivationPatching patching = new ActivationPatching(prompts, direction);
      double unpatched =
          (direction == Direction.NOISING ? prompts.clean() : prompts.corrupted())
              .logitDifference();
      List<Head> heads = Head.all(12, 12);
      List<Prediction> exact = heads.stream().map(head -> patching.of(Place.of(head))).toList();
      Map<Head, Double> expected = new AttributionPatching(prompts, direction).changes();

      assertThat(oracle.at(way + "/heads")).hasSize(144);
      for (int i = 0; i < 144; i++) {
        String head = heads.get(i).toString();
        compare(agreement, head, exact.get(i), oracle.at(way + "/heads/" + head));
        agreement
            .absolute("attribution", CLOSE)
            .compare(head, expected.get(heads.get(i)), oracle.number(way + "/attribution/" + head));
      }
      double correlation =
          new PearsonsCorrelation()
              .correlation(
                  exact.stream().mapToDouble(each -> each.logitDifference() - unpatched).toArray(),
                  heads.stream().mapToDouble(expected::get).toArray());
      Allure.addAttachment(
          "correlation of attribution with patching over 144 heads", String.valueOf(correlation));
      assertThat(correlation).isGreaterThan(0.999);
    }
  }

  @Test
  void givesWhatPlacesDo(Agreement agreement) {
    String way = "/pairs/0/denoising/";
    try (PromptPair prompts = prompts(0)) {
      ActivationPatching patching = new ActivationPatching(prompts, Direction.DENOISING);
      each(agreement, way + "residual at each position", positions(patching, Site.RESIDUAL_BEFORE));
      each(agreement, way + "mlp at each position", positions(patching, Site.MLP_OUTPUT));
      each(
          agreement,
          way + "patterns",
          text -> {
            String[] where = text.split("@");
            Place row = Place.of(Site.PATTERN, Head.parse(where[0]));
            return patching.of(row.at(Integer.parseInt(where[1])));
          });
      compare(
          agreement,
          "keys and values",
          patching.of(
              Place.of(Site.KEY, new Head(6, 4)).at(1), Place.of(Site.VALUE, new Head(2, 7)).at(1)),
          oracle.at(way + "keys of L6H4 and values of L2H7, both at 1"));
    }
  }

  @Test
  void givesWhatPathsDo(Agreement agreement) {
    String way = "/pairs/0/noising/";
    try (PromptPair prompts = prompts(0)) {
      PathPatching paths = new PathPatching(prompts, Direction.NOISING);
      List<Place> queries = List.of(Place.of(Site.QUERY, new Head(11, 3)));
      List<Place> both =
          List.of(Place.of(Site.KEY, new Head(9, 0)), Place.of(Site.VALUE, new Head(10, 7)));
      each(
          agreement,
          way + "paths to the logits",
          head -> paths.toLogits(Place.of(Head.parse(head))));
      each(agreement, way + "paths/L11H3 q", head -> paths.of(Place.of(Head.parse(head)), queries));
      each(
          agreement,
          way + "paths/L9H0 k, L10H7 v",
          head -> paths.of(Place.of(Head.parse(head)), both));
    }
  }

  private static Function<String, Prediction> positions(ActivationPatching patching, Site site) {
    return text -> {
      String[] where = text.substring(1).split("@");
      Place whole = Place.of(site, Integer.parseInt(where[0]));
      return patching.of(whole.at(Integer.parseInt(where[1])));
    };
  }

  private void each(Agreement agreement, String place, Function<String, Prediction> ours) {
    assertThat(oracle.at(place)).isNotEmpty();
    oracle
        .at(place)
        .properties()
        .forEach(
            entry ->
                compare(
                    agreement,
                    place.substring(place.lastIndexOf('/') + 1) + " " + entry.getKey(),
                    ours.apply(entry.getKey()),
                    entry.getValue()));
  }

  private static void compare(Agreement agreement, String which, Prediction ours, JsonNode theirs) {
    agreement
        .absolute("logit difference", CLOSE)
        .compare(which, ours.logitDifference(), theirs.get(0).doubleValue());
    agreement
        .absolute("KL divergence", CLOSE / 10)
        .compare(which, ours.divergence(), theirs.get(1).doubleValue());
  }
}
