package dev.touchstone.intervention;

import java.io.Serializable;

/** Tensors that an intervention names but does not hold, so that it stays a line of text. */
public sealed interface Material extends Serializable
    permits HeadMeans,
        HeadOutputs,
        Donors,
        TokenMeans,
        MeanPatterns,
        WriteBasis,
        QueryChange,
        Deferred {
  /** A hash of the numbers: other numbers under the same name are not the same measurement. */
  String fingerprint();

  /** How large it is. */
  long bytes();
}
