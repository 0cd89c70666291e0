package dev.touchstone.suite.experiment.exp10d;

import dev.touchstone.suite.observation.Experiment;
import dev.touchstone.suite.observation.Observables;
import dev.touchstone.suite.observation.Observation;

/**
 * exp10, 10L, and exp10d, P1 and P3: what the reports' formulas give for GPT-2 small's 144 heads of
 * width 64, whatever the subject.
 */
public final class AttentionArithmetic implements Experiment {
  private static final int PROMPT = 128;
  private static final int GENERATED = 64;

  private final AttentionFlops flops = new AttentionFlops(144, 64);

  @Override
  public void register(Observables observables) {
    int length = PROMPT + GENERATED / 2;
    observables
        .add(
            "flops/speed-up/{linearized:\\d+}/{length:\\d+}",
            a -> Observation.quantity(flops.speedUp(a.integer("linearized"), a.integer("length"))))
        .add(
            "flops/saved-share/{linearized:\\d+}",
            a -> Observation.quantity(1 - flops.perTokenRatio(a.integer("linearized"), length)))
        .add(
            "flops/extra-tokens/{linearized:\\d+}",
            a ->
                Observation.quantity(
                    flops.extraTokens(a.integer("linearized"), PROMPT, GENERATED)));
  }
}
