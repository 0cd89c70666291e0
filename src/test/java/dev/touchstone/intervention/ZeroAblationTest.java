package dev.touchstone.intervention;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.touchstone.model.Hooks;
import dev.touchstone.model.Site;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ZeroAblationTest {
  private final NDManager manager = NDManager.newBaseManager();

  @AfterEach
  void free() {
    manager.close();
  }

  private static Hooks hooks(String text) {
    return Intervention.parse(text).hooks(Materials.NONE);
  }

  @Test
  void silencesItsHeadsAtItsPositionsOnly() {
    NDArray z = manager.ones(new Shape(2, 5, 4, 3));
    NDArray silenced = hooks("zero(L0H3,L1H1@1,4)").at(Site.Z, 1, z);
    assertThat(silenced.sum().getFloat()).isEqualTo(2 * 5 * 4 * 3 - 2 * 2 * 3);
    assertThat(silenced.get(":, 1, 1").abs().max().getFloat()).isZero();
    assertThat(silenced.get(":, 4, 1").abs().max().getFloat()).isZero();
  }

  @Test
  void silencesEverywhereWithoutPositions() {
    NDArray z = manager.ones(new Shape(2, 5, 4, 3));
    NDArray silenced = hooks("zero(L1H1)").at(Site.Z, 1, z);
    assertThat(silenced.sum().getFloat()).isEqualTo(2 * 5 * 3 * 3);
    assertThat(silenced.get(":, :, 1").abs().max().getFloat()).isZero();
  }

  @Test
  void leavesOtherSitesAndLayersAlone() {
    NDArray z = manager.ones(new Shape(1, 2, 4, 3));
    assertThat(hooks("zero(L0H3)").at(Site.Z, 1, z)).isSameAs(z);
    assertThat(hooks("zero(L0H3@0)").at(Site.QUERY, 0, z)).isSameAs(z);
  }

  @Test
  void countsPositionsFromTheBeginningOfWhatACacheHolds() {
    NDArray z = manager.ones(new Shape(1, 1, 4, 3));
    Hooks hooks = hooks("zero(L0H3@0,6)");
    hooks.at(Site.SCORES, 0, manager.zeros(new Shape(1, 4, 1, 7)));
    assertThat(hooks.at(Site.Z, 0, z).get(":, 0, 3").abs().max().getFloat()).isZero();
    hooks.at(Site.SCORES, 0, manager.zeros(new Shape(1, 4, 1, 8)));
    assertThat(hooks.at(Site.Z, 0, z).min().getFloat()).isEqualTo(1);
  }

  @Test
  void refusesAPositionBeyondTheSequence() {
    NDArray z = manager.ones(new Shape(1, 2, 4, 3));
    assertThatThrownBy(() -> hooks("zero(L0H3@2)").at(Site.Z, 0, z))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("zero(L0H3@2) names a position that a sequence of 2 tokens has not");
  }
}
