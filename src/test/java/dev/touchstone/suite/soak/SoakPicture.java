package dev.touchstone.suite.soak;

import dev.touchstone.suite.figure.ChartStyle;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.BitmapEncoder.BitmapFormat;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.style.Styler.LegendPosition;

/** What a soak held, round by round, with the line of its second half. */
final class SoakPicture {
  private SoakPicture() {}

  /** Four charts as a PNG. */
  static byte[] of(List<Held> held) throws IOException {
    ByteArrayOutputStream png = new ByteArrayOutputStream();
    List<XYChart> charts = Arrays.stream(Watched.values()).map(each -> chart(each, held)).toList();
    BitmapEncoder.saveBitmap(charts, 2, 2, png, BitmapFormat.PNG);
    return png.toByteArray();
  }

  private static XYChart chart(Watched watched, List<Held> held) {
    XYChart chart =
        ChartStyle.axes(
            watched.title(),
            "rounds of %d interventions and %d generations"
                .formatted(Soak.INTERVENTIONS, Soak.GENERATIONS),
            "");
    chart.getStyler().setLegendPosition(LegendPosition.InsideSE);
    double most = held.stream().mapToDouble(watched::of).max().orElseThrow();
    // From 0 on, or else the last digits of something flat would look like mountains.
    chart.getStyler().setYAxisMin(0.0).setYAxisMax(1.2 * most);
    Trend trend = Trend.of(held, watched::of);
    ChartStyle.curve(
        chart,
        "seen",
        held.stream().map(look -> (double) look.done()).toList(),
        held.stream().map(watched::of).toList(),
        0);
    ChartStyle.curve(
        chart,
        trend.toString(),
        List.of((double) trend.from().round(), (double) trend.to().round()),
        List.of(trend.from().value(), trend.to().value()),
        1);
    return chart;
  }
}
