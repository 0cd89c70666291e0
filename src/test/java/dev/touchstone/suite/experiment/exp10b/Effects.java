package dev.touchstone.suite.experiment.exp10b;

import dev.touchstone.corpus.Chunks;
import dev.touchstone.corpus.Unavailable;
import dev.touchstone.intervention.Intervention;
import dev.touchstone.laboratory.Subject;
import dev.touchstone.model.Head;
import dev.touchstone.model.Hooks;
import dev.touchstone.runtime.Lazy;
import dev.touchstone.statistics.LossSum;
import dev.touchstone.suite.observation.Grid;
import dev.touchstone.suite.observation.Observation;
import dev.touchstone.suite.observation.Observation.Names;
import dev.touchstone.suite.observation.Observation.Quantity;
import dev.touchstone.suite.observation.Observation.Series;
import dev.touchstone.suite.observation.Protocol;
import dev.touchstone.suite.observation.Sample;
import dev.touchstone.suite.observation.Tier;
import dev.touchstone.suite.subject.Bench;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import java.util.function.ToDoubleBiFunction;
import java.util.function.ToDoubleFunction;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * What interventions on heads do to the perplexity of one text: single effects, rankings and
 * perplexities, as docs/protocol.md, sections 3 and 4, defines them. Nothing is measured until it
 * is asked for.
 */
public final class Effects {
  /** A head by its name, or by its rank in a method's effects: {@code rank-1-by-zero}. */
  public static final String HEAD = "{head:L\\d+H\\d+|rank-\\d+-by-(?:zero|mean|relu)}";

  private static final Pattern RANK = Pattern.compile("rank-(?<rank>\\d+)-by-(?<method>.+)");

  private final Bench bench;
  private final ProtocolLosses measuring;
  private final Lazy<Chunks> chunks;
  private final Map<Intervention, List<LossSum>> known = new ConcurrentHashMap<>();
  private final Map<HeadChange, Lazy<SortedMap<Head, Double>>> individual =
      new EnumMap<>(HeadChange.class);

  public Effects(Bench bench, Protocol protocol, Supplier<Chunks> chunks) {
    this.bench = bench;
    this.measuring = new ProtocolLosses(protocol, bench);
    this.chunks = new Lazy<>(() -> measuring.scored(chunks.get()));
    for (HeadChange method : HeadChange.values()) {
      individual.put(method, new Lazy<>(() -> measureIndividually(method)));
    }
  }

  /** Effects over the validation text. */
  public static Effects over(Bench bench, Protocol protocol, Tier extent) {
    return new Effects(bench, protocol, () -> bench.validation(extent));
  }

  /** How it is measured. */
  public Protocol protocol() {
    return measuring.protocol();
  }

  Subject subject() {
    return bench.subject();
  }

  /** Shows hooks an unmodified pass over tokens. */
  void watch(int[] tokens, Hooks hooks) {
    bench.laboratory().watch(bench.subject(), List.of(tokens), hooks);
  }

  Chunks chunks() {
    return chunks.get();
  }

  /** The subject's. */
  public Grid grid() {
    return bench.grid();
  }

  /** All heads, by layer and index. */
  List<Head> heads() {
    return Head.all(grid().layers(), grid().heads());
  }

  /** The heads of the layers above 0, which the reports call L0-protected. */
  List<Head> headsAboveLayer0() {
    return heads().stream().filter(head -> head.layer() > 0).toList();
  }

  /**
   * The chunks' losses under each intervention. Those not asked for before are measured in one go;
   * the others are not even looked up again, which for a mean-ablation would read all head means.
   */
  Map<Intervention, List<LossSum>> losses(Collection<Intervention> interventions) {
    List<Intervention> unknown =
        interventions.stream().filter(intervention -> !known.containsKey(intervention)).toList();
    if (!unknown.isEmpty()) {
      known.putAll(measuring.measure(chunks(), unknown));
    }
    return interventions.stream()
        .distinct()
        .collect(Collectors.toMap(intervention -> intervention, known::get));
  }

