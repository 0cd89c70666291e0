package dev.touchstone.experiment;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import dev.touchstone.corpus.Chunk;
import dev.touchstone.corpus.Once;
import dev.touchstone.decomposition.Pca;
import dev.touchstone.experiment.Observables.Arguments;
import dev.touchstone.intervention.Intervention;
import dev.touchstone.intervention.Materials;
import dev.touchstone.intervention.WriteBasis;
import dev.touchstone.intervention.WriteProjection;
import dev.touchstone.measurement.Bootstrap;
import dev.touchstone.measurement.LossSum;
import dev.touchstone.measurement.Observation;
import dev.touchstone.measurement.Observation.Quantity;
import dev.touchstone.measurement.Observation.Series;
import dev.touchstone.model.Gpt2;
import dev.touchstone.model.Hooks;
import dev.touchstone.model.Site;
import dev.touchstone.tensor.Scope;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;
import org.apache.commons.math3.linear.ArrayRealVector;
import org.apache.commons.math3.stat.descriptive.moment.Mean;
import org.apache.commons.math3.stat.descriptive.moment.StandardDeviation;

/**
 * exp07: what each block writes to the residual stream at the first 1000 positions (delta-phi), its
 * norms (7A), its PCA by layer (7B), pooled (7C) and for attention and MLP apart (7E), and
 * perplexity when every block writes only within some components (7D).
 */
final class ResidualWrites {
  private static final int POSITIONS = 1000;
  private static final String WHAT = "{what:block|attention|mlp}";
  private static final String BASIS = "{basis:individual|shared}";

  private final Bench bench;
  private final Once<Map<Site, List<double[][]>>> writes;
  private final Map<String, Once<Pca>> pcas = new ConcurrentHashMap<>();
  private final Map<String, Once<List<LossSum>>> losses = new ConcurrentHashMap<>();

  ResidualWrites(Bench bench) {
    this.bench = bench;
    this.writes = new Once<>(() -> collect(bench));
  }

  void register(Observables observables) {
    observables
        .add("exp07/positions", a -> Observation.quantity(block(0).length))
        .add("exp07/pooled/rows", a -> Observation.quantity(pooledRows().length))
        .add("exp07/pooled/columns", a -> Observation.quantity(pooledRows()[0].length))
        .add(
            "exp07/norm/{layer:\\d+}/mean",
            a -> Observation.quantity(new Mean().evaluate(norms(a.integer("layer")))))
        .add(
            "exp07/norm/{layer:\\d+}/std",
            a -> Observation.quantity(deviation(norms(a.integer("layer")))))
        .add(
            "exp07/norm/{layer:\\d+}/std-over-mean",
            a -> Observation.quantity(relativeDeviation(a.integer("layer"))))
        .add("exp07/norm/means", a -> series(layer -> new Mean().evaluate(norms(layer))))
        .add(
            "exp07/components/" + WHAT + "/{layer:\\d+}/{threshold:\\d\\d}",
            a -> Observation.quantity(components(a)))
        .add(
            "exp07/components/attention-over-mlp/{layer:\\d+}/{threshold:\\d\\d}",
            a ->
                Observation.quantity(
                    components(Site.ATTENTION_OUTPUT, a) / (double) components(Site.MLP_OUTPUT, a)))
        .add(
            "exp07/components/shared/{threshold:\\d\\d}",
            a -> Observation.quantity(shared().componentsFor(a.integer("threshold") / 100.0)))
        .add(
            "exp07/reconstruction/shared/{k:\\d+}/cosine",
            a -> Observation.quantity(meanOverLayers(a.integer("k"), ResidualWrites::cosine)))
        .add(
            "exp07/reconstruction/shared/{k:\\d+}/relative-l2",
            a ->
                Observation.quantity(meanOverLayers(a.integer("k"), ResidualWrites::relativeError)))
        .add("exp07/baseline/perplexity", a -> perplexity(baseline()))
        .add("exp07/low-rank/" + BASIS + "/{k:\\d+}/perplexity", a -> perplexity(lowRank(a)))
        .add("exp07/low-rank/" + BASIS + "/{k:\\d+}/ratio", a -> ratio(lowRank(a)))
        .add(
            "exp07/pooled/energy-share/{layer:\\d+}",
            a -> Observation.quantity(energyShare(a.integer("layer"))));
  }

