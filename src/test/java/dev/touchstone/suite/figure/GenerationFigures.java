package dev.touchstone.suite.figure;

import dev.touchstone.statistics.Interval;
import dev.touchstone.suite.observation.Observation.Quantity;
import dev.touchstone.suite.observation.Tier;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import org.knowm.xchart.CategoryChart;
import org.knowm.xchart.CategoryChartBuilder;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.internal.chartpart.Chart;
import org.knowm.xchart.style.Styler.LegendPosition;

/** exp10d, P1 to P3: what generation shows. */
public final class GenerationFigures {
  private static final String REPORT = "exp10d";
  private static final Tier TIER = Tier.TWO_K;
  private static final List<String> CONDITIONS = List.of("baseline", "ReLU-30", "ReLU-70");

  private GenerationFigures() {}

  /** All of them. */
  public static List<Figure> all() {
    return List.of(
        new Figure(
            "exp10d-speed",
            "How fast text is generated with heads linearized by hooks, over the baseline of the same"
                + " way of generating; medians of 10 paired runs, bars reach to their farther 95%"
                + " bound. The absolute speeds stand in the legend.",
            List.of("P1"),
            GenerationFigures::speed),
        new Figure(
            "exp10d-refinement",
            "The perplexity that the unmodified model has on greedy text that goes on and on. Bars are"
                + " 95% intervals over prompts.",
            List.of("P2"),
            GenerationFigures::refinement),
        new Figure(
            "exp10d-repetition",
            "How much of that text is repetition: the share of its runs of four tokens that occur"
                + " earlier in it. Bars are 95% intervals over prompts.",
            List.of("P2"),
            GenerationFigures::repetition),
        new Figure(
            "exp10d-best-of-n",
            "The smallest perplexity among the first N sampled candidates, a mean over prompts. Bars"
                + " are where 95% of draws fall; the report drew once.",
            List.of("P3"),
            GenerationFigures::bestOfN));
  }

  private static Chart<?, ?> speed(FigureData shown) {
    CategoryChart chart =
        new CategoryChartBuilder()
            .width(1200)
            .height(800)
            .title(shown.subject() + ": speed of generation")
            .xAxisTitle("condition")
            .yAxisTitle("speed over the baseline's")
            .build();
    ChartStyle.quiet(chart.getStyler());
    ChartStyle.grid(chart.getStyler());
    chart.getStyler().setLegendPosition(LegendPosition.OutsideS);
    chart.getStyler().setYAxisMin(0.0);
    bars(chart, shown, "generation/", "all tokens anew for each token", 0);
    bars(chart, shown, "generation/cached/", "keys and values kept", 2);
    SortedMap<String, Double> printed =
        shown.printed(REPORT, TIER, Pattern.compile("generation/([^/]+)/change"));
    if (!printed.isEmpty()) {
      printed.put(CONDITIONS.get(0), 0.0);
      chart
          .addSeries(
              REPORT + " prints, of gpt2 on another machine",
              CONDITIONS,
              CONDITIONS.stream().map(condition -> 1 + printed.get(condition)).toList())
          .setFillColor(ChartStyle.GREY);
    }
    return chart;
  }

  private static void bars(
      CategoryChart chart, FigureData shown, String path, String name, int colour) {
    List<Double> speeds = new ArrayList<>();
    List<Double> reaches = new ArrayList<>();
    for (String condition : CONDITIONS) {
      Quantity change = shown.quantity(TIER, path + condition + "/change");
      Interval interval = change.interval().orElseThrow();
      speeds.add(1 + change.value());
      reaches.add(Math.max(interval.high() - change.value(), change.value() - interval.low()));
    }
    double baseline = shown.number(TIER, path + CONDITIONS.get(0) + "/tokens-per-second");
    chart
        .addSeries(
            String.format(Locale.ROOT, "%s (baseline %.3g tokens/s)", name, baseline),
            CONDITIONS,
            speeds,
            reaches)
        .setFillColor(ChartStyle.COLOURS.get(colour));
  }

  private static Chart<?, ?> refinement(FigureData shown) {
    XYChart chart =
        ChartStyle.axes(
            shown.subject() + ": greedy text that goes on",
            "iterations",
            "perplexity to the unmodified model");
    iterations(chart, shown, "perplexity");
    return chart;
  }

  private static Chart<?, ?> repetition(FigureData shown) {
    XYChart chart =
        ChartStyle.axes(
            shown.subject() + ": repetition in greedy text",
            "iterations",
            "share of runs of four tokens that occur earlier");
    iterations(chart, shown, "repeated-4-grams");
    return chart;
  }

  private static void iterations(XYChart chart, FigureData shown, String what) {
    steps(chart, 4);
    conditions(
        chart, shown, List.of(1, 2, 3), condition -> "refinement/" + condition + "/%s/" + what);
  }

  private static Chart<?, ?> bestOfN(FigureData shown) {
    XYChart chart =
        ChartStyle.axes(
            shown.subject() + ": the best of N candidates",
            "N, candidates to choose from",
            "perplexity to the unmodified model");
    steps(chart, 6);
    conditions(
        chart, shown, List.of(1, 2, 3, 5), condition -> "best-of/%s/" + condition + "/perplexity");
    double alone = shown.number(TIER, "best-of/1/baseline/perplexity");
    ChartStyle.rule(chart, "the baseline's only candidate", 0.0, alone, 6.0, alone);
    return chart;
  }

  /** Whole steps up to an end: XChart widens the ticks until no two labels are the same. */
  private static void steps(XYChart chart, int end) {
    chart
        .getStyler()
        .setXAxisMin(0.0)
        .setXAxisMax((double) end)
        .setYAxisMin(0.0)
        .setXAxisDecimalPattern("0");
  }

  /** A line for each condition, drawn a little beside each other, and what the report prints. */
  private static void conditions(
      XYChart chart, FigureData shown, List<Integer> steps, UnaryOperator<String> path) {
    for (int colour = 0; colour < CONDITIONS.size(); colour++) {
      double beside = 0.06 * (colour - 1);
      String template = path.apply(CONDITIONS.get(colour));
      ChartStyle.line(
          chart,
          CONDITIONS.get(colour),
          steps.stream().map(step -> step + beside).toList(),
          steps.stream().map(step -> shown.quantity(TIER, template.formatted(step))).toList(),
          colour);
      SortedMap<Double, Double> printed = new TreeMap<>();
      shown
          .printed(REPORT, TIER, Pattern.compile(template.formatted("(\\d)")))
          .forEach((step, value) -> printed.put(Double.parseDouble(step) + beside, value));
      ChartStyle.printed(
          chart, REPORT + " prints, of gpt2: " + CONDITIONS.get(colour), printed, colour);
    }
  }
}
