package dev.touchstone.suite.experiment.exp10d;

import dev.touchstone.intervention.Intervention;
import dev.touchstone.suite.experiment.exp10b.Effects;
import dev.touchstone.suite.experiment.exp10b.ReluConditions;
import dev.touchstone.suite.observation.Experiment;
import dev.touchstone.suite.observation.Observables;
import dev.touchstone.suite.observation.Observables.Arguments;
import dev.touchstone.suite.subject.Bench;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** exp10d, P4: linearization against the length of the chunks. */
public final class ContextLength implements Experiment {
  private static final int TOKENS = 50_000;
  private static final String CONDITION = "{condition:baseline|relu-30|relu-70}";

  /** Tokens; on a model of another context the same part of it, {@code 512-of-1024}. */
  private static final String LENGTH = "\\d+(?:-of-\\d+)?";

  private final Bench bench;
  private final ReluConditions conditions;
  private final Map<Integer, Effects> byLength = new ConcurrentHashMap<>();

  /**
   * @param conditions the linearizations that are measured
   */
  public ContextLength(Bench bench, ReluConditions conditions) {
    this.bench = bench;
    this.conditions = conditions;
  }

  @Override
  public void register(Observables observables) {
    observables
        .add(
            "context/{length:" + LENGTH + "}/" + CONDITION + "/perplexity",
            a -> at(length(a)).perplexityObserved(condition(a)))
        .add(
            "context/{length:" + LENGTH + "}/" + CONDITION + "/ratio",
            a -> at(length(a)).ratioObserved(condition(a)))
        .add("context/lengths", a -> Effects.counts(lengths()));
  }

  private int length(Arguments arguments) {
    String[] parts = arguments.text("length").split("-of-");
    int length = Integer.parseInt(parts[0]);
    return parts.length == 1
        ? length
        : length * bench.config().context() / Integer.parseInt(parts[1]);
  }

  Effects at(int length) {
    return byLength.computeIfAbsent(
        length,
        n ->
            new Effects(bench, conditions.ranking().protocol(), () -> bench.validation(TOKENS, n)));
  }

  /** The context and its halves down to an eighth: 128, 256, 512 and 1024 on GPT-2. */
  private List<Integer> lengths() {
    int context = bench.config().context();
    return List.of(context / 8, context / 4, context / 2, context);
  }

  private Intervention condition(Arguments arguments) {
    return condition(arguments.text("condition"));
  }

  Intervention condition(String name) {
    return conditions.named(name.replace("relu", "ReLU"));
  }
}
