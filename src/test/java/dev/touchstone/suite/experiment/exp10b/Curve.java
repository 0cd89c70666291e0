package dev.touchstone.suite.experiment.exp10b;

import dev.touchstone.intervention.Intervention;
import dev.touchstone.model.Head;
import dev.touchstone.runtime.Lazy;
import dev.touchstone.suite.observation.Grid;
import dev.touchstone.suite.observation.Protocol;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.function.IntFunction;
import java.util.function.Supplier;
import java.util.function.ToIntFunction;

/**
 * A cumulative curve: the first n heads of an order changed together, at chosen n. All points are
 * measured together when the first is asked for.
 */
public final class Curve {
  private final Effects effects;
  private final Lazy<Map<Integer, Intervention>> points;
  private final Lazy<List<Head>> order;

  /**
   * @param order who is changed first
   * @param among which heads the order is of, or in the reports would be if none were harmful
   * @param steps the numbers of heads to measure in the reports' grid, given how many there are; in
   *     another the same shares
   * @param intervention what is done to the first heads of the order
   */
  Curve(
      Effects effects,
      Supplier<List<Head>> order,
      ToIntFunction<Grid> among,
      IntFunction<SortedSet<Integer>> steps,
      Function<List<Head>, Intervention> intervention) {
    this.effects = effects;
    this.order = new Lazy<>(order);
    this.points =
        new Lazy<>(
            () -> {
              List<Head> heads = this.order.get();
              Map<Integer, Intervention> measured = new LinkedHashMap<>();
              SortedSet<Integer> numbers = new TreeSet<>(List.of(heads.size()));
              steps.apply(among.applyAsInt(Grid.REPORTS)).stream()
                  .map(n -> effects.grid().carry(among, n))
                  .filter(n -> n < heads.size())
                  .forEach(numbers::add);
              for (int n : numbers) {
                measured.put(n, intervention.apply(heads.subList(0, n)));
              }
              List<Intervention> all = new ArrayList<>(measured.values());
              all.add(Intervention.BASELINE);
              effects.losses(all);
              return measured;
            });
  }

  /** 0, 10, 20, ... and the finer steps of exp10's cumulative runs, and all. */
  static SortedSet<Integer> fineSteps(int total) {
    SortedSet<Integer> steps = new TreeSet<>(List.of(5, 15, 25, 30, 35, 40, 50));
    for (int n = 0; n <= total; n += 10) {
      steps.add(n);
    }
    steps.add(total);
    return steps.headSet(total + 1);
  }

  /** 10C's own: those, and 43. */
  static SortedSet<Integer> fineStepsAnd43(int total) {
    SortedSet<Integer> steps = new TreeSet<>(fineSteps(total));
    steps.add(43);
    return steps.headSet(total + 1);
  }

  /** 0, 10, ..., 100 and all: the steps of V4. */
  static SortedSet<Integer> tens(int total) {
    SortedSet<Integer> steps = new TreeSet<>();
    for (int n = 0; n <= Math.min(100, total); n += 10) {
      steps.add(n);
    }
    steps.add(total);
    return steps;
  }

  /** The heads in the order they are changed. */
  List<Head> order() {
    return order.get();
  }

  /** The numbers of heads that are measured, ascending. */
  public List<Integer> steps() {
    return List.copyOf(points.get().keySet());
  }

  /** What is done at a step. */
  public Intervention at(int n) {
    Intervention intervention = points.get().get(n);
    if (intervention == null) {
      throw new IllegalArgumentException(
          "the curve is not measured at " + n + " heads, only at " + points.get().keySet());
    }
    return intervention;
  }

  double ratio(Rounding kept, int n) {
    return effects.ratio(kept, at(n));
  }

  /** The largest number of heads whose ratio is within a threshold, as the protocol reads it. */
  public double within(Rounding kept, double threshold) {
    SortedMap<Integer, Double> perplexities = new TreeMap<>();
    points
        .get()
        .forEach((n, intervention) -> perplexities.put(n, effects.perplexity(intervention)));
    return within(effects.protocol(), kept, perplexities, effects.baseline(), threshold);
  }

  /** The same of perplexities by the numbers of heads. */
  static double within(
      Protocol protocol,
      Rounding kept,
      SortedMap<Integer, Double> perplexities,
      double baseline,
      double threshold) {
    SortedMap<Integer, Double> ratios = new TreeMap<>();
    perplexities.forEach((n, perplexity) -> ratios.put(n, kept.ratio(perplexity, baseline)));
    return protocol.within(ratios, threshold);
  }

  /** The same as stored, of all heads in the order. */
  double shareWithin(double threshold) {
    return within(Rounding.STORED, threshold) / order().size();
  }
}
