package dev.touchstone.suite.subject;

import dev.touchstone.corpus.Chunks;
import dev.touchstone.intervention.Intervention;
import dev.touchstone.intervention.Materials;
import dev.touchstone.runtime.Lazy;
import dev.touchstone.statistics.LossSum;
import dev.touchstone.suite.observation.Observation;
import dev.touchstone.suite.observation.Sample;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

/**
 * What changing a subject costs in perplexity on exp06's and exp07's text. Every intervention is
 * measured once, and so is the baseline they are held against.
 */
public final class TestPerplexity {
  private static final int BEGINNING = 2048;

  private final Bench bench;
  private final Lazy<Chunks> chunks;
  private final Map<Intervention, Lazy<List<LossSum>>> losses = new ConcurrentHashMap<>();

  private TestPerplexity(Bench bench, Supplier<Chunks> chunks) {
    this.bench = bench;
    this.chunks = new Lazy<>(chunks);
  }

  /** The whole text that the reports took. */
  public static TestPerplexity whole(Bench bench) {
    return new TestPerplexity(bench, bench::test);
  }

  /** Its first 2048 tokens, for what must be measured many times. */
  public static TestPerplexity beginning(Bench bench) {
    return new TestPerplexity(
        bench,
        () -> {
          Chunks all = bench.test();
          return new Chunks(
              all.corpus(),
              all.length(),
              all.all().stream().limit(BEGINNING / all.length()).toList());
        });
  }

  /** The chunks' losses under an intervention, beside the baseline's. */
  public record Cost(Chunks text, List<LossSum> losses, List<LossSum> baseline) {
    public double perplexity() {
      return LossSum.total(losses).perplexity();
    }

    public double ratio() {
      return perplexity() / LossSum.total(baseline).perplexity();
    }

    public Observation perplexityObserved() {
      return Observation.quantity(
          perplexity(), new Sample(text, List.of(losses), perplexities -> perplexities[0]));
    }

    public Observation ratioObserved() {
      return Observation.quantity(
          ratio(),
          new Sample(
              text, List.of(losses, baseline), perplexities -> perplexities[0] / perplexities[1]));
    }
  }

  public Cost baseline() {
    return cost(Intervention.BASELINE, () -> Materials.NONE);
  }

  /**
   * What an intervention costs.
   *
   * @param materials what it names, worked out only when it is measured
   */
  public Cost cost(Intervention intervention, Supplier<Materials> materials) {
    return new Cost(
        chunks.get(),
        losses(intervention, materials),
        losses(Intervention.BASELINE, () -> Materials.NONE));
  }

  private List<LossSum> losses(Intervention intervention, Supplier<Materials> materials) {
    return losses
        .computeIfAbsent(
            intervention, each -> new Lazy<>(() -> measure(intervention, materials.get())))
        .get();
  }

  private List<LossSum> measure(Intervention intervention, Materials materials) {
    return bench
        .laboratory()
        .losses(bench.subject(), chunks.get(), List.of(intervention), materials)
        .get(intervention);
  }
}
