package dev.touchstone.suite.observation;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GridTest {
  @Test
  void theReportsNumbersAreTheirOwn() {
    for (int n = 0; n <= 144; n++) {
      assertThat(Grid.REPORTS.carry(Grid::all, n)).isEqualTo(n);
      assertThat(Grid.REPORTS.carry(Grid::aboveLayer0, n)).isEqualTo(n);
    }
    for (int layer = 0; layer < 12; layer++) {
      assertThat(Grid.REPORTS.at(layer)).containsExactly(layer);
    }
  }

  @ParameterizedTest(name = "{2} of 144 and of 132 in {0} x {1}")
  @CsvSource({
    "24, 16, 0, 0, 0",
    "24, 16, 10, 27, 28",
    "24, 16, 132, 352, 368",
    "24, 16, 144, 384, 401",
    "6, 12, 1, 1, 1",
    "6, 12, 43, 22, 20",
    "6, 12, 132, 66, 60",
    "4, 4, 30, 3, 3",
    "4, 4, 1, 1, 1",
  })
  void aNumberOfHeadsIsTheSameShare(int layers, int heads, int number, int all, int above) {
    Grid grid = new Grid(layers, heads);

    assertThat(grid.carry(Grid::all, number)).isEqualTo(all);
    assertThat(grid.carry(Grid::aboveLayer0, number)).isEqualTo(above);
  }

  @Test
  void aLayerIsTheOneAtTheSameDepth() {
    Grid medium = new Grid(24, 16);
    assertThat(medium.at(0)).startsWith(0);
    assertThat(medium.at(2)).startsWith(4).containsExactlyInAnyOrder(4, 5);
    assertThat(medium.at(11)).startsWith(23);
    Grid distilled = new Grid(6, 12);
    assertThat(IntStream.range(0, 12).mapToObj(distilled::at))
        .containsExactly(
            List.of(0),
            List.of(),
            List.of(1),
            List.of(),
            List.of(2),
            List.of(),
            List.of(),
            List.of(3),
            List.of(),
            List.of(4),
            List.of(),
            List.of(5));
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource({"1", "2", "3", "5", "6", "12", "13", "24", "36", "48"})
  void everyLayerStandsForOneOfTheReports(int layers) {
    List<Integer> all = new ArrayList<>();
    IntStream.range(0, 12).forEach(layer -> all.addAll(new Grid(layers, 1).at(layer)));

    assertThat(all)
        .containsExactlyInAnyOrderElementsOf(IntStream.range(0, layers).boxed().toList());
  }
}
