package dev.touchstone.suite.experiment.exp10b;

import dev.touchstone.model.Head;
import dev.touchstone.suite.observation.Experiment;
import dev.touchstone.suite.observation.Observables;
import dev.touchstone.suite.observation.Observables.Arguments;
import dev.touchstone.suite.observation.Observation;
import dev.touchstone.suite.observation.Observation.Names;
import dev.touchstone.suite.observation.Observation.Series;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.DoublePredicate;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.commons.math3.stat.descriptive.moment.Mean;
import org.apache.commons.math3.stat.descriptive.rank.Median;

/**
 * Each head alone: 10A (zero), 10B (power law), 10D (means over layers), 10E (mean) and 10I
 * (linearizations, heads above layer 0).
 */
public final class SingleHeads implements Experiment {
  private static final int MATCHED_DRAWS = 1000;
  private static final String METHOD = "{method:zero|mean|relu|l1|identity}";

  private final Effects effects;

  public SingleHeads(Effects effects) {
    this.effects = effects;
  }

  @Override
  public void register(Observables observables) {
    observables
        .add(
            "heads/" + METHOD + "/" + Effects.HEAD + "/delta",
            a -> effects.deltaObserved(method(a), head(a)))
        .add("heads/" + METHOD + "/deltas", a -> new Series(List.copyOf(deltas(a))))
        .add("heads/" + METHOD + "/" + Effects.HEAD + "/rank", this::rank)
        .add("heads/" + METHOD + "/rank/{n:\\d+}/head", this::headAtRank)
        .add("heads/" + METHOD + "/largest/{n:\\d+}/heads", a -> names(byDelta(a), a.integer("n")))
        .add(
            "heads/" + METHOD + "/smallest/{n:\\d+}/heads",
            a -> names(effects.smallestFirst(method(a)), a.integer("n")))
        .add("heads/" + METHOD + "/measured/count", a -> Effects.count(deltas(a).size()))
        .add(
            "heads/" + METHOD + "/below/{percent:\\d+}/count",
            a -> Effects.count(count(deltas(a), delta -> Math.abs(delta) < bound(a))))
        .add(
            "heads/" + METHOD + "/improved/count", a -> Effects.count(count(deltas(a), d -> d < 0)))
        .add("heads/" + METHOD + "/mean-delta", a -> meanDelta(method(a), measured(a)))
        .add("heads/" + METHOD + "/median-delta", this::medianDelta)
        .add(
            "heads/" + METHOD + "/matched/{heads:L\\d+H\\d+(?:,L\\d+H\\d+)*}/share",
            a -> Observation.quantity(matched(method(a), a.text("heads"))))
        .add("heads/sign-flipped/count", a -> Effects.count(signFlipped()))
        .add("heads/relu-below-mean/count", a -> Effects.count(linearBelowMean(HeadChange.RELU)))
        .add("heads/linear-below-mean/share", a -> Observation.quantity(linearAlwaysBelowMean()))
        .add("heads/best-linear-below-mean/count", a -> Effects.count(bestBelowMean()))
        .add(
            "heads/" + METHOD + "/least-important/{n:\\d+}/lowest-layer",
            a ->
                Effects.count(
                    effects.leastImportantFirst(method(a), effects.heads()).stream()
                        .limit(a.integer("n"))
                        .mapToInt(Head::layer)
                        .min()
                        .orElseThrow()))
        .add("heads/best-linearization/{method:relu|l1|identity}/count", this::bestCount)
        .add(
            "heads/" + Effects.HEAD + "/best-linearization",
            a -> new Names(List.of(effects.bestLinearization(head(a)).word())))
        .add(
            "heads/linearizations-by-mean-delta",
            a -> byMeanDelta(HeadChange.LINEAR, effects.headsAboveLayer0()))
        .add(
            "heads/above-layer-0/by-mean-delta/{methods:(?:zero|mean|relu|l1|identity|,)+}",
            a -> byMeanDelta(methods(a), effects.headsAboveLayer0()))
        .add("layers/{method:zero|mean}/{layer:\\d+}/mean-delta", this::layerMean)
        .add("layers/lowest-mean-over-zero", a -> lowestLayer())
        .add("layers/{method:zero|mean}/largest-mean-delta", this::mostImportantLayer)
        .add("power-law/{method:zero|mean}/exponent", a -> Observation.quantity(law(a).exponent()))
        .add(
            "power-law/{method:zero|mean}/coefficient",
            a -> Observation.quantity(law(a).coefficient()));
  }

  private static HeadChange method(Arguments arguments) {
    return HeadChange.named(arguments.text("method"));
  }

  private Head head(Arguments arguments) {
    return effects.head(arguments.text("head"));
  }

  private Collection<Double> deltas(Arguments arguments) {
    return effects.individual(method(arguments)).values();
  }

  private List<Head> byDelta(Arguments arguments) {
    return effects.byDelta(method(arguments));
  }

  private static Names names(List<Head> heads, int first) {
    return Effects.names(heads.stream().limit(first).toList());
  }

  private Observation rank(Arguments arguments) {
    return Effects.count(1 + byDelta(arguments).indexOf(head(arguments)));
  }

  private Observation headAtRank(Arguments arguments) {
    return new Names(List.of(byDelta(arguments).get(arguments.integer("n") - 1).toString()));
  }

  private static double bound(Arguments arguments) {
    return arguments.integer("percent") / 100.0;
  }

  private static long count(Collection<Double> deltas, DoublePredicate wanted) {
    return deltas.stream().filter(wanted::test).count();
  }

