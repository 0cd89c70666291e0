package dev.touchstone.suite.experiment.exp10d;

import dev.touchstone.intervention.Intervention;
import dev.touchstone.suite.experiment.exp10b.Effects;
import dev.touchstone.suite.experiment.exp10b.Kept;
import dev.touchstone.suite.experiment.exp10b.ReluConditions;
import dev.touchstone.suite.observation.Observables;
import dev.touchstone.suite.observation.Observables.Arguments;
import dev.touchstone.suite.observation.Observation;
import dev.touchstone.suite.observation.Observation.Series;
import dev.touchstone.suite.subject.Bench;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** exp10d, P4: linearization against the length of the chunks. */
public final class ContextLength {
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

  public void register(Observables observables) {
    observables
        .add(
            "context/{length:" + LENGTH + "}/" + CONDITION + "/perplexity",
            a -> at(length(a, "length")).perplexityObserved(condition(a)))
        .add(
            "context/{length:" + LENGTH + "}/" + CONDITION + "/ratio",
            a -> at(length(a, "length")).ratioObserved(condition(a)))
        .add(
            "context/" + CONDITION + "/{length:" + LENGTH + "}/over/{other:" + LENGTH + "}",
            this::overOther)
        .add("context/lengths", a -> Effects.counts(lengths()))
        .add("context/" + CONDITION + "/ratios", a -> new Series(ratios(a)))
        .add("context/" + CONDITION + "/ratios/over-first", a -> new Series(overFirst(ratios(a))))
        .add(
            "context/" + CONDITION + "/ratios/first/{n:\\d}",
            a -> new Series(ratios(a).subList(0, a.integer("n"))));
  }

  private int length(Arguments arguments, String variable) {
    String[] parts = arguments.text(variable).split("-of-");
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

  private Observation overOther(Arguments arguments) {
    List<Intervention> both = List.of(condition(arguments), Intervention.BASELINE);
    return Kept.estimated(
        List.of(
            at(length(arguments, "length")).sample(both),
            at(length(arguments, "other")).sample(both)),
        (kept, p) -> kept.ratio(p[0][0], p[0][1]) / kept.ratio(p[1][0], p[1][1]));
  }

  private List<Double> ratios(Arguments arguments) {
    Intervention condition = condition(arguments);
    return lengths().stream().map(n -> at(n).ratio(condition)).toList();
  }

  private static List<Double> overFirst(List<Double> ratios) {
    return ratios.stream().map(ratio -> ratio / ratios.get(0)).toList();
  }
}
