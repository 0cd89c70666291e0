package dev.touchstone.statistics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.touchstone.Seeds;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class BootstrapTest {
  private static List<LossSum> chunks(int count, double mean, double deviation, int seed) {
    Random random = new Random(Seeds.seed("BootstrapTest") + seed);
    return IntStream.range(0, count)
        .mapToObj(chunk -> new LossSum(100 * (mean + deviation * random.nextGaussian()), 100))
        .toList();
  }

  @Test
  void coversThePerplexityAsTheNormalApproximationDoes() {
    List<LossSum> losses = chunks(400, 3, 0.5, 1);

    Interval interval = perplexity(losses);

    double perplexity = LossSum.total(losses).perplexity();
    double error = 1.96 * 0.5 / Math.sqrt(400);
    assertThat(interval.contains(perplexity)).isTrue();
    assertThat(Math.log(interval.high() / interval.low()))
        .isCloseTo(2 * error, within(0.2 * error));
  }

  @Test
  void drawsTheSameChunksForBothSidesOfARatio() {
    List<LossSum> baseline = chunks(50, 3, 0.5, 2);
    List<LossSum> tenPercentMore =
        baseline.stream().map(loss -> new LossSum(loss.sum() + 100 * Math.log(1.1), 100)).toList();

    Interval interval = ratio(tenPercentMore, baseline);

    assertThat(interval.low()).isCloseTo(1.1, within(1e-9));
    assertThat(interval.high()).isCloseTo(1.1, within(1e-9));
  }

  @Test
  void givesTheSameIntervalAgain() {
    List<LossSum> losses = chunks(20, 3, 0.5, 3);

    assertThat(perplexity(losses)).isEqualTo(perplexity(losses));
  }

  @Test
  void drawsTheChunksOfOneTextTogetherAndOfTwoTextsApart() {
    List<LossSum> losses = chunks(50, 3, 0.5, 4);

    Interval together =
        Bootstrap.interval(List.of(List.of(losses, losses)), text -> text[0][0] / text[0][1]);
    Interval apart =
        Bootstrap.interval(
            List.of(List.of(losses), List.of(losses)), text -> text[0][0] / text[1][0]);

    assertThat(together.isPoint()).isTrue();
    double width = Math.log(apart.high() / apart.low());
    assertThat(width).isCloseTo(2 * 1.96 * 0.5 * Math.sqrt(2.0 / 50), within(0.2 * width));
  }

  @Test
  void givesWhatFollowsFromTheMeasuredPerplexitiesWithItsInterval() {
    List<LossSum> baseline = chunks(50, 3, 0.5, 5);
    List<LossSum> other = chunks(50, 3.2, 0.5, 6);

    var change =
        Bootstrap.estimate(List.of(List.of(other, baseline)), text -> text[0][0] / text[0][1] - 1);

    assertThat(change.value())
        .isEqualTo(LossSum.total(other).perplexity() / LossSum.total(baseline).perplexity() - 1);
    assertThat(change.interval().contains(change.value())).isTrue();
    assertThat(change.interval().low()).isCloseTo(ratio(other, baseline).low() - 1, within(1e-12));
  }

  /** So that an interval which an earlier version gave is given again. */
  @Test
  void drawsWhatJavasGeneratorDraws() {
    List<LossSum> losses = chunks(7, 3, 0.5, 7);
    Random random = new Random(10);
    double[] drawn =
        IntStream.range(0, 10_000)
            .mapToDouble(
                resample ->
                    LossSum.total(random.ints(7, 0, 7).mapToObj(losses::get).toList()).perplexity())
            .sorted()
            .toArray();

    Interval interval = perplexity(losses);

    assertThat(interval.low()).isCloseTo(drawn[250], within(1e-12 * drawn[250]));
    assertThat(interval.high()).isCloseTo(drawn[9749], within(1e-12 * drawn[9749]));
  }

  @Test
  void twoChunksGiveTheSpanBetweenThem() {
    List<LossSum> two = List.of(new LossSum(300, 100), new LossSum(310, 100));

    assertThat(perplexity(two)).isEqualTo(new Interval(Math.exp(3), Math.exp(3.1)));
  }

  private static Interval ratio(List<LossSum> losses, List<LossSum> baseline) {
    return Bootstrap.interval(List.of(List.of(losses, baseline)), text -> text[0][0] / text[0][1]);
  }

  private static Interval perplexity(List<LossSum> losses) {
    return Bootstrap.interval(List.of(List.of(losses)), text -> text[0][0]);
  }
}
