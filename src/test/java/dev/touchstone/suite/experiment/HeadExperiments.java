package dev.touchstone.suite.experiment;

import dev.touchstone.intervention.Intervention;
import dev.touchstone.suite.experiment.exp10b.CumulativeHeads;
import dev.touchstone.suite.experiment.exp10b.Effects;
import dev.touchstone.suite.experiment.exp10b.ReluConditions;
import dev.touchstone.suite.experiment.exp10b.SingleHeads;
import dev.touchstone.suite.experiment.exp10d.ContextLength;
import dev.touchstone.suite.experiment.exp10d.Validation;
import dev.touchstone.suite.observation.Experiment;
import dev.touchstone.suite.observation.Protocol;
import dev.touchstone.suite.observation.Tier;
import dev.touchstone.suite.subject.Bench;
import java.util.List;

/** exp10's experiments on the heads of one subject, under one protocol. */
final class HeadExperiments {
  private final Effects twoK;
  private final Effects full;
  private final CumulativeHeads twoKCurves;
  private final CumulativeHeads fullCurves;
  private final ContextLength contextLength;

  HeadExperiments(Bench bench, Protocol protocol) {
    twoK = Effects.over(bench, protocol, Tier.TWO_K);
    full = Effects.over(bench, protocol, Tier.FULL);
    twoKCurves = new CumulativeHeads(twoK, twoK);
    fullCurves = new CumulativeHeads(full, twoK);
    contextLength = new ContextLength(bench, new ReluConditions(twoK));
  }

  Effects effects(Tier extent) {
    return extent == Tier.TWO_K ? twoK : full;
  }

  /** Those over a text of some extent. */
  List<Experiment> over(Tier extent) {
    Effects effects = effects(extent);
    return List.of(
        observables ->
            observables.add(
                "baseline/perplexity", a -> effects.perplexityObserved(Intervention.BASELINE)),
        new SingleHeads(effects),
        extent == Tier.TWO_K ? twoKCurves : fullCurves,
        new Validation(twoK, full, twoKCurves, fullCurves),
        contextLength);
  }
}
