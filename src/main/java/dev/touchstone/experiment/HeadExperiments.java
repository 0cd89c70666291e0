package dev.touchstone.experiment;

import dev.touchstone.intervention.Intervention;

/** exp10's experiments on the heads of one subject, under one protocol. */
final class HeadExperiments {
  private final Effects twoK;
  private final Effects full;
  private final CumulativeHeads twoKCurves;
  private final CumulativeHeads fullCurves;
  private final ContextLength contextLength;

  HeadExperiments(Bench bench, Protocol protocol) {
    twoK = Effects.over(bench, protocol, Extent.TWO_K);
    full = Effects.over(bench, protocol, Extent.FULL);
    twoKCurves = new CumulativeHeads(twoK, twoK);
    fullCurves = new CumulativeHeads(full, twoK);
    contextLength = new ContextLength(bench, new ReluConditions(twoK));
  }

  Effects effects(Extent extent) {
    return extent == Extent.TWO_K ? twoK : full;
  }

  /** Adds what can be observed over a text of some extent. */
  void register(Observables observables, Extent extent) {
    Effects effects = effects(extent);
    observables.add("baseline/perplexity", a -> effects.perplexityObserved(Intervention.BASELINE));
    new SingleHeads(effects).register(observables);
    (extent == Extent.TWO_K ? twoKCurves : fullCurves).register(observables);
    new Validation(twoK, full, twoKCurves, fullCurves).register(observables);
    contextLength.register(observables);
  }
}
