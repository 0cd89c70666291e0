package dev.touchstone.intervention;

import ai.djl.ndarray.NDManager;
import dev.touchstone.model.HeadGrid;
import dev.touchstone.model.Hooks;
import dev.touchstone.model.Transformer;
import java.io.Serializable;
import java.util.List;
import java.util.Set;

/**
 * A change to what a model computes. A value: equal ones do the same, and {@link Object#toString}
 * is one canonical line that {@link #parse} reads back, such as {@code relu(L3H1,L5H0)+zero(L1H1)}.
 */
public sealed interface Intervention extends Serializable
    permits OnHeads, WriteProjection, Composition {
  /** No change: the unmodified model. */
  Intervention BASELINE = new Composition(List.of());

  /**
   * The lowest layer that computes anything else than the unmodified model; the number of layers or
   * more when none does.
   */
  int firstLayer();

  /**
   * Whether the model has all that is named.
   *
   * @throws IllegalArgumentException naming the first head or layer it has not
   */
  void check(HeadGrid grid);

  /**
   * Materials as a pass over some sequences needs them: what this names and is not the same for all
   * sequences is what it is for these.
   *
   * @param manager where that lives
   */
  default Materials over(
      List<int[]> sequences, Materials materials, Transformer model, NDManager manager) {
    return materials;
  }

  /**
   * The intervention as hooks for one pass; arrays they need are made in the caller's scope.
   *
   * @param materials the tensors that the intervention names, {@link #over} the pass's sequences
   */
  Hooks hooks(Materials materials);

  /** The names of the tensors it needs, to be found among the {@link Materials} of a run. */
  default Set<String> materials() {
    return Set.of();
  }

  /** This, and another beside it. */
  default Intervention and(Intervention other) {
    return Composition.of(this, other);
  }

  /**
   * Reads the canonical text.
   *
   * @throws IllegalArgumentException saying what is wrong with it and what it should be
   */
  static Intervention parse(String text) {
    return InterventionParser.parse(text);
  }
}
