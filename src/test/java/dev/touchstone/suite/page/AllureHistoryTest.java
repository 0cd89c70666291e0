package dev.touchstone.suite.page;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AllureHistoryTest {
  @TempDir private Path reports;

  @Test
  void goesOutOfTheSingleFileAndBesideTheNextRunsResults() throws IOException {
    AllureHistory.bring(reports);
    AllureHistory.keep(
        "d('data/suites.json','e30=');d('history/history-trend.json','W10=');d(\"history/history.json\", \"e30=\")",
        reports);
    AllureHistory.bring(reports);

    Path history = reports.resolve("allure-results/history");
    assertThat(history).isDirectoryContaining("glob:**/history.json");
    assertThat(history.resolve("history-trend.json")).hasContent("[]");
  }

  @Test
  void saysWhenThereIsNone() {
    assertThatThrownBy(() -> AllureHistory.keep("d('data/suites.json','e30=')", reports))
        .hasMessageStartingWith("Allure's report has no history");
  }
}
