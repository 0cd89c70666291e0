package dev.touchstone.suite.figure;

import dev.touchstone.model.Head;
import dev.touchstone.suite.observation.Observation.Quantity;
import dev.touchstone.suite.observation.Tier;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.internal.chartpart.Chart;
import org.knowm.xchart.style.markers.SeriesMarkers;

/** exp10b and exp10d: what happens when heads are ablated or linearized. */
public final class Exp10Figures {
  private static final String REPORT = "exp10b";
  private static final List<Double> THRESHOLDS = List.of(1.1, 1.5, 2.0);

  private Exp10Figures() {}

  /** All of them. */
  public static List<Figure> all() {
    return List.of(
        new Figure(
            "exp10b-zero-against-mean",
            "Each head's effect on the perplexity when its output is zeroed and when it is replaced"
                + " by its mean. Below the diagonal the mean alone does part of the head's work.",
            List.of("10E"),
            Exp10Figures::zeroAgainstMean),
        new Figure(
            "exp10b-heads-zero",
            "The change of the perplexity when one head is zeroed, by layer and head. The colour's"
                + " scale is logarithmic on both sides of 0.",
            List.of("10E", "10H"),
            shown -> HeadMap.of(shown, "zero", "zeroed")),
        new Figure(
            "exp10b-heads-mean",
            "The change of the perplexity when one head is replaced by its mean, in the same colours.",
            List.of("10E"),
            shown -> HeadMap.of(shown, "mean", "replaced by its mean")),
        new Figure(
            "exp10b-cumulative",
            "The perplexity, over the baseline's, as heads go together, the least important first.",
            List.of("10F", "10G"),
            Exp10Figures::cumulative),
        new Figure(
            "exp10b-l0-protected",
            "The same with layer 0 protected, up to three times the baseline: how many heads can go"
                + " before a threshold is crossed.",
            List.of("10F", "10G"),
            Exp10Figures::protectedPareto),
        new Figure(
            "exp10d-relu",
            "The perplexity, over the baseline's, as heads above layer 0 get ReLU attention, over"
                + " 2048 tokens and over all. Bars are 95% intervals over chunks.",
            List.of("V4", "V5"),
            Exp10Figures::relu),
        new Figure(
            "exp10d-context",
            "What ReLU attention in 30 and 70 heads costs at shorter contexts. Bars are 95%"
                + " intervals over chunks.",
            List.of("P4"),
            Exp10Figures::context));
  }

  private static String layersAbove0(FigureData shown) {
    return "layers 1-" + (shown.grid().layers() - 1);
  }

  private static Chart<?, ?> zeroAgainstMean(FigureData shown) {
    XYChart chart =
        ChartStyle.axes(
            shown.subject() + ": a head zeroed, and replaced by its mean",
            "|change of perplexity| when zeroed, %",
            "|change of perplexity| when mean-ablated, %");
    chart.getStyler().setXAxisLogarithmic(true).setYAxisLogarithmic(true);
    double smallest = 1e-3;
    double largest = 100;
    Scatter protectedLayer = new Scatter();
    Scatter same = new Scatter();
    Scatter flipped = new Scatter();
    List<Head> heads = Head.all(shown.grid().layers(), shown.grid().heads());
    List<Double> zeroDeltas = shown.series(Tier.TWO_K, "heads/zero/deltas");
    List<Double> meanDeltas = shown.series(Tier.TWO_K, "heads/mean/deltas");
    for (int i = 0; i < heads.size(); i++) {
      double zero = 100 * zeroDeltas.get(i);
      double mean = 100 * meanDeltas.get(i);
      largest = Math.max(largest, Math.max(Math.abs(zero), Math.abs(mean)));
      Scatter group =
          heads.get(i).layer() == 0 ? protectedLayer : zero < 0 == mean < 0 ? same : flipped;
      group.add(Math.max(Math.abs(zero), smallest), Math.max(Math.abs(mean), smallest));
    }
    protectedLayer.draw(chart, "layer 0", 1);
    same.draw(chart, layersAbove0(shown) + ", same sign", 0);
    flipped.draw(chart, layersAbove0(shown) + ", sign flips", 2);
    SortedMap<String, Double> zero =
        shown.printed(REPORT, Tier.TWO_K, Pattern.compile("heads/zero/(L\\d+H\\d+)/delta"));
    SortedMap<String, Double> mean =
        shown.printed(REPORT, Tier.TWO_K, Pattern.compile("heads/mean/(L\\d+H\\d+)/delta"));
    SortedMap<Double, Double> both = new TreeMap<>();
    zero.forEach(
        (head, value) -> {
          if (mean.containsKey(head)) {
            both.put(100 * Math.abs(value), 100 * Math.abs(mean.get(head)));
          }
        });
    ChartStyle.printed(chart, "exp10b prints, of gpt2", both, 3);
    ChartStyle.rule(chart, "equal", smallest, smallest, largest, largest);
    return chart;
  }

  private static final class Scatter {
    private final List<Double> x = new ArrayList<>();
    private final List<Double> y = new ArrayList<>();

    void add(double across, double up) {
      x.add(across);
      y.add(up);
    }

    void draw(XYChart chart, String name, int colour) {
      if (!x.isEmpty()) {
        ChartStyle.points(chart, name, x, y, ChartStyle.COLOURS.get(colour), SeriesMarkers.CIRCLE);
      }
    }
  }

