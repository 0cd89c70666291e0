package dev.touchstone.suite.experiment.exp10b;

import dev.touchstone.intervention.Intervention;
import dev.touchstone.intervention.Linearization;
import dev.touchstone.intervention.MeanAblation;
import dev.touchstone.intervention.ZeroAblation;
import dev.touchstone.model.Head;
import java.util.Collection;
import java.util.List;
import java.util.Locale;

/** What exp10 does to heads. */
public enum HeadChange {
  ZERO,
  MEAN,
  RELU,
  L1,
  IDENTITY;

  /** The linearizations, which Phase 2 applies to layers above 0 only. */
  static final List<HeadChange> LINEAR = List.of(RELU, L1, IDENTITY);

  public static HeadChange named(String word) {
    return valueOf(word.toUpperCase(Locale.ROOT));
  }

  String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  /**
   * What a perplexity under this says of a single head. 10A, which zeroes, divides by the baseline
   * it has just measured, what came after it by the baseline as kept.
   */
  public double delta(Rounding kept, double perplexity, double baseline) {
    return this == ZERO
        ? kept.deltaFromMeasured(perplexity, baseline)
        : kept.delta(perplexity, baseline);
  }

  /** This done to some heads; to none it is the baseline. */
  public Intervention on(Collection<Head> heads) {
    if (heads.isEmpty()) {
      return Intervention.BASELINE;
    }
    return switch (this) {
      case ZERO -> ZeroAblation.of(heads);
      case MEAN -> MeanAblation.of(heads);
      case RELU -> Linearization.of(Linearization.Kind.RELU, heads);
      case L1 -> Linearization.of(Linearization.Kind.L1, heads);
      case IDENTITY -> Linearization.of(Linearization.Kind.IDENTITY, heads);
    };
  }
}
