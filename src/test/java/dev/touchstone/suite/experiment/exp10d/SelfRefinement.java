package dev.touchstone.suite.experiment.exp10d;

import dev.touchstone.corpus.Unavailable;
import dev.touchstone.measurement.CrossEntropy;
import dev.touchstone.model.Decoding;
import dev.touchstone.runtime.Lazy;
import dev.touchstone.statistics.Interval;
import dev.touchstone.statistics.LossSum;
import dev.touchstone.statistics.Repeats;
import dev.touchstone.suite.experiment.exp10b.ReluConditions;
import dev.touchstone.suite.observation.Experiment;
import dev.touchstone.suite.observation.Observables;
import dev.touchstone.suite.observation.Observables.Arguments;
import dev.touchstone.suite.observation.Observation;
import dev.touchstone.suite.observation.Observation.Quantity;
import java.util.Arrays;
import java.util.DoubleSummaryStatistics;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;

/**
 * exp10d, P2: text that goes on and on, scored by the unmodified model. An iteration appends greedy
 * tokens to everything so far, so the texts of three iterations are beginnings of one.
 */
public final class SelfRefinement implements Experiment {
  private static final int PROMPTS = 20;
  private static final int PROMPT = 128;
  private static final int TOKENS = 64;
  private static final int ITERATIONS = 3;

  /** Below this perplexity the report takes a text for a degenerate one. */
  private static final double SUSPICIOUS = 2;

  private static final int RUN = 4;
  private static final String ITERATION = "{iteration:[123]}";

  private final GenerationSetup part;
  private final Lazy<Map<String, List<Text>>> texts;

  public SelfRefinement(GenerationSetup part) {
    this.part = part;
    texts = new Lazy<>(this::generate);
  }

  /** What follows one prompt, and the loss of each of its tokens. */
  record Text(int[] tokens, double[] losses) {
    /** The text as it was after so many tokens. */
    Text first(int length) {
      return new Text(Arrays.copyOf(tokens, length), Arrays.copyOf(losses, length));
    }

    double perplexity() {
      return LossSum.of(losses).perplexity();
    }

    Repetition repetition() {
      return new Repetition(tokens);
    }
  }

  private Map<String, List<Text>> generate() {
    List<int[]> prompts = GenerationSetup.tokens(part.prompts(PROMPTS, PROMPT));
    Map<String, List<Text>> byCondition = new LinkedHashMap<>();
    for (String condition : ReluConditions.ALL) {
      List<int[]> tokens =
          part.generator(condition, true)
              .continuations(prompts, 1, ITERATIONS * part.scaled(TOKENS), Decoding.GREEDY)
              .tokens();
      List<double[]> losses =
          CrossEntropy.ofContinuations(part.bench().subject().model(), prompts, tokens);
      byCondition.put(
          condition,
          IntStream.range(0, tokens.size())
              .mapToObj(i -> new Text(tokens.get(i), losses.get(i)))
              .toList());
    }
    return byCondition;
  }

  /** The texts of a condition as they are after an iteration, prompt by prompt. */
  List<Text> texts(String condition, int iteration) {
    return texts.get().get(condition).stream()
        .map(text -> text.first(iteration * part.scaled(TOKENS)))
        .toList();
  }

  @Override
  public void register(Observables observables) {
    String text = "refinement/" + ReluConditions.ANY + "/" + ITERATION;
    observables
        .add(text + "/perplexity", a -> mean(perplexities(condition(a), iteration(a))))
        .add(text + "/gap", a -> mean(gaps(condition(a), iteration(a))))
        .add(
            text + "/repeated-{n:[1-9]}-grams",
            a -> overTexts(a, each -> each.repetition().repeated(a.integer("n"))))
        .add("refinement/spread/" + ITERATION, a -> Observation.quantity(spread(iteration(a))))
        .add("refinement/repeated-4-grams", a -> repetitionBelow(SUSPICIOUS));
  }

  private static String condition(Arguments arguments) {
    return arguments.text("condition");
  }

  private static int iteration(Arguments arguments) {
    return arguments.integer("iteration");
  }

  private List<Double> perplexities(String condition, int iteration) {
    return texts(condition, iteration).stream().map(Text::perplexity).toList();
  }

  private List<Double> gaps(String condition, int iteration) {
    List<Double> perplexities = perplexities(condition, iteration);
    List<Double> baseline = perplexities(ReluConditions.BASELINE, iteration);
    return IntStream.range(0, perplexities.size())
        .mapToObj(i -> perplexities.get(i) - baseline.get(i))
        .toList();
  }

  private Quantity overTexts(Arguments arguments, ToDoubleFunction<Text> measure) {
    return mean(
        texts(condition(arguments), iteration(arguments)).stream()
            .map(text -> measure.applyAsDouble(text))
            .toList());
  }

  /** How far apart the conditions' perplexities are. */
  private double spread(int iteration) {
    DoubleSummaryStatistics means =
        ReluConditions.ALL.stream()
            .mapToDouble(condition -> new Repeats(perplexities(condition, iteration)).mean())
            .summaryStatistics();
    return means.getMax() - means.getMin();
  }

  /** Over all texts, of any condition and iteration, that the model finds so easy. */
  private Quantity repetitionBelow(double perplexity) {
    List<Double> repeated =
        ReluConditions.ALL.stream()
            .flatMap(
                condition ->
                    IntStream.rangeClosed(1, ITERATIONS)
                        .mapToObj(iteration -> texts(condition, iteration))
                        .flatMap(List::stream))
            .filter(text -> text.perplexity() < perplexity)
            .map(text -> text.repetition().repeated(RUN))
            .toList();
    if (repeated.isEmpty()) {
      throw Unavailable.notSupported(
          "No text of perplexity below " + perplexity + " was generated.");
    }
    return share(repeated);
  }

  /** A mean of shares, which no interval takes below 0 or above 1. */
  private static Quantity share(List<Double> shares) {
    Quantity mean = mean(shares);
    return new Quantity(
        mean.value(),
        mean.interval().map(each -> each.max(Interval.point(0)).min(Interval.point(1))));
  }

  private static Quantity mean(List<Double> values) {
    Repeats repeats = new Repeats(values);
    return values.size() == 1
        ? Observation.quantity(repeats.mean())
        : Observation.quantity(repeats.mean(), repeats.meanInterval());
  }
}