  private List<LossSum> losses(Intervention intervention) {
    return losses(List.of(intervention)).get(intervention);
  }

  double perplexity(Intervention intervention) {
    return LossSum.total(losses(intervention)).perplexity();
  }

  double baseline() {
    return perplexity(Intervention.BASELINE);
  }

  /** The relative change of the perplexity, as stored. */
  public double change(Intervention intervention) {
    return Rounding.STORED.delta(perplexity(intervention), baseline());
  }

  /** Perplexity over the baseline's. */
  double ratio(Rounding kept, Intervention intervention) {
    return kept.ratio(perplexity(intervention), baseline());
  }

  /** A perplexity with its interval over chunks. */
  public Quantity perplexityObserved(Intervention intervention) {
    return observed(List.of(intervention), (kept, p) -> kept.perplexity(p[0]));
  }

  /** A ratio to the baseline with its interval over chunks. */
  public Quantity ratioObserved(Intervention intervention) {
    return observed(
        List.of(intervention, Intervention.BASELINE), (kept, p) -> kept.ratio(p[0], p[1]));
  }

  /** A relative change of the perplexity with its interval over chunks. */
  public Quantity changeObserved(Intervention intervention) {
    return observed(
        List.of(intervention, Intervention.BASELINE), (kept, p) -> kept.delta(p[0], p[1]));
  }

  /** A single head's effect with its interval over chunks. */
  Quantity deltaObserved(HeadChange method, Head head) {
    return observed(
        List.of(method.on(List.of(head)), Intervention.BASELINE),
        (kept, p) -> method.delta(kept, p[0], p[1]));
  }

  /** A number that follows from perplexities as kept, with its interval over chunks. */
  public Quantity observed(
      List<Intervention> interventions, ToDoubleBiFunction<Rounding, double[]> figure) {
    Sample sample = sample(interventions, p -> figure.applyAsDouble(Rounding.UNROUNDED, p));
    return Observation.stored(figure.applyAsDouble(Rounding.STORED, sample.perplexities()), sample);
  }

  /** The losses per chunk of measurements, to be drawn together. */
  public List<List<LossSum>> sample(List<Intervention> interventions) {
    Map<Intervention, List<LossSum>> losses = losses(interventions);
    return interventions.stream().map(losses::get).toList();
  }

  private Sample sample(List<Intervention> interventions, ToDoubleFunction<double[]> statistic) {
    return new Sample(chunks(), sample(interventions), statistic);
  }

  /**
   * A number that follows from this text's perplexities, with its interval over chunks.
   *
   * @param value as it follows from stored effects
   * @param statistic the same of perplexities, the baseline's last
   */
  Quantity observed(
      double value, List<Intervention> interventions, ToDoubleFunction<double[]> statistic) {
    List<Intervention> all = new ArrayList<>(interventions);
    all.add(Intervention.BASELINE);
    return Observation.stored(value, sample(all, statistic));
  }

  /** Each of some heads changed alone. */
  public static List<Intervention> each(HeadChange method, Collection<Head> heads) {
    return heads.stream().map(head -> method.on(List.of(head))).toList();
  }

  /** The mean change from the last perplexity to those from one place to before another. */
  public static double meanDelta(double[] perplexities, int from, int to) {
    double baseline = perplexities[perplexities.length - 1];
    return Arrays.stream(perplexities, from, to).average().orElseThrow() / baseline - 1;
  }

  /** (perplexity - baseline) / baseline for each head alone, as stored. */
  SortedMap<Head, Double> individual(HeadChange method) {
    return individual.get(method).get();
  }

  private SortedMap<Head, Double> measureIndividually(HeadChange method) {
    List<Head> heads = HeadChange.LINEAR.contains(method) ? headsAboveLayer0() : heads();
    Map<Intervention, List<LossSum>> losses = losses(each(method, heads));
    double baseline = baseline();
    SortedMap<Head, Double> deltas = new TreeMap<>();
    for (Head head : heads) {
      double perplexity = LossSum.total(losses.get(method.on(List.of(head)))).perplexity();
      deltas.put(head, method.delta(Rounding.STORED, perplexity, baseline));
    }
    return deltas;
  }

