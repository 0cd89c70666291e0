package dev.touchstone.suite.reproduction;

import dev.touchstone.suite.experiment.Experiments;
import dev.touchstone.suite.subject.Bench;
import io.qameta.allure.Epic;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Other ways to ablate heads of nano144. */
@Tag("nano144")
@Epic("Agreement with TransformerLens")
@AgreesWith("nano144/ablations.json")
class Nano144AblationsAgreementIT {
  private final Bench bench;
  private final AblationsAgreement ablations;

  Nano144AblationsAgreementIT(Recorded oracle, Experiments experiments) {
    bench = experiments.bench("nano144");
    ablations = AblationsAgreement.on(oracle, bench.subject().model(), bench.validation());
  }

  @Test
  void isOfTheSameWeightsAndDonors() {
    ablations.isOfTheSameWeightsAndDonors(bench.sha256());
  }

  @Test
  void givesTheLossUnderEveryIntervention(Agreement agreement) {
    ablations.givesTheLossUnderEveryIntervention(agreement);
  }

  @Test
  void findsConstantsAsGoodAsOthersFind(Agreement agreement) {
    ablations.findsConstantsAsGoodAsOthersFind(agreement, 40, 1, 0.05);
  }
}
