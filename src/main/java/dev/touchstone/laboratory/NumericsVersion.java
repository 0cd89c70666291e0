package dev.touchstone.laboratory;

import dev.touchstone.intervention.Composition;
import dev.touchstone.intervention.Intervention;
import dev.touchstone.model.Checkpoint;
import dev.touchstone.model.Gpt2;
import dev.touchstone.tensor.Compute;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * Tells whether the code that computes is the code that computed before: a hash over what a loss
 * under an intervention reaches of the library, and the engine's version. Nobody has to remember to
 * raise a number, and what no loss reaches can change freely: another intervention, how work is
 * scheduled, shown and kept, and how materials are made, since a run's line has their fingerprints.
 */
final class NumericsVersion {
  private record Entry(Class<?> type, String method) {}

  /** Where computing begins, from the checkpoint's bytes on; all else is reached from here. */
  private static final List<Entry> ENTRIES =
      List.of(
          new Entry(Checkpoint.class, "open"),
          new Entry(Gpt2.class, "load"),
          new Entry(Candidates.class, "sampling"),
          new Entry(Laboratory.class, "headSums"),
          new Entry(Laboratory.class, "pass"),
          new Entry(Laboratory.class, "sampled"));

  private final ClassFiles code;
  private ReachedCode shared;
  private String sharedHash;
  private final Map<SortedSet<String>, String> byKinds = new HashMap<>();

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
   * For losses under an intervention: sixteen hexadecimal digits. Loads the engine.
   *
   * @throws IllegalStateException when a method where computing begins is called otherwise by now
   */
  synchronized String under(Intervention intervention) {
    Stream<Intervention> parts =
        intervention instanceof Composition composition
            ? composition.parts().stream()
            : Stream.empty();
    SortedSet<String> kinds = new TreeSet<>();
    Stream.concat(Stream.of(intervention), parts).map(ClassFiles::name).forEach(kinds::add);
    return byKinds.computeIfAbsent(kinds, this::hash);
  }

  private String hash(SortedSet<String> kinds) {
    if (shared == null) {
      shared = new ReachedCode(code);
      ENTRIES.forEach(entry -> shared.enter(ClassFiles.name(entry.type), entry.method));
      sharedHash = shared.hash(Compute.engine());
    }
    // What is called of an intervention is reached by the calls, once there is such an object.
    ReachedCode more = new ReachedCode(shared);
    kinds.forEach(kind -> more.enter(kind, "<init>"));
    return more.hash(sharedHash);
  }
}
