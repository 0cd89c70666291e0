package dev.touchstone.decomposition;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.touchstone.decomposition.ImportanceNetwork.Kind;
import dev.touchstone.decomposition.ImportanceNetwork.Layer;
import dev.touchstone.suite.experiment.spd.Difference;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Worked out by hand, of an input of one sequence with the positions (1, 0) and (0, -1). */
class ImportanceNetworkTest {
  /** x times the normal distribution below x, from a table: GELU of 1 and of -1. */
  private static final double GELU_1 = 0.8413447;

  private static final double GELU_MINUS_1 = -0.1586553;

  private final NDManager manager = NDManager.newBaseManager();
  private final NDArray input = array(new Shape(1, 2, 2), 1, 0, 0, -1);

  /** Component 0 reads x + 2 y, component 1 reads 3 x + y. */
  private final LinearComponents components =
      new LinearComponents(array(new Shape(2, 2), 1, 3, 2, 1), array(new Shape(2, 1), 1, 1));

  @AfterEach
  void close() {
    manager.close();
  }

  private NDArray array(Shape shape, float... values) {
    return manager.create(values, shape);
  }

  private void importances(Kind kind, List<Layer> layers, double... expected) {
    ImportanceNetwork network = ImportanceNetwork.of(layers);
    assertThat(network.kind()).isEqualTo(kind);
    NDArray seen = network.apply(input, components);
    assertThat(seen.getShape()).isEqualTo(new Shape(1, 2, 2));
    assertThat(Difference.largest(seen, expected)).isCloseTo(0, within(1e-5));
  }

  @Test
  void oneNetworkReadsTheInputForAll() {
    importances(
        Kind.SHARED,
        List.of(new Layer(array(new Shape(2, 2), 1, 2, 3, 4), array(new Shape(2), 10, 20))),
        11,
        22,
        7,
        16);
  }

  @Test
  void everyNetworkReadsTheInput() {
    importances(
        Kind.VECTOR,
        List.of(new Layer(array(new Shape(2, 2, 1), 1, 2, 3, 4), array(new Shape(2, 1), 10, 20))),
        11,
        23,
        8,
        16);
  }

  /** The components read (1, 3) and (-2, -1). */
  @Test
  void everyNetworkReadsItsComponent() {
    importances(
        Kind.PER_COMPONENT,
        List.of(new Layer(array(new Shape(2, 1, 1), 2, 5), array(new Shape(2, 1), 10, 20))),
        12,
        35,
        6,
        15);
  }

  @Test
  void betweenLayersStandsGelu() {
    Layer same = new Layer(array(new Shape(2, 2), 1, 0, 0, 1), array(new Shape(2), 0, 0));
    importances(Kind.SHARED, List.of(same, same), GELU_1, 0, 0, GELU_MINUS_1);
  }

  @Test
  void needsALayerOfAKnownKind() {
    assertThatThrownBy(() -> ImportanceNetwork.of(List.of()))
        .hasMessage("a network of causal importance needs a layer");
    Layer flat = new Layer(manager.ones(new Shape(3)), manager.ones(new Shape(3)));
    assertThatThrownBy(() -> ImportanceNetwork.of(List.of(flat)))
        .hasMessage("a first layer of shape (3) is neither [in, out] nor [C, in, out]");
  }
}
