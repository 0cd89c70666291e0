package dev.touchstone.intervention;

import dev.touchstone.model.HeadGrid;

/** An intervention that does one thing to each of some heads. */
sealed interface OnHeads extends Intervention
    permits ZeroAblation,
        ValueAblation,
        MeanAblation,
        OutputAblation,
        PatternAblation,
        Linearization,
        QueryKeyInjection {
  /** The heads it is done to. */
  HeadSet heads();

  /** The same, done to other heads. */
  OnHeads on(HeadSet others);

  @Override
  default int firstLayer() {
    return heads().firstLayer();
  }

  @Override
  default void check(HeadGrid grid) {
    heads().check(grid);
  }
}
