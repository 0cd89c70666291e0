package dev.touchstone.suite.experiment.exp10d;

import dev.touchstone.model.Decoding;
import dev.touchstone.model.Generator;
import dev.touchstone.runtime.Lazy;
import dev.touchstone.statistics.Interval;
import dev.touchstone.statistics.Repeats;
import dev.touchstone.suite.experiment.exp10b.ReluConditions;
import dev.touchstone.suite.observation.Experiment;
import dev.touchstone.suite.observation.Observables;
import dev.touchstone.suite.observation.Observation;
import dev.touchstone.suite.observation.Observation.Quantity;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.IntStream;

/**
 * exp10d, P1: how fast text is generated. As the report measured it, every token costs a pass over
 * all tokens so far; "cached" keeps keys and values. Medians of runs; what is compared is compared
 * run by run, since the conditions take turns and meet the same load.
 */
public final class GenerationSpeed implements Experiment {
  static final int PROMPT = 64;
  static final int TOKENS = 128;
  static final int RUNS = 10;
  private static final int WARM_UP = 8;
  private static final double MILLISECONDS = 1e3;

  private final Lazy<Timings> anew;
  private final Lazy<Timings> cached;

  public GenerationSpeed(GenerationSetup part) {
    anew = new Lazy<>(() -> measure(part, false));
    cached = new Lazy<>(() -> measure(part, true));
  }

  private static Timings measure(GenerationSetup part, boolean cached) {
    Map<String, Generator> conditions = new LinkedHashMap<>();
    ReluConditions.ALL.forEach(name -> conditions.put(name, part.generator(name, cached)));
    return Timings.of(
        conditions,
        GenerationSetup.tokens(part.prompts(1, PROMPT)),
        part.scaled(TOKENS),
        RUNS,
        seconds -> {});
  }

  /** Seconds per token by condition, run by run. */
  record Timings(Map<String, List<Double>> seconds) {
    /**
     * Generates greedily in turns, after a short round that does not count.
     *
     * @param afterRun told what is known after each run
     */
    static Timings of(
        Map<String, Generator> conditions,
        List<int[]> prompt,
        int tokens,
        int runs,
        Consumer<Timings> afterRun) {
      Map<String, List<Double>> seconds = new LinkedHashMap<>();
      conditions.keySet().forEach(condition -> seconds.put(condition, new ArrayList<>()));
      Timings timings = new Timings(seconds);
      List<String> turns = new ArrayList<>(conditions.keySet());
      turns.forEach(condition -> time(conditions.get(condition), prompt, WARM_UP));
      for (int run = 0; run < runs; run++) {
        turns.forEach(
            condition ->
                seconds.get(condition).add(time(conditions.get(condition), prompt, tokens)));
        Collections.rotate(turns, 1);
        afterRun.accept(timings);
      }
      return timings;
    }

    private static double time(Generator generator, List<int[]> prompt, int tokens) {
      long start = System.nanoTime();
      generator.continuations(prompt, 1, tokens, Decoding.GREEDY);
      return (System.nanoTime() - start) / (1e9 * tokens);
    }

    Repeats secondsPerToken(String condition) {
      return new Repeats(seconds.get(condition));
    }

    /** How much faster than the baseline, run by run. */
    Repeats changes(String condition) {
      return overBaseline(List.of(condition));
    }

    /** How much slower the linearized conditions are on average, run by run. */
    Repeats slowdowns() {
      return new Repeats(
          overBaseline(ReluConditions.LINEARIZED).values().stream()
              .map(change -> -change)
              .toList());
    }

    private Repeats overBaseline(List<String> conditions) {
      List<Double> baseline = seconds.get(ReluConditions.BASELINE);
      return new Repeats(
          IntStream.range(0, baseline.size())
              .mapToObj(
                  run ->
                      conditions.stream()
                          .mapToDouble(
                              condition -> baseline.get(run) / seconds.get(condition).get(run) - 1)
                          .average()
                          .orElseThrow())
              .toList());
    }
  }

  @Override
  public void register(Observables observables) {
    register(observables, "generation/", anew);
    register(observables, "generation/cached/", cached);
    observables
        .add(
            "generation/" + ReluConditions.ANY + "/ms-per-token",
            a -> {
              Quantity seconds = median(anew.get().secondsPerToken(a.text("condition")));
              return Observation.quantity(
                  MILLISECONDS * seconds.value(),
                  seconds.interval().orElseThrow().times(Interval.point(MILLISECONDS)));
            })
        .add("generation/slowdown", a -> median(anew.get().slowdowns()));
  }

  private static void register(Observables observables, String prefix, Lazy<Timings> timings) {
    String condition = prefix + ReluConditions.ANY;
    observables
        .add(
            condition + "/tokens-per-second",
            a -> {
              Quantity seconds = median(timings.get().secondsPerToken(a.text("condition")));
              Interval one = Interval.point(1);
              return Observation.quantity(
                  1 / seconds.value(), one.dividedBy(seconds.interval().orElseThrow()));
            })
        .add(condition + "/change", a -> median(timings.get().changes(a.text("condition"))));
  }

  private static Quantity median(Repeats repeats) {
    return Observation.quantity(repeats.median(), repeats.medianInterval());
  }
}
