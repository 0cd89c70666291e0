package dev.touchstone.suite.experiment.exp10d;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.touchstone.suite.experiment.exp10b.Rounding;
import java.io.File;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ValidationRowTest {
  /**
   * V5's rows as the oracle has them, in both orders of heads: that of {@code best_ranking}, and
   * ReLU's own, in which a 2K ratio of 1.0001 counts as no growth.
   */
  @ParameterizedTest(name = "{0}, {1}")
  @CsvSource({
    "/V5, STORED, stored, 82.4",
    "/V5, UNROUNDED, unrounded, 81.9",
    "/by-relu/V5, STORED, stored, 120.2",
    "/by-relu/V5, UNROUNDED, unrounded, 119.7"
  })
  void givesTheOraclesRowsAndTheirMean(String place, Rounding kept, String name, double printed)
      throws IOException {
    JsonNode oracle =
        new ObjectMapper().readTree(new File("golden/oracle/nano144/stored.json")).at(place);
    List<ValidationRow> rows = new ArrayList<>();
    for (JsonNode each : oracle.get("rows")) {
      String row = each.get("row").textValue();
      JsonNode figures = each.get(name);
      ValidationRow difference =
          difference(row, kept, figures.get("2k").doubleValue(), figures.get("full").doubleValue());

      assertThat(difference.percent())
          .as(row)
          .isCloseTo(figures.get("percent").doubleValue(), within(1e-9));
      assertThat(difference.averaged()).as(row).isEqualTo(each.get("averaged").booleanValue());
      rows.add(difference);
    }

    assertThat(rows).hasSize(25);
    assertThat(ValidationRow.mean(rows))
        .isCloseTo(oracle.at("/mean/" + name).doubleValue(), within(1e-9))
        .isCloseTo(printed, within(0.05));
  }

  private static ValidationRow difference(String row, Rounding kept, double twoK, double full) {
    return row.startsWith("relu/")
        ? ValidationRow.ofGrowth(kept, twoK, full)
        : row.equals("baseline")
            ? ValidationRow.ofPerplexities(kept, twoK, full)
            : ValidationRow.ofEffects(kept, twoK, full);
  }

  /** GPT-2's rows as the report's tables print them; V3's changes are printed themselves. */
  @Test
  void givesThePrintedMeanOfThePrintedRows() {
    Rounding kept = Rounding.STORED;
    List<ValidationRow> rows = new ArrayList<>();
    rows.add(ValidationRow.ofPerplexities(kept, 24.27, 31.04));
    double[][] zeroed = {
      {2.365, 2.806}, {0.734, 0.634}, {0.678, 0.722}, {0.547, 0.459}, {0.247, 0.254},
      {0.159, 0.132}, {0.156, 0.156}, {0.131, 0.146}, {0.072, 0.073}, {0.072, 0.091}
    };
    for (double[] each : zeroed) {
      rows.add(ValidationRow.ofEffects(kept, each[0], each[1]));
    }
    rows.add(new ValidationRow(2.365, 2.806, 19));
    rows.add(new ValidationRow(0.011, 0.009, -14));
    rows.add(new ValidationRow(219, 303, 38));
    double[][] ratios = {
      {1.008, 1.023},
      {1.022, 1.060},
      {1.087, 1.133},
      {1.142, 1.203},
      {1.214, 1.279},
      {1.366, 1.414},
      {1.481, 1.537},
      {1.534, 1.605},
      {1.881, 1.921},
      {2.331, 2.373},
      {12.69, 11.75}
    };
    for (double[] each : ratios) {
      rows.add(ValidationRow.ofGrowth(kept, each[0], each[1]));
    }

    assertThat(rows).hasSize(25);
    assertThat(ValidationRow.mean(rows)).isCloseTo(24.6, within(0.05));
  }

  @Test
  void leavesOutWhatWasNothingOn2K() {
    ValidationRow nothing = ValidationRow.ofEffects(Rounding.STORED, -1e-4, 0.5);
    ValidationRow grown = ValidationRow.ofGrowth(Rounding.STORED, 1.0001, 1.5);
    ValidationRow half = ValidationRow.ofEffects(Rounding.STORED, -0.2, -0.1);

    assertThat(nothing.averaged()).isFalse();
    assertThat(grown).isEqualTo(new ValidationRow(1.0001, 1.5, 0));
    assertThat(half.percent()).isEqualTo(50);
    assertThat(ValidationRow.mean(List.of(nothing, grown, half))).isEqualTo(25);
  }
}
