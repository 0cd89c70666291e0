package dev.touchstone.model;

/** What an intervention has to know of a model: a grid of heads over a residual stream. */
public interface HeadGrid {
  /** How many blocks. */
  int layers();

  /** Attention heads in a block. */
  int heads();

  /** d_model, the residual stream's dimension. */
  int width();

  /** Whether queries and keys are rotated by their positions behind their sites. */
  default boolean rotary() {
    return false;
  }

  /** Whether the grid has this head. */
  default boolean has(Head head) {
    return head.layer() < layers() && head.index() < heads();
  }
}
