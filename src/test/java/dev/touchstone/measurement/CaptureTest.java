package dev.touchstone.measurement;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.touchstone.model.Hooks;
import dev.touchstone.model.Site;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class CaptureTest {
  private final NDManager manager = NDManager.newBaseManager();
  private final Capture capture = new Capture(manager, Site.Z, Site.VALUE);
  private final Hooks hooks = capture.hooks();

  @AfterEach
  void free() {
    manager.close();
  }

  private NDArray array(float... values) {
    return manager.create(values, new Shape(2, values.length / 2));
  }

  @Test
  void keepsWhatPassesAndChangesNothing() {
    NDArray z = array(1, 2, 3, 4);
    assertThat(hooks.at(Site.Z, 1, z)).isSameAs(z);
    z.muli(10);

    assertThat(capture.at(Site.Z, 1).toFloatArray()).as("a copy").containsExactly(1, 2, 3, 4);
    assertThatThrownBy(() -> capture.at(Site.Z, 0))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("nothing was captured at Z of layer 0");
  }

  @Test
  void averagesASiteOverTheBatch() {
    hooks.at(Site.Z, 0, array(1, 2, 3, 4));
    hooks.at(Site.VALUE, 0, array(10, 20, 30, 40));
    hooks.at(Site.Z, 1, array(5, 6, 9, 8));

    assertThat(capture.meanOverBatch(Site.Z)).containsOnlyKeys(0, 1);
    assertThat(capture.meanOverBatch(Site.Z).get(0).toFloatArray()).containsExactly(2, 3);
    assertThat(capture.meanOverBatch(Site.Z).get(1).toFloatArray()).containsExactly(7, 7);
  }

  @Test
  void looksAtItsSitesOnly() {
    NDArray pattern = array(1, 2);
    assertThat(hooks.at(Site.PATTERN, 0, pattern)).isSameAs(pattern);
    assertThat(capture.meanOverBatch(Site.PATTERN)).isEmpty();
    assertThat(hooks.sees(Site.PATTERN, 0)).isFalse();
    assertThat(hooks.sees(Site.VALUE, 0)).isTrue();
  }
}
