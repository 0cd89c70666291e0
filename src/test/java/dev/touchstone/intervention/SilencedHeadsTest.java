package dev.touchstone.intervention;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.touchstone.model.Site;
import org.junit.jupiter.api.Test;

class SilencedHeadsTest {
  @Test
  void silencesItsHeadsAtItsPositionsOnly() {
    try (NDManager manager = NDManager.newBaseManager()) {
      NDArray z = manager.ones(new Shape(2, 5, 4, 3));
      NDArray silenced = SilencedHeads.parse("L0H3, L1H1").at(1, 4).hooks().at(Site.Z, 1, z);
      assertThat(silenced.sum().getFloat()).isEqualTo(2 * 5 * 4 * 3 - 2 * 2 * 3);
      assertThat(silenced.get(":, 1, 1").abs().max().getFloat()).isZero();
      assertThat(silenced.get(":, 4, 1").abs().max().getFloat()).isZero();
    }
  }

  @Test
  void leavesOtherSitesAndLayersAlone() {
    try (NDManager manager = NDManager.newBaseManager()) {
      NDArray z = manager.ones(new Shape(1, 2, 4, 3));
      SilencedHeads heads = SilencedHeads.parse("L0H3");
      assertThat(heads.hooks().at(Site.Z, 1, z)).isSameAs(z);
      assertThat(heads.hooks().at(Site.QUERY, 0, z)).isSameAs(z);
    }
  }

  @Test
  void refusesAPositionBeyondTheSequence() {
    try (NDManager manager = NDManager.newBaseManager()) {
      NDArray z = manager.ones(new Shape(1, 2, 4, 3));
      assertThatThrownBy(() -> SilencedHeads.parse("L0H3").at(2).hooks().at(Site.Z, 0, z))
          .hasMessageContaining("position 2");
    }
  }
}
