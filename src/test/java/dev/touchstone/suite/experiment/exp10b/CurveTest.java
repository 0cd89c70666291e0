package dev.touchstone.suite.experiment.exp10b;

import static org.assertj.core.api.Assertions.assertThat;

import dev.touchstone.model.Head;
import dev.touchstone.suite.observation.Protocol;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CurveTest {
  private static final double BASELINE = 24.2714;

  /** 1.10004 is stored as 1.1 and is within 1.1x; 1.10006 is not. */
  @ParameterizedTest(name = "{0}")
  @CsvSource({"1.10004, 20, 10", "1.10006, 10, 10", "1.09996, 20, 20"})
  void holdsThresholdsAgainstStoredRatios(double ratio, double stored, double unrounded) {
    SortedMap<Integer, Double> perplexities =
        new TreeMap<>(
            Map.of(0, BASELINE, 10, 1.05 * BASELINE, 20, ratio * BASELINE, 30, 1.2 * BASELINE));

    assertThat(within(Rounding.STORED, perplexities)).isEqualTo(stored);
    assertThat(within(Rounding.UNROUNDED, perplexities)).isEqualTo(unrounded);
  }

  private static double within(Rounding kept, SortedMap<Integer, Double> perplexities) {
    return Curve.within(Protocol.REPORTS, kept, perplexities, BASELINE, 1.1);
  }

  @Test
  void measures43HeadsIn10COnly() {
    assertThat(Curve.fineStepsAnd43(144))
        .containsExactly(
            0, 5, 10, 15, 20, 25, 30, 35, 40, 43, 50, 60, 70, 80, 90, 100, 110, 120, 130, 140, 144);
    assertThat(Curve.fineSteps(132))
        .containsExactly(
            0, 5, 10, 15, 20, 25, 30, 35, 40, 50, 60, 70, 80, 90, 100, 110, 120, 130, 132);
    assertThat(Curve.tens(132)).containsExactly(0, 10, 20, 30, 40, 50, 60, 70, 80, 90, 100, 132);
    assertThat(Curve.fineStepsAnd43(42)).containsExactly(0, 5, 10, 15, 20, 25, 30, 35, 40, 42);
  }

  @Test
  void keepsTheOrderOfLayerAndHeadWhereTwoAreEqual() {
    Map<Head, Double> deltas =
        Map.of(
            Head.parse("L10H1"), -5e-5,
            Head.parse("L5H5"), -5e-5,
            Head.parse("L1H5"), -5e-5,
            Head.parse("L0H2"), 0.1,
            Head.parse("L2H0"), -0.1);

    assertThat(Effects.ascending(deltas.keySet(), deltas::get))
        .isEqualTo(heads("L2H0", "L1H5", "L5H5", "L10H1", "L0H2"));
    assertThat(Effects.ascending(deltas.keySet(), head -> -deltas.get(head)))
        .isEqualTo(heads("L0H2", "L1H5", "L5H5", "L10H1", "L2H0"));
  }

  private static List<Head> heads(String... names) {
    return List.of(names).stream().map(Head::parse).toList();
  }
}
