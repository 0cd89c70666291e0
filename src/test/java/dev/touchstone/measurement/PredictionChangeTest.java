package dev.touchstone.measurement;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.List;
import org.junit.jupiter.api.Test;

class PredictionChangeTest {
  @Test
  void countsPositionsAndAveragesDivergence() {
    try (NDManager manager = NDManager.newBaseManager()) {
      float ln3 = (float) Math.log(3);
      NDArray before = manager.create(new float[] {ln3, 0, ln3, 0}, new Shape(1, 2, 2));
      NDArray after = manager.create(new float[] {0, ln3, ln3, 0}, new Shape(1, 2, 2));

      PredictionChange change = PredictionChange.between(before, after);

      assertThat(change.fracTop1Changed()).isEqualTo(0.5);
      // 3/4 log 3 - 1/4 log 3 at the first of two positions, nothing at the second.
      assertThat(change.meanKlDivergence()).isCloseTo(Math.log(3) / 4, within(1e-6));
    }
  }

  @Test
  void poolsPositionsButAveragesSamples() {
    PredictionChange all =
        PredictionChange.over(
            List.of(new PredictionChange(1, 1, 0.4), new PredictionChange(0, 3, 0.2)));
    assertThat(all.fracTop1Changed()).isEqualTo(0.25);
    assertThat(all.meanKlDivergence()).isCloseTo(0.3, within(1e-12));
  }
}