  /** One head's individual effect. */
  double delta(HeadChange method, Head head) {
    Double delta = individual(method).get(head);
    if (delta == null) {
      throw new IllegalArgumentException(head + " was not measured under " + method);
    }
    return delta;
  }

  /** The share of heads that change the perplexity by less than a bound, each alone. */
  double shareBelow(HeadChange method, double bound) {
    Collection<Double> deltas = individual(method).values();
    return deltas.stream().filter(delta -> Math.abs(delta) < bound).count()
        / (double) deltas.size();
  }

  /** Heads from the most harmed perplexity down. */
  public List<Head> byDelta(HeadChange method) {
    return ascending(individual(method).keySet(), head -> -delta(method, head));
  }

  /** Heads from the most improved perplexity up. */
  List<Head> smallestFirst(HeadChange method) {
    return ascending(individual(method).keySet(), head -> delta(method, head));
  }

  /** Heads by a number of theirs, the smallest first; of equals the order of layer and head. */
  static List<Head> ascending(Collection<Head> heads, ToDoubleFunction<Head> number) {
    return heads.stream().sorted().sorted(Comparator.comparingDouble(number)).toList();
  }

  /** The head that a path means by {@link #HEAD}. */
  public Head head(String text) {
    Matcher rank = RANK.matcher(text);
    if (rank.matches()) {
      return ranked(
          byDelta(HeadChange.named(rank.group("method"))), Integer.parseInt(rank.group("rank")));
    }
    Head head = Head.parse(text);
    if (!bench.config().has(head)) {
      throw Unavailable.notSupported("There is no " + head + " in " + grid());
    }
    return head;
  }

  /** The head at a rank, counted from 1. */
  public static Head ranked(List<Head> heads, int rank) {
    if (rank > heads.size()) {
      throw Unavailable.notSupported("Of %d heads none is number %d".formatted(heads.size(), rank));
    }
    return heads.get(rank - 1);
  }

  /** The given heads by the magnitude of their effect, smallest first: who is removed first. */
  List<Head> leastImportantFirst(HeadChange method, Collection<Head> among) {
    return leastFirst(
        individual(method).keySet().stream().filter(among::contains).toList(),
        head -> delta(method, head));
  }

  private List<Head> leastFirst(Collection<Head> heads, ToDoubleFunction<Head> delta) {
    return ascending(heads, head -> protocol().importance(delta.applyAsDouble(head)));
  }

  /**
   * {@code best_ranking}: the heads above layer 0 by their effect, smallest first, under the
   * linearization whose mean effect is the smallest.
   */
  List<Head> bestRanking() {
    HeadChange best =
        Collections.min(
            HeadChange.LINEAR,
            Comparator.comparingDouble(
                linear ->
                    individual(linear).values().stream()
                        .mapToDouble(Double::doubleValue)
                        .average()
                        .orElseThrow()));
    return leastImportantFirst(best, headsAboveLayer0());
  }

  /** The heads above layer 0, each by the effect of its own best linearization, smallest first. */
  List<Head> mixedRanking() {
    return leastFirst(headsAboveLayer0(), head -> delta(bestLinearization(head), head));
  }

  /** The linearization that hurts a head's perplexity least. */
  HeadChange bestLinearization(Head head) {
    return Collections.min(
        HeadChange.LINEAR, Comparator.comparingDouble(linear -> delta(linear, head)));
  }

  static Names names(List<Head> heads) {
    return new Names(heads.stream().map(Head::toString).toList());
  }

  public static Observation count(long value) {
    return Observation.quantity(value);
  }

  public static Series counts(List<Integer> values) {
    return new Series(values.stream().map(Integer::doubleValue).toList());
  }
}
