package dev.touchstone.suite.reproduction;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import com.fasterxml.jackson.databind.JsonNode;
import dev.touchstone.corpus.Chunking;
import dev.touchstone.corpus.Corpus;
import dev.touchstone.intervention.Donors;
import dev.touchstone.intervention.HeadSet;
import dev.touchstone.intervention.Intervention;
import dev.touchstone.intervention.Material;
import dev.touchstone.intervention.Materials;
import dev.touchstone.measurement.OptimalConstants;
import dev.touchstone.measurement.Reference;
import dev.touchstone.model.Head;
import dev.touchstone.model.TokenIds;
import dev.touchstone.model.Transformer;
import dev.touchstone.tensor.Scope;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * A model's losses with heads resampled, at means of other text, at optimal constants and with
 * frozen patterns, against TransformerLens; the constants against PyTorch's L-BFGS.
 */
record AblationsAgreement(
    Recorded oracle, Transformer model, List<int[]> scored, List<int[]> reference) {
  private static final double LOSS = 1e-5;

  /** On the sequences of a text that the oracle took. */
  static AblationsAgreement on(Recorded oracle, Transformer model, Corpus text) {
    int count = (int) oracle.number("/scored");
    List<int[]> sequences =
        text.chunks(Chunking.every((int) oracle.number("/length"))).all().stream()
            .map(chunk -> chunk.tokens())
            .toList();
    return new AblationsAgreement(
        oracle,
        model,
        sequences.subList(0, count),
        sequences.subList(count, count + (int) oracle.number("/reference")));
  }

  void isOfTheSameWeightsAndDonors(String sha256) {
    assertThat(oracle.text("/model/sha256")).isEqualTo(sha256);
    Donors donors = Donors.drawn(scored, 7);
    int[] theirs = oracle.at("/donors").valueStream().mapToInt(JsonNode::intValue).toArray();
    for (int i = 0; i < theirs.length; i++) {
      assertThat(donors.of(scored.get(i))).isEqualTo(scored.get(theirs[i]));
    }
  }

  void givesTheLossUnderEveryIntervention(Agreement agreement) {
    Reference other = new Reference(model, reference);
    Map<String, Material> materials =
        Map.of(
            "resample[7]", Donors.drawn(scored, 7),
            "mean[reference]", other.means(),
            "tokenmean[reference]", other.tokenMeans(),
            "pattern[reference]", other.patterns());
    assertThat(oracle.at("/losses")).hasSizeGreaterThan(40);
    oracle
        .numbers("/losses")
        .forEach(
            (line, theirs) -> {
              Intervention intervention = Intervention.parse(line);
              String way = line.split("\\(")[0];
              Materials given =
                  intervention.materials().stream()
                      .map(name -> Materials.NONE.with(name, materials.get(way)))
                      .findFirst()
                      .orElse(Materials.NONE);
              agreement.relative(way, LOSS).compare(line, loss(intervention, given), theirs);
            });
  }

  private double loss(Intervention intervention, Materials materials) {
    try (NDManager manager = model.manager().newSubManager()) {
      Materials own = intervention.over(scored, materials, model, manager);
      return Scope.measure(
          () -> {
            NDArray ids = TokenIds.of(manager, scored);
            NDArray logits = model.logits(ids, intervention.hooks(own));
            long last = ids.getShape().get(1) - 1;
            float[] losses =
                logits
                    .get(":, 0:" + last)
                    .logSoftmax(2)
                    .gather(ids.get(":, 1:").reshape(-1, last, 1), 2)
                    .toFloatArray();
            double sum = 0;
            for (float loss : losses) {
              sum -= loss;
            }
            return sum / losses.length;
          });
    }
  }

  /**
   * Of what the constants gain over the means no more than a share is left, and no more is gained.
   *
   * @param left of a descent by so many steps
   */
  void findsConstantsAsGoodAsOthersFind(
      Agreement agreement, int steps, double stepSize, double left) {
    List<HeadSet> sets =
        oracle.numbers("/constants").keySet().stream()
            .map(heads -> HeadSet.of(Arrays.stream(heads.split(",")).map(Head::parse).toList()))
            .toList();
    List<OptimalConstants> fits =
        OptimalConstants.fit(
            model, scored, sets, new Reference(model, scored).means(), steps, stepSize);
    for (OptimalConstants fit : fits) {
      String at = "/constants/" + fit.heads();
      double gain = oracle.number(at + "/mean") - oracle.number(at + "/optimal");
      agreement
          .relative("loss at the means", LOSS)
          .compare(fit.heads().toString(), fit.start(), oracle.number(at + "/mean"));
      agreement
          .absolute("share of the gain", left)
          .compare(fit.heads().toString(), (fit.start() - fit.loss()) / gain, 1);
    }
  }
}
