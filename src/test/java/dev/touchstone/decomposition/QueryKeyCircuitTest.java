package dev.touchstone.decomposition;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.touchstone.model.Checkpoint;
import dev.touchstone.model.Head;
import dev.touchstone.model.Weights;
import java.nio.file.Path;
import org.apache.commons.math3.linear.MatrixUtils;
import org.apache.commons.math3.linear.RealMatrix;
import org.junit.jupiter.api.Test;

class QueryKeyCircuitTest {
  private static final RealMatrix QUERY =
      MatrixUtils.createRealMatrix(new double[][] {{1, 2}, {3, 4}, {5, 6}});
  private static final RealMatrix KEY =
      MatrixUtils.createRealMatrix(new double[][] {{1, 0}, {0, 2}, {1, 1}});
  private static final RealMatrix WANTED =
      MatrixUtils.createRealMatrix(new double[][] {{7, -1}, {0, 3}});

  private final QueryKeyCircuit circuit = new QueryKeyCircuit(QUERY, KEY);

  private static void same(RealMatrix seen, RealMatrix expected) {
    assertThat(seen.subtract(expected).getNorm()).isCloseTo(0, within(1e-12));
  }

  @Test
  void isTheProductOfItsMaps() {
    assertThat(circuit.flat()).containsExactly(6, 11, 8, 14);
    assertThat(QueryKeyCircuit.square(circuit.flat()).getData())
        .isDeepEqualTo(new double[][] {{6, 11}, {8, 14}});
  }

  @Test
  void anInjectionMakesItTheWantedOneAndNothingElse() {
    RealMatrix change = circuit.injection(WANTED);

    same(new QueryKeyCircuit(QUERY.add(change), KEY).circuit(), WANTED);
    // (2, 1, -2) stands at right angles to both columns of W_K.
    RealMatrix normal = MatrixUtils.createRealMatrix(new double[][] {{2, 1, -2}});
    assertThat(normal.multiply(change).getNorm()).isCloseTo(0, within(1e-12));
  }

  @Test
  void aQueryMadeOfItAloneGivesIt() {
    RealMatrix query = circuit.pseudoInverseQuery(WANTED);

    same(new QueryKeyCircuit(query, KEY).circuit(), WANTED);
    RealMatrix normal = MatrixUtils.createRealMatrix(new double[][] {{2, 1, -2}});
    assertThat(normal.multiply(query).getNorm()).isCloseTo(0, within(1e-12));
  }

  @Test
  void isReadFromAHeadsWeights() {
    try (NDManager manager = NDManager.newBaseManager()) {
      Path file = Path.of("golden/oracle/weight-processing/raw.safetensors");
      Weights weights = Weights.load(Checkpoint.open(file), manager);
      Head head = new Head(1, 2);

      QueryKeyCircuit read = QueryKeyCircuit.of(weights, head);

      NDArray query = weights.query(head);
      NDArray key = weights.key(head);
      for (int i = 0; i < query.getShape().get(0); i++) {
        for (int j = 0; j < query.getShape().get(1); j++) {
          assertThat(read.query().getEntry(i, j)).isEqualTo(query.getFloat(i, j));
          assertThat(read.key().getEntry(i, j)).isEqualTo(key.getFloat(i, j));
        }
      }
    }
  }
}