  private static double mean(Collection<Double> values) {
    return new Mean().evaluate(values.stream().mapToDouble(Double::doubleValue).toArray());
  }

  private static double median(Collection<Double> values) {
    return new Median().evaluate(values.stream().mapToDouble(Double::doubleValue).toArray());
  }

  private List<Head> measured(Arguments arguments) {
    return List.copyOf(effects.individual(method(arguments)).keySet());
  }

  private double mean(HeadChange method, List<Head> heads) {
    return mean(heads.stream().map(head -> effects.delta(method, head)).toList());
  }

  private Observation meanDelta(HeadChange method, List<Head> heads) {
    return effects.observed(
        mean(method, heads),
        Effects.each(method, heads),
        p -> Effects.meanDelta(p, 0, heads.size()));
  }

  private Observation medianDelta(Arguments arguments) {
    return effects.observed(
        median(deltas(arguments)),
        Effects.each(method(arguments), measured(arguments)),
        p -> new Median().evaluate(p, 0, p.length - 1) / p[p.length - 1] - 1);
  }

  private double meanOverZero(List<Head> heads) {
    return mean(HeadChange.MEAN, heads) / mean(HeadChange.ZERO, heads);
  }

  private long signFlipped() {
    return effects.heads().stream()
        .filter(
            head ->
                effects.delta(HeadChange.ZERO, head) < 0
                    != effects.delta(HeadChange.MEAN, head) < 0)
        .count();
  }

  private long linearBelowMean(HeadChange linear) {
    return effects.headsAboveLayer0().stream()
        .filter(head -> effects.delta(linear, head) < effects.delta(HeadChange.MEAN, head))
        .count();
  }

  /** The share of heads, above layer 0, for which every linearization beats mean-ablation. */
  private double linearAlwaysBelowMean() {
    List<Head> heads = effects.headsAboveLayer0();
    long always =
        heads.stream()
            .filter(
                head ->
                    HeadChange.LINEAR.stream()
                        .allMatch(
                            linear ->
                                effects.delta(linear, head) < effects.delta(HeadChange.MEAN, head)))
            .count();
    return always / (double) heads.size();
  }

  private Observation bestCount(Arguments arguments) {
    return Effects.count(
        effects.headsAboveLayer0().stream()
            .filter(head -> effects.bestLinearization(head) == method(arguments))
            .count());
  }

  private long bestBelowMean() {
    return effects.headsAboveLayer0().stream()
        .filter(
            head ->
                effects.delta(effects.bestLinearization(head), head)
                    < effects.delta(HeadChange.MEAN, head))
        .count();
  }

  private static List<HeadChange> methods(Arguments arguments) {
    return Arrays.stream(arguments.text("methods").split(",")).map(HeadChange::named).toList();
  }

  private Names byMeanDelta(List<HeadChange> methods, List<Head> heads) {
    return new Names(
        methods.stream()
            .sorted(Comparator.comparingDouble(method -> mean(method, heads)))
            .map(HeadChange::word)
            .toList());
  }

  private List<Head> layer(int layer) {
    return effects.heads().stream().filter(head -> head.layer() == layer).toList();
  }

  private Observation layerMean(Arguments arguments) {
    return meanDelta(method(arguments), layer(arguments.integer("layer")));
  }

  private List<Integer> layers() {
    int layers = 1 + effects.heads().get(effects.heads().size() - 1).layer();
    return IntStream.range(0, layers).boxed().toList();
  }

  /**
   * How many of 1000 seeded draws of as many other heads of the same layers hurt at least as much
   * on average, as a share: what "these heads matter" is held against.
   */
  private double matched(HeadChange method, String named) {
    Map<Head, Double> deltas = effects.individual(method);
    List<Head> heads = Arrays.stream(named.split(",")).map(Head::parse).toList();
    Map<Integer, Long> wanted =
        heads.stream()
            .collect(Collectors.groupingBy(Head::layer, TreeMap::new, Collectors.counting()));
    Map<Integer, List<Head>> free =
        deltas.keySet().stream()
            .filter(head -> !heads.contains(head))
            .collect(Collectors.groupingBy(Head::layer, Collectors.toCollection(ArrayList::new)));
    double own = mean(heads.stream().map(deltas::get).toList());
    Random random = new Random(0);
    int atLeast = 0;
    for (int draw = 0; draw < MATCHED_DRAWS; draw++) {
      List<Double> drawn = new ArrayList<>();
      wanted.forEach(
          (layer, count) -> {
            List<Head> others = free.getOrDefault(layer, List.of());
            Collections.shuffle(others, random);
            others.stream().limit(count).map(deltas::get).forEach(drawn::add);
          });
      atLeast += mean(drawn) >= own ? 1 : 0;
    }
    return atLeast / (double) MATCHED_DRAWS;
  }

  private Names lowestLayer() {
    Comparator<Integer> byMeanOverZero =
        Comparator.comparingDouble(layer -> meanOverZero(layer(layer)));
    return new Names(List.of("L" + Collections.min(layers(), byMeanOverZero)));
  }

  private Observation mostImportantLayer(Arguments arguments) {
    Comparator<Integer> byMean =
        Comparator.comparingDouble(layer -> mean(method(arguments), layer(layer)));
    return new Names(List.of("L" + Collections.max(layers(), byMean)));
  }

  private PowerLaw law(Arguments arguments) {
    return PowerLaw.fit(
        deltas(arguments).stream().map(Math::abs).sorted(Comparator.reverseOrder()).toList());
  }
}
