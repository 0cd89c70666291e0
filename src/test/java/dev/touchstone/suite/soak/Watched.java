package dev.touchstone.suite.soak;

import java.util.function.ToDoubleFunction;

/**
 * What must not grow, and by how much a round it may at most. A full run of the suite on GPT-2 is
 * some 13 500 passes, 1700 rounds of a soak: at these bounds it would end with 170 MB more, and
 * with a good hundred more handles or threads, on which no run fails.
 */
enum Watched {
  RESIDENT("resident memory, MB", 0.1, Held::resident),
  HEAP("Java's objects, MB", 0.1, Held::heap),
  FILES("open files", 0.07, Held::files),
  THREADS("threads", 0.07, Held::threads);

  private final String title;
  private final double bound;
  private final ToDoubleFunction<Held> of;

  Watched(String title, double bound, ToDoubleFunction<Held> of) {
    this.title = title;
    this.bound = bound;
    this.of = of;
  }

  /** With the unit. */
  String title() {
    return title;
  }

  /** A round. */
  double bound() {
    return bound;
  }

  double of(Held held) {
    return of.applyAsDouble(held);
  }
}
