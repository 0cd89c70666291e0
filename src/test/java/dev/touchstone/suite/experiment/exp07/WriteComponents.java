package dev.touchstone.suite.experiment.exp07;

import dev.touchstone.model.Site;
import dev.touchstone.suite.observation.Experiment;
import dev.touchstone.suite.observation.Observables;
import dev.touchstone.suite.observation.Observables.Arguments;
import dev.touchstone.suite.observation.Observation;
import dev.touchstone.suite.observation.Observation.Series;
import java.util.Collections;
import java.util.List;
import java.util.function.Function;
import java.util.stream.IntStream;

/**
 * exp07, 7B and 7E: how many components a layer's writes need for a share of their variance, and
 * those of its attention and its MLP apart.
 */
public final class WriteComponents implements Experiment {
  /** The layers that the report calls middle ones, and all but those it calls peculiar. */
  static final List<Integer> MIDDLE = List.of(3, 4, 5, 6, 7, 8);

  private static final List<Integer> OTHERS = List.of(1, 3, 4, 5, 6, 7, 8, 9, 10);

  /** What writes, as paths name it. */
  static final String WHAT = "{what:block|attention|mlp}";

  private static final String THRESHOLD = "/{threshold:\\d\\d}";

  private final ResidualWrites writes;

  public WriteComponents(ResidualWrites writes) {
    this.writes = writes;
  }

  @Override
  public void register(Observables observables) {
    observables
        .add(
            "exp07/components/" + WHAT + "/{layer:\\d+}" + THRESHOLD,
            a -> Observation.quantity(components(site(a), a.integer("layer"), a)))
        .add(
            "exp07/cumulative-variance/" + WHAT + "/{layer:\\d+}/{k:\\d+}",
            a ->
                Observation.quantity(
                    writes
                        .spectrum(WriteSample.FIRST, site(a), a.integer("layer"))
                        .cumulativeShare(a.integer("k"))))
        .add(
            "exp07/components/attention-over-mlp/{layer:\\d+}" + THRESHOLD,
            a -> Observation.quantity(attentionOverMlp(a.integer("layer"), a)))
        .add("exp07/components/block/3-to-8" + THRESHOLD, a -> middle(a, 1))
        .add("exp07/components/block/3-to-8" + THRESHOLD + "/share", a -> middle(a, writes.width()))
        .add(
            "exp07/components/block/3-to-8/lowest" + THRESHOLD,
            a -> extreme(middle(a, 1), Collections::min))
        .add(
            "exp07/components/block/3-to-8/highest" + THRESHOLD,
            a -> extreme(middle(a, 1), Collections::max))
        .add(
            "exp07/components/block/within-{k:\\d+}" + THRESHOLD + "/count",
            a ->
                Observation.quantity(
                    layers().filter(layer -> ofBlock(layer, a) <= a.integer("k")).count()))
        .add(
            "exp07/components/block/others/lowest" + THRESHOLD,
            a -> Observation.quantity(lowestOfOthers(a)))
        .add(
            "exp07/components/block/others/lowest" + THRESHOLD + "/share",
            a -> Observation.quantity(lowestOfOthers(a) / (double) writes.width()))
        .add(
            "exp07/components/attention-over-mlp/3-to-8/highest" + THRESHOLD,
            a -> extreme(attentionOverMlp(MIDDLE, a), Collections::max))
        .add(
            "exp07/components/attention-over-mlp/3-to-8/mean" + THRESHOLD,
            a ->
                Observation.quantity(
                    attentionOverMlp(MIDDLE, a).values().stream()
                        .mapToDouble(Double::doubleValue)
                        .average()
                        .orElseThrow()))
        .add(
            "exp07/components/attention-over-mlp/others" + THRESHOLD,
            a -> attentionOverMlp(OTHERS, a));
  }

  /** Where what a path names is written. */
  static Site site(Arguments arguments) {
    return switch (arguments.text("what")) {
      case "attention" -> Site.ATTENTION_OUTPUT;
      case "mlp" -> Site.MLP_OUTPUT;
      default -> Site.RESIDUAL_AFTER;
    };
  }

  /** The share of the variance that a path's two digits of percent stand for. */
  static double threshold(Arguments arguments) {
    return arguments.integer("threshold") / 100.0;
  }

  private IntStream layers() {
    return IntStream.range(0, writes.layers());
  }

  private int components(Site site, int layer, Arguments arguments) {
    return writes.spectrum(WriteSample.FIRST, site, layer).componentsFor(threshold(arguments));
  }

  private int ofBlock(int layer, Arguments arguments) {
    return components(Site.RESIDUAL_AFTER, layer, arguments);
  }

  private int lowestOfOthers(Arguments arguments) {
    return layers()
        .filter(layer -> layer != 2 && layer != 11)
        .map(layer -> ofBlock(layer, arguments))
        .min()
        .orElseThrow();
  }

  private Series middle(Arguments arguments, double divisor) {
    return new Series(MIDDLE.stream().map(layer -> ofBlock(layer, arguments) / divisor).toList());
  }

  private double attentionOverMlp(int layer, Arguments arguments) {
    return components(Site.ATTENTION_OUTPUT, layer, arguments)
        / (double) components(Site.MLP_OUTPUT, layer, arguments);
  }

  private Series attentionOverMlp(List<Integer> layers, Arguments arguments) {
    return new Series(layers.stream().map(layer -> attentionOverMlp(layer, arguments)).toList());
  }

  private static Observation extreme(Series series, Function<List<Double>, Double> which) {
    return Observation.quantity(which.apply(series.values()));
  }
}
