package dev.touchstone.suite.figure;

import dev.touchstone.model.Head;
import dev.touchstone.suite.observation.Grid;
import dev.touchstone.suite.observation.Tier;
import java.awt.Color;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.IntFunction;
import java.util.function.IntUnaryOperator;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.internal.chartpart.Chart;
import org.knowm.xchart.style.markers.SeriesMarkers;

/** exp06: W_QK of all heads under one PCA, and what replacing it costs. */
public final class Exp06Figures {
  private static final String REPORT = "exp06";
  private static final int SHOWN_CLUSTERS = 8;
  private static final List<Integer> KEPT =
      List.of(1, 2, 3, 5, 8, 10, 16, 32, 64, 80, 100, 110, 120, 130, 140, 144);
  private static final List<Integer> CLUSTERS = List.of(4, 8, 12, 16, 32, 64);

  private Exp06Figures() {}

  /** All of them. */
  public static List<Figure> all() {
    return List.of(
        new Figure(
            "exp06-cumulative-variance",
            "The share of the variance of all heads' W_QK that the first components hold: as the"
                + " report takes W_QK, without folding the layer norms, and every W_QK at norm 1.",
            List.of("6A", "6B"),
            Exp06Figures::cumulativeVariance),
        new Figure(
            "exp06-plane-layers",
            "Every head in the plane of the first two components, by layer.",
            List.of("6A"),
            shown ->
                plane(
                    shown,
                    shown.grid().layers(),
                    head -> head / shown.grid().heads(),
                    layer -> "layer " + layer)),
        new Figure(
            "exp06-plane-clusters",
            "The same plane by the clusters that k-means finds in the first 20 components.",
            List.of("6C"),
            Exp06Figures::clusteredPlane),
        new Figure(
            "exp06-perplexity",
            "The perplexity, over the baseline's, when every W_QK is rebuilt from K components or"
                + " is its cluster's representative. Bars are 95% intervals over chunks.",
            List.of("6B", "6C"),
            Exp06Figures::perplexity));
  }

  private static Chart<?, ?> cumulativeVariance(FigureData shown) {
    XYChart chart =
        ChartStyle.axes(
            shown.subject() + ": components of W_QK", "components", "cumulative share of variance");
    chart.getStyler().setYAxisMin(0.0).setYAxisMax(1.0);
    variance(chart, shown, "folded/own-norm", "as the report takes it", 0);
    variance(chart, shown, "unfolded/own-norm", "layer norms not folded", 1);
    variance(chart, shown, "folded/unit-norm", "each W_QK at norm 1", 2);
    SortedMap<Double, Double> thresholds = new TreeMap<>();
    shown
        .printed(REPORT, Tier.NONE, Pattern.compile("exp06/wqk/components/(\\d\\d)"))
        .forEach((percent, k) -> thresholds.put(k, Double.parseDouble(percent) / 100));
    ChartStyle.printed(chart, "6A prints, of gpt2", thresholds, 0);
    ChartStyle.printed(
        chart,
        "6B prints, of gpt2",
        byNumber(
            shown.printed(
                REPORT, Tier.NONE, Pattern.compile("exp06/wqk/cumulative-variance/(\\d+)"))),
        3);
    return chart;
  }

  private static void variance(
      XYChart chart, FigureData shown, String variant, String name, int colour) {
    List<Double> x = new ArrayList<>();
    List<Double> y = new ArrayList<>();
    for (int k = 1; k <= shown.grid().all(); k++) {
      x.add((double) k);
      y.add(shown.number(Tier.NONE, "exp06/variants/" + variant + "/cumulative-variance/" + k));
    }
    ChartStyle.curve(chart, name, x, y, colour);
  }

  private static Chart<?, ?> clusteredPlane(FigureData shown) {
    List<Double> representatives =
        shown.series(
            Tier.NONE,
            "exp06/clusters/" + shown.grid().carry(Grid::all, SHOWN_CLUSTERS) + "/representatives");
    List<Double> distinct = representatives.stream().distinct().sorted().toList();
    return plane(
        shown,
        distinct.size(),
        head -> distinct.indexOf(representatives.get(head)),
        cluster -> "like " + name(shown.grid(), distinct.get(cluster).intValue()));
  }

  private static String name(Grid grid, int head) {
    return new Head(head / grid.heads(), head % grid.heads()).toString();
  }

  private static Chart<?, ?> plane(
      FigureData shown, int groups, IntUnaryOperator group, IntFunction<String> name) {
    XYChart chart =
        ChartStyle.axes(
            shown.subject() + ": heads in the plane of the first two components of W_QK",
            "first component",
            "second component");
    List<Double> first = shown.series(Tier.NONE, "exp06/plane/pc1");
    List<Double> second = shown.series(Tier.NONE, "exp06/plane/pc2");
    for (int g = 0; g < groups; g++) {
      int wanted = g;
      List<Integer> heads =
          IntStream.range(0, shown.grid().all())
              .filter(head -> group.applyAsInt(head) == wanted)
              .boxed()
              .toList();
      ChartStyle.points(
          chart,
          name.apply(g),
          heads.stream().map(first::get).toList(),
          heads.stream().map(second::get).toList(),
          hue(g, groups),
          SeriesMarkers.CIRCLE);
    }
    return chart;
  }

  /** From blue by way of green to red. */
  private static Color hue(int group, int groups) {
    return Color.getHSBColor(0.66f * (1 - group / Math.max(1f, groups - 1f)), 0.85f, 0.8f);
  }

  private static Chart<?, ?> perplexity(FigureData shown) {
    XYChart chart =
        ChartStyle.axes(
            shown.subject() + ": every W_QK replaced",
            "components or clusters",
            "perplexity over the baseline's");
    chart.getStyler().setXAxisLogarithmic(true).setYAxisLogarithmic(true);
    cost(chart, shown, "exp06/injection/", "rebuilt from components", KEPT, 0);
    cost(chart, shown, "exp06/clusters/", "the cluster's representative", CLUSTERS, 1);
    printed(chart, shown, "injection", "6B", 0);
    printed(chart, shown, "clusters", "6C", 1);
    return chart;
  }

  private static void cost(
      XYChart chart,
      FigureData shown,
      String path,
      String name,
      List<Integer> reported,
      int colour) {
    List<Integer> steps =
        reported.stream().map(k -> shown.grid().carry(Grid::all, k)).distinct().toList();
    ChartStyle.line(
        chart,
        name,
        steps.stream().map(Integer::doubleValue).toList(),
        steps.stream().map(k -> shown.quantity(Tier.FULL, path + k + "/ratio")).toList(),
        colour);
  }

  private static void printed(
      XYChart chart, FigureData shown, String what, String part, int colour) {
    ChartStyle.printed(
        chart,
        part + " prints, of gpt2",
        byNumber(
            shown.printed(REPORT, Tier.FULL, Pattern.compile("exp06/" + what + "/(\\d+)/ratio"))),
        colour);
  }

  private static SortedMap<Double, Double> byNumber(SortedMap<String, Double> printed) {
    SortedMap<Double, Double> byNumber = new TreeMap<>();
    printed.forEach((key, value) -> byNumber.put(Double.valueOf(key), value));
    return byNumber;
  }
}
