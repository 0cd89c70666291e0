package dev.touchstone.suite.experiment.exp07;

import dev.touchstone.decomposition.Pca;
import dev.touchstone.intervention.Materials;
import dev.touchstone.intervention.WriteBasis;
import dev.touchstone.intervention.WriteProjection;
import dev.touchstone.suite.observation.Experiment;
import dev.touchstone.suite.observation.Observables;
import dev.touchstone.suite.observation.Observables.Arguments;
import dev.touchstone.suite.subject.TestPerplexity;
import dev.touchstone.suite.subject.TestPerplexity.Cost;
import java.util.List;
import java.util.stream.IntStream;

/**
 * exp07, 7D: perplexity when every block writes only along the first components of its own writes,
 * or of all layers' together.
 */
public final class LowRankWriting implements Experiment {
  private static final String KEPT =
      "exp07/low-rank/{basis:individual|shared}/{k:" + ComponentCount.PATTERN;

  private final ResidualWrites writes;
  private final TestPerplexity text;

  public LowRankWriting(ResidualWrites writes, TestPerplexity text) {
    this.writes = writes;
    this.text = text;
  }

  @Override
  public void register(Observables observables) {
    observables
        .add(KEPT + "}/perplexity", a -> cost(a).perplexityObserved())
        .add(KEPT + "}/ratio", a -> cost(a).ratioObserved());
  }

  private Cost cost(Arguments arguments) {
    return cost(arguments.text("basis"), arguments.text("k"));
  }

  private Cost cost(String basis, String kept) {
    List<Integer> layers = IntStream.range(0, writes.layers()).boxed().toList();
    return text.cost(
        new WriteProjection(layers, basis, ComponentCount.of(kept, writes.width())),
        () -> Materials.NONE.with(basis, basis(basis, layers)));
  }

  private WriteBasis basis(String name, List<Integer> layers) {
    List<Pca> byLayer =
        layers.stream()
            .map(layer -> name.equals("shared") ? writes.sharedBasis() : writes.ownBasis(layer))
            .toList();
    return new WriteBasis(
        byLayer.stream().map(pca -> floats(pca.mean())).toList(),
        byLayer.stream().map(pca -> floats(pca.components())).toList());
  }

  private static float[] floats(double[]... rows) {
    float[] values = new float[rows.length * rows[0].length];
    for (int row = 0; row < rows.length; row++) {
      for (int i = 0; i < rows[row].length; i++) {
        values[row * rows[row].length + i] = (float) rows[row][i];
      }
    }
    return values;
  }
}
