package dev.touchstone.experiment;

import dev.touchstone.corpus.Chunks;
import dev.touchstone.corpus.Once;
import dev.touchstone.intervention.Intervention;
import dev.touchstone.intervention.Materials;
import dev.touchstone.measurement.Bootstrap;
import dev.touchstone.measurement.LossSum;
import dev.touchstone.measurement.Observation;
import dev.touchstone.measurement.Observation.Quantity;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

/**
 * What changing a subject costs in perplexity on exp06's and exp07's text. Every intervention is
 * measured once, and so is the baseline they are held against.
 */
final class TestText {
  private static final int BEGINNING = 2048;

  private final Bench bench;
  private final Once<Chunks> chunks;
  private final Map<Intervention, Once<List<LossSum>>> losses = new ConcurrentHashMap<>();

  private TestText(Bench bench, Supplier<Chunks> chunks) {
    this.bench = bench;
    this.chunks = new Once<>(chunks);
  }

  /** The whole text that the reports took. */
  static TestText whole(Bench bench) {
    return new TestText(bench, bench::test);
  }

  /** Its first 2048 tokens, for what must be measured many times. */
  static TestText beginning(Bench bench) {
    return new TestText(
        bench,
        () -> {
          Chunks all = bench.test();
          return new Chunks(
              all.corpus(), all.length(), all.all().subList(0, BEGINNING / all.length()));
        });
  }

  /** The chunks' losses under an intervention, beside the baseline's. */
  record Cost(List<LossSum> losses, List<LossSum> baseline) {
    double perplexity() {
      return LossSum.total(losses).perplexity();
    }

    double ratio() {
      return perplexity() / LossSum.total(baseline).perplexity();
    }

    Observation perplexityObserved() {
      return new Quantity(perplexity(), Optional.of(Bootstrap.perplexity(losses)));
    }

    Observation ratioObserved() {
      return new Quantity(ratio(), Optional.of(Bootstrap.ratio(losses, baseline)));
    }

    /** How far the perplexity is from the baseline's. */
    Observation differenceObserved() {
      return Observation.quantity(Math.abs(perplexity() - LossSum.total(baseline).perplexity()));
    }
  }

  Cost baseline() {
    return cost(Intervention.BASELINE, () -> Materials.NONE);
  }

  /**
   * What an intervention costs.
   *
   * @param materials what it names, worked out only when it is measured
   */
  Cost cost(Intervention intervention, Supplier<Materials> materials) {
    return new Cost(
        losses(intervention, materials), losses(Intervention.BASELINE, () -> Materials.NONE));
  }

  private List<LossSum> losses(Intervention intervention, Supplier<Materials> materials) {
    return losses
        .computeIfAbsent(
            intervention, each -> new Once<>(() -> measure(intervention, materials.get())))
        .get();
  }

  private List<LossSum> measure(Intervention intervention, Materials materials) {
    return bench
        .laboratory()
        .losses(bench.subject(), chunks.get(), List.of(intervention), materials)
        .get(intervention);
  }
}
