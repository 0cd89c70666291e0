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
import dev.touchstone.measurement.Observation.Names;
import dev.touchstone.measurement.Observation.Quantity;
import dev.touchstone.measurement.Observation.Series;
import dev.touchstone.model.Gpt2;
import dev.touchstone.model.Hooks;
import dev.touchstone.model.Site;
import dev.touchstone.tensor.Scope;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.function.IntToDoubleFunction;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import java.util.stream.Stream;
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

  /** The layers that the report calls middle ones, and all but those it calls peculiar. */
  private static final List<Integer> MIDDLE = List.of(3, 4, 5, 6, 7, 8);

  private static final List<Integer> OTHERS = List.of(1, 3, 4, 5, 6, 7, 8, 9, 10);
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
            "exp07/norm/{layer:\\d+}/mean", a -> Observation.quantity(meanNorm(a.integer("layer"))))
        .add(
            "exp07/norm/{layer:\\d+}/std",
            a -> Observation.quantity(deviation(norms(a.integer("layer")))))
        .add(
            "exp07/norm/{layer:\\d+}/std-over-mean",
            a -> Observation.quantity(relativeDeviation(a.integer("layer"))))
        .add("exp07/norm/means", a -> series(this::meanNorm))
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
            "exp07/low-rank/" + BASIS + "/{k:\\d+}/perplexity-error",
            a ->
                Observation.quantity(
                    Math.abs(
                        LossSum.total(lowRank(a)).perplexity()
                            - LossSum.total(baseline()).perplexity())))
        .add(
            "exp07/low-rank/" + BASIS + "/8-16-32/perplexities",
            a ->
                new Series(
                    Stream.of(8, 16, 32)
                        .map(k -> LossSum.total(lowRank(a.text("basis"), k)).perplexity())
                        .toList()))
        .add("exp07/norm/std-over-mean/rank/{n:\\d+}", this::layerOfDeviationRank)
        .add(
            "exp07/norm/11-over-3-to-8/mean",
            a -> Observation.quantity(meanNorm(11) / middleNorms().average().orElseThrow()))
        .add(
            "exp07/norm/11-over-3-to-8/smallest",
            a -> Observation.quantity(meanNorm(11) / middleNorms().min().orElseThrow()))
        .add("exp07/components/block/3-to-8/{threshold:\\d\\d}", a -> middleComponents(a, 1))
        .add(
            "exp07/components/block/3-to-8/{threshold:\\d\\d}/share",
            a -> middleComponents(a, bench.config().width()))
        .add(
            "exp07/components/block/3-to-8/lowest/{threshold:\\d\\d}",
            a -> extreme(middleComponents(a, 1), Collections::min))
        .add(
            "exp07/components/block/3-to-8/highest/{threshold:\\d\\d}",
            a -> extreme(middleComponents(a, 1), Collections::max))
        .add(
            "exp07/components/block/within-{k:\\d+}/{threshold:\\d\\d}/count",
            a ->
                Observation.quantity(
                    IntStream.range(0, layers())
                        .filter(
                            layer -> components(Site.RESIDUAL_AFTER, layer, a) <= a.integer("k"))
                        .count()))
        .add(
            "exp07/components/block/others/lowest/{threshold:\\d\\d}",
            a ->
                Observation.quantity(
                    IntStream.range(0, layers())
                        .filter(layer -> layer != 2 && layer != 11)
                        .map(layer -> components(Site.RESIDUAL_AFTER, layer, a))
                        .min()
                        .orElseThrow()))
        .add(
            "exp07/components/attention-over-mlp/3-to-8/highest/{threshold:\\d\\d}",
            a -> extreme(attentionOverMlp(MIDDLE, a), Collections::max))
        .add(
            "exp07/components/attention-over-mlp/3-to-8/mean/{threshold:\\d\\d}",
            a ->
                Observation.quantity(
                    attentionOverMlp(MIDDLE, a).values().stream()
                        .mapToDouble(Double::doubleValue)
                        .average()
                        .orElseThrow()))
        .add(
            "exp07/components/attention-over-mlp/others/{threshold:\\d\\d}",
            a -> attentionOverMlp(OTHERS, a))
        .add(
            "exp07/components/shared-without-11/{threshold:\\d\\d}",
            a -> Observation.quantity(withoutLast().componentsFor(a.integer("threshold") / 100.0)))
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
    return deviation(norms(layer)) / meanNorm(layer);
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
    return components(site, arguments.integer("layer"), arguments);
  }

  private int components(Site site, int layer, Arguments arguments) {
    return pca(site, layer).componentsFor(arguments.integer("threshold") / 100.0);
  }

  private Series middleComponents(Arguments arguments, double divisor) {
    return new Series(
        MIDDLE.stream()
            .map(layer -> components(Site.RESIDUAL_AFTER, layer, arguments) / divisor)
            .toList());
  }

  private Series attentionOverMlp(List<Integer> layers, Arguments arguments) {
    return new Series(
        layers.stream()
            .map(
                layer ->
                    components(Site.ATTENTION_OUTPUT, layer, arguments)
                        / (double) components(Site.MLP_OUTPUT, layer, arguments))
            .toList());
  }

  private static Observation extreme(Series series, Function<List<Double>, Double> which) {
    return Observation.quantity(which.apply(series.values()));
  }

  private Observation layerOfDeviationRank(Arguments arguments) {
    List<Integer> ranked =
        IntStream.range(0, layers())
            .boxed()
            .sorted(Comparator.comparingDouble(layer -> -relativeDeviation(layer)))
            .toList();
    return new Names(List.of("L" + ranked.get(arguments.integer("n") - 1)));
  }

  private double meanNorm(int layer) {
    return new Mean().evaluate(norms(layer));
  }

  private DoubleStream middleNorms() {
    return MIDDLE.stream().mapToDouble(this::meanNorm);
  }

  private Pca withoutLast() {
    return pcas.computeIfAbsent(
            "without the last layer",
            key ->
                new Once<>(
                    () ->
                        Pca.of(
                            IntStream.range(0, layers() - 1)
                                .mapToObj(this::block)
                                .flatMap(Arrays::stream)
                                .toArray(double[][]::new))))
        .get();
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

  private List<LossSum> lowRank(Arguments arguments) {
    return lowRank(arguments.text("basis"), arguments.integer("k"));
  }

  /** Every block's write projected at once. */
  private List<LossSum> lowRank(String basis, int k) {
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
