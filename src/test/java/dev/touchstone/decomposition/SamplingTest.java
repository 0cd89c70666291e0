package dev.touchstone.decomposition;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.touchstone.Seeds;
import dev.touchstone.tensor.SeededArrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class SamplingTest {
  private final NDManager manager = NDManager.newBaseManager();

  @AfterEach
  void close() {
    manager.close();
  }

  private NDArray array(float... values) {
    return manager.create(values, new Shape(1, 1, values.length));
  }

  @Test
  void aMaskLiesBetweenTheImportanceAndOne() {
    Map<String, NDArray> importances = Map.of("m", array(0.25f, 0, 1, 0.5f));
    Map<String, NDArray> sources = Map.of("m", array(0.5f, 0.75f, 0, 1));

    Map<String, ModuleMask> masks = Sampling.masks(importances, sources);

    assertThat(masks).containsOnlyKeys("m");
    assertThat(masks.get("m").components().toFloatArray()).containsExactly(0.625f, 0.75f, 1, 1);
  }

  /** Module by module, as Java's own generator draws them. */
  @Test
  void drawsASourceForEveryImportance() {
    Map<String, NDArray> importances = new LinkedHashMap<>();
    importances.put("b", array(0, 0));
    importances.put("a", array(0, 0, 0));

    long seed = Seeds.seed("SamplingTest");
    Map<String, NDArray> sources =
        Sampling.CONTINUOUS.sources(importances, new SeededArrays(seed), manager);

    Random random = new Random(seed);
    assertThat(sources.keySet()).containsExactly("b", "a");
    sources.forEach(
        (module, source) -> {
          assertThat(source.getShape()).isEqualTo(importances.get(module).getShape());
          for (float value : source.toFloatArray()) {
            assertThat(value).isEqualTo(random.nextFloat());
          }
        });
  }

  @Test
  void continuousSamplingLeavesImportancesAsTheyAre() {
    NDArray raw = array(0.25f);
    assertThat(Sampling.CONTINUOUS.noisy(raw, new SeededArrays(9))).isSameAs(raw);
  }
}
