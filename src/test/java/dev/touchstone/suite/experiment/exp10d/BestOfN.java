package dev.touchstone.suite.experiment.exp10d;

import dev.touchstone.corpus.Chunks;
import dev.touchstone.laboratory.Candidates;
import dev.touchstone.runtime.Lazy;
import dev.touchstone.statistics.LossSum;
import dev.touchstone.statistics.Repeats;
import dev.touchstone.suite.experiment.exp10b.ReluConditions;
import dev.touchstone.suite.observation.Experiment;
import dev.touchstone.suite.observation.Observables;
import dev.touchstone.suite.observation.Observables.Arguments;
import dev.touchstone.suite.observation.Observation;
import dev.touchstone.suite.observation.Observation.Quantity;
import dev.touchstone.suite.subject.Bench;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * exp10d, P3: of N sampled continuations the one that the unmodified model finds likeliest. The
 * report drew once; here every seed is such a draw, and the interval of a figure is where one draw
 * more would fall with 95%.
 */
public final class BestOfN implements Experiment {
  private static final int PROMPTS = 20;
  private static final int PROMPT = 128;
  private static final int TOKENS = 64;
  private static final int CANDIDATES = 5;
  private static final double TEMPERATURE = 0.8;
  private static final String BEST_OF = "best-of/{n:[1-5]}/";
  private static final String OVER_BASELINE = "/over-baseline/{m:[1-5]}";

  private final Map<String, Lazy<List<List<LossSum>>>> candidates = new LinkedHashMap<>();

  public BestOfN(GenerationSetup part) {
    for (String condition : ReluConditions.ALL) {
      candidates.put(condition, new Lazy<>(() -> draw(part, condition)));
    }
  }

  private static List<List<LossSum>> draw(GenerationSetup part, String condition) {
    Bench bench = part.bench();
    Chunks prompts = part.prompts(PROMPTS, PROMPT);
    return bench
        .laboratory()
        .candidates(
            bench.subject(),
            prompts,
            part.conditions().named(condition),
            new Candidates(CANDIDATES, part.scaled(TOKENS), TEMPERATURE),
            bench.seeds());
  }

  @Override
  public void register(Observables observables) {
    String best = BEST_OF + ReluConditions.ANY;
    observables
        .add(best + "/perplexity", a -> drawn(perplexities(a.text("condition"), a.integer("n"))))
        .add(best + OVER_BASELINE, a -> drawn(overBaseline(a)))
        .add(
            best + OVER_BASELINE + "/probability-below-1",
            a -> Observation.quantity(overBaseline(a).below(1)));
  }

  /**
   * Seed by seed, the mean over prompts of the smallest perplexity among the first n candidates.
   */
  private Repeats perplexities(String condition, int n) {
    return new Repeats(
        candidates.get(condition).get().stream().map(losses -> bestOf(n, losses)).toList());
  }

  private static double bestOf(int n, List<LossSum> losses) {
    return IntStream.range(0, losses.size() / CANDIDATES)
        .map(prompt -> prompt * CANDIDATES)
        .mapToDouble(
            first ->
                losses.subList(first, first + n).stream()
                    .mapToDouble(LossSum::perplexity)
                    .min()
                    .orElseThrow())
        .average()
        .orElseThrow();
  }

  /** Seed by seed, the best of n over the baseline's best of m. */
  private Repeats overBaseline(Arguments arguments) {
    List<Double> best = perplexities(arguments.text("condition"), arguments.integer("n")).values();
    List<Double> baseline = perplexities(ReluConditions.BASELINE, arguments.integer("m")).values();
    return new Repeats(
        IntStream.range(0, best.size())
            .mapToObj(seed -> best.get(seed) / baseline.get(seed))
            .toList());
  }

  private static Quantity drawn(Repeats draws) {
    return Observation.quantity(draws.mean(), draws.nextDraw());
  }
}
