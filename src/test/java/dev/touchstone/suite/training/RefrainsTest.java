package dev.touchstone.suite.training;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RefrainsTest {
  @Test
  void saysEachPassageTwice() {
    String line = IntStream.range(0, 200).mapToObj(n -> "w" + n).collect(Collectors.joining(" "));
    List<String> said = Arrays.asList(Refrains.of(line, 5).strip().split(" "));

    int from = 0;
    for (int next = 0; next < 200; ) {
      int period = said.subList(from + 1, said.size()).indexOf(said.get(from)) + 1;
      List<String> passage = said.subList(from, from + period);
      assertThat(period).isBetween(8, 39);
      assertThat(passage).first().isEqualTo("w" + next);
      assertThat(said.subList(from + period, from + 2 * period)).isEqualTo(passage);
      next += period;
      from += 2 * period;
    }
    assertThat(said).hasSize(400);
  }

  @Test
  void leavesNoBlankLines() {
    assertThat(Refrains.of(" \n = A title = \n\n", 1)).isEqualTo(" = A title = = A title =");
  }

  @Test
  void makesTheTextThatNano144IsMeasuredOn(@TempDir Path folder) throws IOException {
    Path made = folder.resolve("refrains.txt");
    Refrains.main(new String[] {"golden/corpus/embedded.txt", "51", made.toString()});
    assertThat(made).hasSameTextualContentAs(Path.of("golden/corpus/refrains.txt"));
  }
}
