package dev.touchstone.laboratory;

import dev.touchstone.intervention.Composition;
import dev.touchstone.intervention.Intervention;
import dev.touchstone.measurement.OptimalConstants;
import dev.touchstone.measurement.Reference;
import dev.touchstone.model.Checkpoint;
import dev.touchstone.model.Gpt2;
import dev.touchstone.tensor.Compute;
import dev.touchstone.tensor.Fused;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * Tells whether the code that computes is the code that computed before: a hash over what a
 * measurement under an intervention reaches of the library, and the engine's version. Nobody has to
 * remember to raise a number, and all else can change freely: other interventions, how work is
 * scheduled, shown and kept, and how materials are made, since a run's line has their fingerprints.
 */
final class NumericsVersion {
  private record Entry(Class<?> type, String method) {}

  /**
   * What is measured, by the methods where computing begins once there is a model, and those that
   * make what they are given: of an object that is made elsewhere no overriding method is reached.
   */
  enum Measurement {
    LOSSES(new Entry(Passes.class, "losses")),
    HEAD_SUMS(new Entry(Passes.class, "headSums")),
    REFERENCES(
        new Entry(Reference.class, "tokenMeans"),
        new Entry(Reference.class, "patterns"),
        new Entry(OptimalConstants.class, "ofEachHead")),
    CANDIDATES(new Entry(Candidates.class, "sampling"), new Entry(Passes.class, "draws"));

    private final List<Entry> entries;

    Measurement(Entry... entries) {
      this.entries = List.of(entries);
    }
  }

  /** How a model comes from the bytes of a checkpoint. */
  private static final List<Entry> MODEL =
      List.of(new Entry(Checkpoint.class, "open"), new Entry(Gpt2.class, "load"));

  private final ClassFiles code;
  private final Map<Measurement, Shared> shared = new EnumMap<>(Measurement.class);
  private final Map<List<?>, String> known = new HashMap<>();

  /** What a measurement reaches whatever the intervention. */
  private record Shared(ReachedCode reached, String hash) {}

  /**
   * Of some code.
   *
   * @param code finds the library's class files
   */
  NumericsVersion(ClassLoader code) {
    this.code = new ClassFiles(code);
  }

  /** Of the code that runs. */
  static NumericsVersion current() {
    return new NumericsVersion(NumericsVersion.class.getClassLoader());
  }

  /**
   * For what is measured under an intervention: sixteen hexadecimal digits. Loads the engine.
   *
   * @throws IllegalStateException when a method where computing begins is called otherwise by now
   */
  synchronized String of(Measurement measurement, Intervention intervention) {
    SortedSet<String> kinds = new TreeSet<>(Set.of(ClassFiles.name(intervention.getClass())));
    if (intervention instanceof Composition composition) {
      composition.parts().forEach(part -> kinds.add(ClassFiles.name(part.getClass())));
    }
    return known.computeIfAbsent(
        List.of(measurement, kinds),
        unknown -> {
          Shared before = shared.computeIfAbsent(measurement, this::shared);
          ReachedCode more = new ReachedCode(before.reached);
          // Its methods are reached by the calls to them, once there is such an object.
          kinds.forEach(kind -> more.enter(kind, "<init>"));
          return more.hash(before.hash);
        });
  }

  /** For all that is measured under any intervention, as {@link #of}. */
  String ofAll() {
    ReachedCode reached = entered(Arrays.stream(Measurement.values()));
    kinds(Intervention.class).sorted().forEach(kind -> reached.enter(kind, "<init>"));
    return hash(reached);
  }

  private static Stream<String> kinds(Class<?> type) {
    return type.isSealed()
        ? Arrays.stream(type.getPermittedSubclasses()).flatMap(NumericsVersion::kinds)
        : Stream.of(ClassFiles.name(type));
  }

  private Shared shared(Measurement measurement) {
    ReachedCode reached = entered(Stream.of(measurement));
    return new Shared(reached, hash(reached));
  }

  private ReachedCode entered(Stream<Measurement> measurements) {
    ReachedCode reached = new ReachedCode(code);
    Stream.concat(MODEL.stream(), measurements.flatMap(each -> each.entries.stream()))
        .forEach(entry -> reached.enter(ClassFiles.name(entry.type), entry.method));
    return reached;
  }

  private static String hash(ReachedCode reached) {
    return reached.hash(Compute.engine() + Fused.source());
  }
}
