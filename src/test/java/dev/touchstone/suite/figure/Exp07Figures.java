package dev.touchstone.suite.figure;

import dev.touchstone.suite.observation.Tier;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.internal.chartpart.Chart;

/** exp07: what the blocks write, by components. */
public final class Exp07Figures {
  private static final String REPORT = "exp07";

  /** The report's d_model, to which its numbers of components are held. */
  private static final int PRINTED_WIDTH = 768;

  private static final List<Integer> KEPT = List.of(8, 16, 32, 64, 128, 256, 512, 768);
  private static final List<String> WRITERS = List.of("attention", "mlp", "block");

  private Exp07Figures() {}

  /** All of them. */
  public static List<Figure> all() {
    return List.of(
        new Figure(
            "exp07-components",
            "How many components hold 90% of the variance of what each layer writes, as a share of"
                + " d_model: the attention, the MLP and the whole block.",
            List.of("7B", "7E"),
            Exp07Figures::components),
        new Figure(
            "exp07-perplexity",
            "The perplexity, over the baseline's, when every block writes only along the first"
                + " components of its own writes or of all layers' writes together.",
            List.of("7D"),
            Exp07Figures::perplexity));
  }

  private static Chart<?, ?> components(FigureData shown) {
    XYChart chart =
        ChartStyle.axes(
            shown.subject() + ": components for 90% of the variance of a layer's writes",
            "layer",
            "components over d_model");
    double width = shown.number(Tier.TWO_K, "exp07/pooled/columns");
    List<Integer> layers = IntStream.range(0, shown.grid().layers()).boxed().toList();
    for (String what : WRITERS) {
      int colour = WRITERS.indexOf(what);
      String path = "exp07/components/" + what + "/";
      ChartStyle.curve(
          chart,
          what,
          layers.stream().map(Integer::doubleValue).toList(),
          layers.stream()
              .map(layer -> shown.number(Tier.TWO_K, path + layer + "/90") / width)
              .toList(),
          colour);
      SortedMap<Double, Double> printed = new TreeMap<>();
      shown
          .printed(REPORT, Tier.TWO_K, Pattern.compile(path + "(\\d+)/90"))
          .forEach((layer, k) -> printed.put(Double.valueOf(layer), k / PRINTED_WIDTH));
      ChartStyle.printed(chart, "exp07 prints, of gpt2: " + what, printed, colour);
    }
    return chart;
  }

  private static Chart<?, ?> perplexity(FigureData shown) {
    XYChart chart =
        ChartStyle.axes(
            shown.subject() + ": every block writes along few components",
            "components over d_model",
            "perplexity over the baseline's");
    chart.getStyler().setXAxisLogarithmic(true).setYAxisLogarithmic(true);
    List<String> bases = List.of("individual", "shared");
    for (String basis : bases) {
      int colour = bases.indexOf(basis);
      String path = "exp07/low-rank/" + basis + "/";
      ChartStyle.line(
          chart,
          basis.equals("shared") ? "of all layers together" : "of each layer's own",
          KEPT.stream().map(k -> k / (double) PRINTED_WIDTH).toList(),
          KEPT.stream()
              .map(k -> shown.quantity(Tier.FULL, path + k + "-of-" + PRINTED_WIDTH + "/ratio"))
              .toList(),
          colour);
      SortedMap<Double, Double> printed = new TreeMap<>();
      shown
          .printed(REPORT, Tier.FULL, Pattern.compile(path + "(\\d+)/ratio"))
          .forEach((k, ratio) -> printed.put(Double.parseDouble(k) / PRINTED_WIDTH, ratio));
      ChartStyle.printed(chart, "exp07 prints, of gpt2: " + basis, printed, colour);
    }
    return chart;
  }
}
