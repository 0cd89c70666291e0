package dev.touchstone.suite.experiment.exp06;

import dev.touchstone.intervention.HeadSet;
import dev.touchstone.intervention.Materials;
import dev.touchstone.intervention.QueryChange;
import dev.touchstone.intervention.QueryKeyInjection;
import dev.touchstone.suite.subject.TestPerplexity;
import dev.touchstone.suite.subject.TestPerplexity.Cost;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;
import org.apache.commons.math3.linear.RealMatrix;

/** The W_Q of every head changed at once, as exp06 injects a W_QK, and what that costs. */
public final class CircuitInjection {
  private final QueryKeyPca pca;
  private final TestPerplexity text;

  public CircuitInjection(QueryKeyPca pca, TestPerplexity text) {
    this.pca = pca;
    this.text = text;
  }

  Cost baseline() {
    return text.baseline();
  }

  /**
   * What a change of W_Q costs.
   *
   * @param name tells it from other changes
   * @param change of each head, [d_model, d_head]
   */
  Cost cost(String name, IntFunction<RealMatrix> change) {
    HeadCircuits circuits = pca.circuits();
    return text.cost(
        new QueryKeyInjection(HeadSet.of(circuits.heads()), name),
        () -> {
          List<float[]> changes = new ArrayList<>();
          for (int head = 0; head < circuits.heads().size(); head++) {
            changes.add(floats(change.apply(head)));
          }
          return Materials.NONE.with(
              name,
              new QueryChange(circuits.config().heads(), circuits.config().headWidth(), changes));
        });
  }

  private static float[] floats(RealMatrix matrix) {
    int columns = matrix.getColumnDimension();
    float[] values = new float[matrix.getRowDimension() * columns];
    for (int row = 0; row < matrix.getRowDimension(); row++) {
      for (int column = 0; column < columns; column++) {
        values[row * columns + column] = (float) matrix.getEntry(row, column);
      }
    }
    return values;
  }
}