  /** For each layer [position][d_model], of the block, its attention and its MLP. */
  private static Map<Site, List<double[][]>> collect(Bench bench) {
    Gpt2 model = bench.subject().model();
    int layers = model.config().layers();
    Map<Site, List<double[][]>> writes = new EnumMap<>(Site.class);
    for (Site site : List.of(Site.RESIDUAL_AFTER, Site.ATTENTION_OUTPUT, Site.MLP_OUTPUT)) {
      writes.put(
          site, IntStream.range(0, layers).mapToObj(layer -> new double[POSITIONS][]).toList());
    }
    int collected = 0;
    for (Chunk chunk : bench.test().all()) {
      int first = collected;
      int positions = Math.min(chunk.tokens().length, POSITIONS - first);
      if (positions == 0) {
        break;
      }
      Hooks hooks =
          new Hooks() {
            private NDArray before;

            @Override
            public NDArray at(Site site, int layer, NDArray activation) {
              if (site == Site.RESIDUAL_BEFORE) {
                before = activation;
              } else if (writes.containsKey(site)) {
                NDArray write = site == Site.RESIDUAL_AFTER ? activation.sub(before) : activation;
                copy(
                    write.toFloatArray(),
                    writes.get(site).get(layer),
                    first,
                    positions,
                    model.config().width());
              }
              return activation;
            }
          };
      long[] ids = Arrays.stream(chunk.tokens()).asLongStream().toArray();
      Scope.measure(
          () -> {
            NDArray tokens = model.manager().create(ids, new Shape(1, ids.length));
            return model.blocks(model.embed(tokens, 0), 0, hooks).getShape();
          });
      collected += positions;
    }
    if (collected < POSITIONS) {
      throw new IllegalStateException(
          "the test text has only " + collected + " of the " + POSITIONS + " positions");
    }
    return writes;
  }

  private static void copy(float[] from, double[][] to, int first, int positions, int width) {
    for (int position = 0; position < positions; position++) {
      double[] row = new double[width];
      for (int i = 0; i < width; i++) {
        row[i] = from[position * width + i];
      }
      to[first + position] = row;
    }
  }

  private double[][] block(int layer) {
    return writes.get().get(Site.RESIDUAL_AFTER).get(layer);
  }

  private int layers() {
    return bench.config().layers();
  }

  private double[][] pooledRows() {
    return IntStream.range(0, layers())
        .mapToObj(this::block)
        .flatMap(Arrays::stream)
        .toArray(double[][]::new);
  }

  private double[] norms(int layer) {
    return Arrays.stream(block(layer))
        .mapToDouble(row -> new ArrayRealVector(row).getNorm())
        .toArray();
  }

  /** The population's, as NumPy's default. */
  private static double deviation(double[] values) {
    return new StandardDeviation(false).evaluate(values);
  }

  private double relativeDeviation(int layer) {
    return deviation(norms(layer)) / new Mean().evaluate(norms(layer));
  }

  private Series series(IntToDoubleFunction ofLayer) {
    return new Series(IntStream.range(0, layers()).mapToObj(ofLayer::applyAsDouble).toList());
  }

  private Pca pca(Site site, int layer) {
    return pcas.computeIfAbsent(
            site + " " + layer, key -> new Once<>(() -> Pca.of(writes.get().get(site).get(layer))))
        .get();
  }

  private Pca shared() {
    return pcas.computeIfAbsent("shared", key -> new Once<>(() -> Pca.of(pooledRows()))).get();
  }

