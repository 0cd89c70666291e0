package dev.touchstone.decomposition;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.Shape;
import dev.touchstone.Seeds;
import dev.touchstone.suite.experiment.spd.Difference;
import dev.touchstone.tensor.SeededArrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ModuleMaskTest {
  private final NDManager manager = NDManager.newBaseManager();
  private final SeededArrays draw = new SeededArrays(Seeds.seed("ModuleMaskTest"));
  private final LinearComponents parts =
      new LinearComponents(
          draw.normal(manager, new Shape(6, 5), 1), draw.normal(manager, new Shape(5, 4), 1));
  private final NDArray weight = draw.normal(manager, new Shape(4, 6), 1);
  private final NDArray input = draw.normal(manager, new Shape(3, 7, 6), 1);
  private final NDArray target = input.matMul(weight.transpose());

  @AfterEach
  void close() {
    manager.close();
  }

  private NDArray apply(ModuleMask mask) {
    return mask.apply(parts, input, () -> target);
  }

  @Test
  void givesEachSequenceOfABatchItsOwnMask() {
    NDArray mask = draw.uniform(manager, new Shape(3, 1, 5));
    NDArray output = apply(ModuleMask.of(mask));
    for (int row = 0; row < 3; row++) {
      NDArray alone = parts.apply(input.get(row), mask.get(row));
      assertThat(Difference.largest(output.get(row), alone)).isCloseTo(0, within(1e-5));
    }
  }

  /** Of 7 sequences, as many as positions, the engine would mask positions. */
  @ParameterizedTest
  @ValueSource(ints = {3, 7})
  void refusesAMaskPerSequenceWithoutAnAxisForPositions(int sequences) {
    NDArray mask = manager.ones(new Shape(sequences, 5));
    assertThatThrownBy(() -> ModuleMask.of(mask))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "a mask of shape (%d, 5) is for one sequence, not for a batch of %d: give it an axis for positions, [batch, 1, C]"
                .formatted(sequences, sequences));
  }

  @Test
  void givesEachPositionItsOwnMask() {
    NDArray mask = draw.uniform(manager, new Shape(3, 7, 5));
    NDArray output = apply(ModuleMask.of(mask));
    NDArray alone = parts.apply(input.get(2).get("4:5"), mask.get(2).get("4:5"));
    assertThat(Difference.largest(output.get(2).get("4:5"), alone)).isCloseTo(0, within(1e-5));
  }

  @Test
  void isTheTargetWithEveryComponentAndTheWholeDelta() {
    ModuleMask mask =
        ModuleMask.of(manager.ones(new Shape(1, 5))).withDelta(manager.ones(new Shape(3)));
    assertThat(Difference.largest(apply(mask), target)).isCloseTo(0, within(1e-4));
  }

  @Test
  void addsAsMuchOfTheDeltaAsItsOwnMaskSays() {
    NDArray ones = manager.ones(new Shape(1, 5));
    NDArray share = draw.uniform(manager, new Shape(3, 7));
    NDArray delta = weight.sub(parts.weight());
    NDArray expected =
        parts.apply(input, ones).add(input.matMul(delta.transpose()).mul(share.expandDims(2)));
    assertThat(Difference.largest(apply(ModuleMask.of(ones).withDelta(share)), expected))
        .isCloseTo(0, within(1e-4));
  }

  @Test
  void usesComponentsOnlyWhereItIsRouted() {
    NDArray ones = manager.ones(new Shape(1, 5));
    NDArray where = draw.binomial(manager, new Shape(3, 7));
    NDArray output = apply(ModuleMask.of(ones).routed(where));
    NDArray everywhere = apply(ModuleMask.of(ones));
    for (int row = 0; row < 3; row++) {
      for (int position = 0; position < 7; position++) {
        boolean routed = where.get(row).getFloat(position) == 1;
        assertThat(
                Difference.largest(
                    output.get(row).get(position),
                    (routed ? everywhere : target).get(row).get(position)))
            .isZero();
      }
    }
  }

  @Test
  void takesOneComponentAway() {
    NDArray mask = manager.ones(new Shape(1, 5));
    mask.set(new NDIndex(0, 2), 0);
    NDArray gone =
        apply(ModuleMask.of(manager.ones(new Shape(1, 5)))).sub(apply(ModuleMask.of(mask)));
    NDArray component = input.matMul(parts.v().get(":, 2:3")).matMul(parts.u().get("2:3"));
    assertThat(Difference.relative(gone, component)).isLessThan(1e-5);
  }
}