  private static Chart<?, ?> cumulative(FigureData shown) {
    XYChart chart =
        ChartStyle.axes(
            shown.subject() + ": heads ablated together",
            "heads ablated",
            "perplexity over the baseline's");
    chart.getStyler().setYAxisLogarithmic(true);
    curve(chart, shown, Tier.TWO_K, "zero-all", "zero, all heads", 0, Double.MAX_VALUE);
    curve(
        chart,
        shown,
        Tier.TWO_K,
        "zero-l0-protected",
        "zero, " + layersAbove0(shown),
        1,
        Double.MAX_VALUE);
    curve(
        chart,
        shown,
        Tier.TWO_K,
        "mean-l0-protected",
        "mean, " + layersAbove0(shown),
        2,
        Double.MAX_VALUE);
    printedCurve(chart, shown, REPORT, Tier.TWO_K, "mean-l0-protected", 2, Double.MAX_VALUE);
    ChartStyle.thresholds(chart, shown.grid().all(), THRESHOLDS);
    return chart;
  }

  private static Chart<?, ?> protectedPareto(FigureData shown) {
    double highest = 3;
    XYChart chart =
        ChartStyle.axes(
            shown.subject() + ": heads of " + layersAbove0(shown) + " ablated together",
            "heads ablated (after the harmful ones, where those went first)",
            "perplexity over the baseline's");
    curve(chart, shown, Tier.TWO_K, "zero-l0-protected", "zero", 1, highest);
    curve(chart, shown, Tier.TWO_K, "mean-l0-protected", "mean", 2, highest);
    curve(chart, shown, Tier.TWO_K, "harmful-first", "harmful zeroed, then mean", 4, highest);
    printedCurve(chart, shown, REPORT, Tier.TWO_K, "mean-l0-protected", 2, highest);
    ChartStyle.thresholds(chart, shown.grid().aboveLayer0(), THRESHOLDS);
    return chart;
  }

  private static Chart<?, ?> relu(FigureData shown) {
    XYChart chart =
        ChartStyle.axes(
            shown.subject() + ": heads with ReLU attention",
            "heads of " + layersAbove0(shown) + " with ReLU attention",
            "perplexity over the baseline's");
    chart.getStyler().setYAxisLogarithmic(true);
    curve(chart, shown, Tier.TWO_K, "relu", "2048 tokens", 0, Double.MAX_VALUE);
    curve(chart, shown, Tier.FULL, "relu", "all tokens", 1, Double.MAX_VALUE);
    printedCurve(chart, shown, "exp10d", Tier.TWO_K, "relu", 0, Double.MAX_VALUE);
    printedCurve(chart, shown, "exp10d", Tier.FULL, "relu", 1, Double.MAX_VALUE);
    ChartStyle.thresholds(chart, shown.grid().aboveLayer0(), THRESHOLDS);
    return chart;
  }

  private static Chart<?, ?> context(FigureData shown) {
    XYChart chart =
        ChartStyle.axes(
            shown.subject() + ": ReLU attention at shorter contexts",
            "tokens in a chunk",
            "perplexity over the unmodified model's");
    // Lengths are doublings; XChart's logarithms are decimal.
    chart.getStyler().setXAxisMaxLabelCount(12);
    chart
        .getStyler()
        .setxAxisTickLabelsFormattingFunction(
            exponent -> exponent % 1 == 0 ? "" + (1 << exponent.intValue()) : "");
    List<Double> lengths = shown.series(Tier.FULL, "context/lengths");
    int colour = 0;
    for (String condition : List.of("relu-30", "relu-70")) {
      ChartStyle.line(
          chart,
          condition.replace("relu-", "ReLU in ") + " heads",
          lengths.stream().map(Exp10Figures::exponent).toList(),
          lengths.stream()
              .map(n -> "context/" + n.intValue() + "/" + condition + "/ratio")
              .map(path -> shown.quantity(Tier.FULL, path))
              .toList(),
          colour);
      SortedMap<Double, Double> printed = new TreeMap<>();
      shown
          .printed("exp10d", Tier.FULL, Pattern.compile("context/(\\d+)/" + condition + "/ratio"))
          .forEach((length, ratio) -> printed.put(exponent(Double.parseDouble(length)), ratio));
      ChartStyle.printed(chart, "exp10d prints, of gpt2: " + condition, printed, colour);
      colour++;
    }
    return chart;
  }

  private static double exponent(double length) {
    return Math.log(length) / Math.log(2);
  }

  private static void curve(
      XYChart chart,
      FigureData shown,
      Tier tier,
      String curve,
      String name,
      int colour,
      double highest) {
    List<Double> steps = new ArrayList<>();
    List<Quantity> ratios = new ArrayList<>();
    for (double step : shown.series(tier, "cumulative/" + curve + "/steps")) {
      Quantity ratio = shown.quantity(tier, "cumulative/" + curve + "/" + (int) step + "/ratio");
      if (ratio.value() <= highest) {
        steps.add(step);
        ratios.add(ratio);
      }
    }
    ChartStyle.line(chart, name, steps, ratios, colour);
  }

  private static void printedCurve(
      XYChart chart,
      FigureData shown,
      String report,
      Tier tier,
      String curve,
      int colour,
      double highest) {
    SortedMap<Double, Double> printed = new TreeMap<>();
    shown
        .printed(report, tier, Pattern.compile("cumulative/" + curve + "/(\\d+)/ratio"))
        .forEach((heads, ratio) -> printed.put(Double.valueOf(heads), ratio));
    printed.values().removeIf(ratio -> ratio > highest);
    String text =
        tier == Tier.FULL ? ", all tokens" : report.equals("exp10d") ? ", 2048 tokens" : "";
    ChartStyle.printed(chart, report + " prints, of gpt2" + text, printed, colour);
  }
}