  private int components(Arguments arguments) {
    return components(
        switch (arguments.text("what")) {
          case "attention" -> Site.ATTENTION_OUTPUT;
          case "mlp" -> Site.MLP_OUTPUT;
          default -> Site.RESIDUAL_AFTER;
        },
        arguments);
  }

  private int components(Site site, Arguments arguments) {
    return pca(site, arguments.integer("layer"))
        .componentsFor(arguments.integer("threshold") / 100.0);
  }

  /** A layer's share of the summed squared norms of all layers. */
  private double energyShare(int layer) {
    double[] energy =
        IntStream.range(0, layers())
            .mapToDouble(l -> Arrays.stream(norms(l)).map(norm -> norm * norm).sum())
            .toArray();
    return energy[layer] / Arrays.stream(energy).sum();
  }

  private interface Quality {
    double of(double[][] rows, double[][] rebuilt);
  }

  private double meanOverLayers(int k, Quality quality) {
    return IntStream.range(0, layers())
        .mapToDouble(
            layer -> {
              double[][] rows = block(layer);
              double[][] rebuilt =
                  Arrays.stream(rows)
                      .map(row -> shared().reconstruction(row, k))
                      .toArray(double[][]::new);
              return quality.of(rows, rebuilt);
            })
        .average()
        .orElseThrow();
  }

  /** The mean over rows of the cosine of a row and its reconstruction. */
  private static double cosine(double[][] rows, double[][] rebuilt) {
    return IntStream.range(0, rows.length)
        .mapToDouble(
            i -> new ArrayRealVector(rows[i], false).cosine(new ArrayRealVector(rebuilt[i], false)))
        .average()
        .orElseThrow();
  }

  /** Mean error norm over mean norm. */
  private static double relativeError(double[][] rows, double[][] rebuilt) {
    double error = 0;
    double norm = 0;
    for (int i = 0; i < rows.length; i++) {
      ArrayRealVector row = new ArrayRealVector(rows[i], false);
      error += row.subtract(new ArrayRealVector(rebuilt[i], false)).getNorm();
      norm += row.getNorm();
    }
    return error / norm;
  }

  private List<LossSum> baseline() {
    return losses
        .computeIfAbsent(
            "baseline",
            key ->
                new Once<>(
                    () ->
                        bench
                            .laboratory()
                            .losses(bench.subject(), bench.test(), Intervention.BASELINE)))
        .get();
  }

  private static Quantity perplexity(List<LossSum> losses) {
    return new Quantity(
        LossSum.total(losses).perplexity(), Optional.of(Bootstrap.perplexity(losses)));
  }

  private Quantity ratio(List<LossSum> losses) {
    return new Quantity(
        LossSum.total(losses).perplexity() / LossSum.total(baseline()).perplexity(),
        Optional.of(Bootstrap.ratio(losses, baseline())));
  }

  /** Every block's write projected at once. */
  private List<LossSum> lowRank(Arguments arguments) {
    String basis = arguments.text("basis");
    int k = arguments.integer("k");
    return losses
        .computeIfAbsent(basis + " " + k, key -> new Once<>(() -> project(basis, k)))
        .get();
  }

  private List<LossSum> project(String name, int k) {
    List<Integer> layers = IntStream.range(0, layers()).boxed().toList();
    List<Pca> byLayer =
        layers.stream()
            .map(layer -> name.equals("shared") ? shared() : pca(Site.RESIDUAL_AFTER, layer))
            .toList();
    WriteBasis basis =
        new WriteBasis(
            byLayer.stream().map(pca -> floats(pca.mean())).toList(),
            byLayer.stream().map(pca -> floats(pca.components())).toList());
    Intervention intervention = new WriteProjection(layers, name, k);
    return bench
        .laboratory()
        .losses(
            bench.subject(), bench.test(), List.of(intervention), Materials.NONE.with(name, basis))
        .get(intervention);
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
