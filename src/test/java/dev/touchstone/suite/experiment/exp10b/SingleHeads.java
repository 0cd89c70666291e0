package dev.touchstone.suite.experiment.exp10b;

import dev.touchstone.intervention.Intervention;
import dev.touchstone.model.Head;
import dev.touchstone.statistics.PowerLaw;
import dev.touchstone.suite.observation.Observables;
import dev.touchstone.suite.observation.Observables.Arguments;
import dev.touchstone.suite.observation.Observation;
import dev.touchstone.suite.observation.Observation.Names;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.function.DoubleBinaryOperator;
import java.util.function.DoublePredicate;
import java.util.stream.IntStream;
import org.apache.commons.math3.stat.descriptive.moment.Mean;
import org.apache.commons.math3.stat.descriptive.rank.Median;

/**
 * Each head alone: 10A (zero), 10B (power law), 10D (means over layers), 10E (mean) and 10I
 * (linearizations, heads above layer 0).
 */
public final class SingleHeads {
  private static final String METHOD = "{method:zero|mean|relu|l1|identity}";

  private final Effects effects;

  public SingleHeads(Effects effects) {
    this.effects = effects;
  }

  public void register(Observables observables) {
    observables
        .add(
            "heads/" + METHOD + "/" + Effects.HEAD + "/delta",
            a -> effects.deltaObserved(method(a), head(a)))
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
            "heads/" + METHOD + "/below/{percent:\\d+}/share",
            a -> Observation.quantity(effects.shareBelow(method(a), bound(a))))
        .add(
            "heads/" + METHOD + "/improved/count", a -> Effects.count(count(deltas(a), d -> d < 0)))
        .add("heads/" + METHOD + "/improved/share", a -> share(deltas(a), d -> d < 0))
        .add("heads/" + METHOD + "/mean-delta", a -> meanDelta(method(a), measured(a)))
        .add("heads/" + METHOD + "/median-delta", this::medianDelta)
        .add(
            "heads/" + METHOD + "/max-delta",
            a -> effects.deltaObserved(method(a), byDelta(a).get(0)))
        .add("heads/" + METHOD + "/rank-1-over-rank-2", this::firstOverSecond)
        .add("heads/" + Effects.HEAD + "/mean-over-zero", a -> meanOverZero(List.of(head(a))))
        .add(
            "heads/" + Effects.HEAD + "/zero-over-mean",
            a -> ofMeanAndZero(List.of(head(a)), (mean, zero) -> zero / Math.abs(mean)))
        .add(
            "heads/" + Effects.HEAD + "/constant-share",
            a -> ofMeanAndZero(List.of(head(a)), (mean, zero) -> 1 - mean / zero))
        .add("heads/mean-delta/mean-over-zero", a -> meanOverZero(effects.heads()))
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
        .add("layers/{method:zero|mean}/{layer:\\d+}/share", this::layerShare)
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
        .add("heads/zero/largest/{n:\\d+}/helped-by-mean/count", this::helpedByMean)
        .add("layers/{method:zero|mean}/{layer:\\d+}/mean-delta", this::layerMean)
        .add("layers/{layer:\\d+}/mean-over-zero", a -> meanOverZero(layer(a.integer("layer"))))
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

  private static Observation share(Collection<Double> deltas, DoublePredicate wanted) {
    return Observation.quantity(count(deltas, wanted) / (double) deltas.size());
  }

  private static double mean(Collection<Double> values) {
    return new Mean().evaluate(values.stream().mapToDouble(Double::doubleValue).toArray());
  }

  private static double median(Collection<Double> values) {
    return new Median().evaluate(values.stream().mapToDouble(Double::doubleValue).toArray());
  }

  private Observation firstOverSecond(Arguments arguments) {
    HeadChange method = method(arguments);
    List<Head> heads = effects.byDelta(method).subList(0, 2);
    return effects.observed(
        effects.delta(method, heads.get(0)) / effects.delta(method, heads.get(1)),
        Effects.each(method, heads),
        p -> Effects.meanDelta(p, 0, 1) / Effects.meanDelta(p, 1, 2));
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

  private Observation meanOverZero(List<Head> heads) {
    return ofMeanAndZero(heads, (mean, zero) -> mean / zero);
  }

  /** What follows from the mean effects of mean-ablation and of zero-ablation. */
  private Observation ofMeanAndZero(List<Head> heads, DoubleBinaryOperator then) {
    List<Intervention> both = new ArrayList<>(Effects.each(HeadChange.MEAN, heads));
    both.addAll(Effects.each(HeadChange.ZERO, heads));
    int n = heads.size();
    return effects.observed(
        then.applyAsDouble(mean(HeadChange.MEAN, heads), mean(HeadChange.ZERO, heads)),
        both,
        p -> then.applyAsDouble(Effects.meanDelta(p, 0, n), Effects.meanDelta(p, n, 2 * n)));
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

  /** Of the heads that zeroing hurts most, how many help when replaced by their mean. */
  private Observation helpedByMean(Arguments arguments) {
    return Effects.count(
        effects.byDelta(HeadChange.ZERO).stream()
            .limit(arguments.integer("n"))
            .filter(head -> effects.delta(HeadChange.MEAN, head) < 0)
            .count());
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

  /** The layer's part of what all heads cost, changed one by one. */
  private Observation layerShare(Arguments arguments) {
    HeadChange method = method(arguments);
    List<Head> layer = layer(arguments.integer("layer"));
    List<Head> others = effects.heads().stream().filter(head -> !layer.contains(head)).toList();
    List<Intervention> each = new ArrayList<>(Effects.each(method, layer));
    each.addAll(Effects.each(method, others));
    double share = layer.size() / (double) each.size();
    return effects.observed(
        share * mean(method, layer) / mean(method, effects.heads()),
        each,
        p -> share * Effects.meanDelta(p, 0, layer.size()) / Effects.meanDelta(p, 0, each.size()));
  }

  private List<Integer> layers() {
    int layers = 1 + effects.heads().get(effects.heads().size() - 1).layer();
    return IntStream.range(0, layers).boxed().toList();
  }

  private Names lowestLayer() {
    Comparator<Integer> byMeanOverZero =
        Comparator.comparingDouble(
            layer -> mean(HeadChange.MEAN, layer(layer)) / mean(HeadChange.ZERO, layer(layer)));
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
