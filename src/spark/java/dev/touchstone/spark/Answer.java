package dev.touchstone.spark;

import java.io.Serializable;
import java.util.List;
import java.util.Map;

/** What comes back from an executor. */
sealed interface Answer extends Serializable {
  /**
   * The numbers of a share.
   *
   * @param executor which computed it
   * @param seconds how long that took, with what the executor read for it
   * @param parts by chunk or candidate, in the order of the share's parts
   */
  record Computed(String executor, double seconds, List<Map<Long, double[]>> parts)
      implements Answer {}

  /** That it computes nothing, and why. */
  record Refused(String executor, String reason) implements Answer {}
}
