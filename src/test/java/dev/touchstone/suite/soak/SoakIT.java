package dev.touchstone.suite.soak;

import static org.assertj.core.api.Assertions.assertThat;

import dev.touchstone.runtime.AtomicFile;
import io.qameta.allure.Allure;
import io.qameta.allure.Epic;
import java.awt.GraphicsEnvironment;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.function.BiPredicate;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A process holds no more after many interventions and generations than after some: a few rounds in
 * each build, and where {@code touchstone.soak} is given 100, or as many as it says.
 */
@Tag("soak")
@Epic("Endurance")
class SoakIT {
  private static final int FEW = 10;
  private static final int MANY = 100;

  /**
   * All of the heap is in memory from the beginning, for Java takes more of it whenever it puts off
   * collecting. The second compiler's own memory comes and goes.
   */
  private static final List<String> JAVA =
      List.of("-Xms256m", "-Xmx256m", "-XX:+AlwaysPreTouch", "-XX:TieredStopAtLevel=1");

  @TempDir private Path folder;

  @BeforeEach
  void needsASystemThatTells() {
    OwnProcess.assumeTold();
  }

  @Test
  void holdsNoMoreThanBefore() throws Exception {
    String asked = System.getProperty("touchstone.soak");
    List<Held> held = soak(asked == null ? FEW : rounds(asked), false);
    show(held);

    assertThat(growing(held, asked == null ? SoakIT::seenByFew : SoakIT::notShownFlat))
        .as(held.toString())
        .isEmpty();
  }

  /** Or else the few rounds could not fail. */
  @Test
  void seesWhatIsLeftBehind() throws Exception {
    List<Held> held = soak(FEW, true);

    assertThat(growing(held, SoakIT::seenByFew))
        .as(held.toString())
        .hasSize(Watched.values().length);
  }

  /** They are over before the last cache is full, and see only what grows several times as fast. */
  private static boolean seenByFew(Trend trend, double bound) {
    return trend.grows(5 * bound);
  }

  private static boolean notShownFlat(Trend trend, double bound) {
    return !trend.isFlat(bound);
  }

  private static List<String> growing(List<Held> held, BiPredicate<Trend, Double> growing) {
    return Arrays.stream(Watched.values())
        .filter(watched -> growing.test(Trend.of(held, watched::of), watched.bound()))
        .map(
            watched ->
                "%s: %s, and %s is allowed"
                    .formatted(watched.title(), Trend.of(held, watched::of), watched.bound()))
        .toList();
  }

  private static int rounds(String asked) {
    if (asked.isEmpty() || asked.equals("true")) {
      return MANY;
    }
    if (!asked.matches("[1-9][0-9]{1,4}")) {
      throw new IllegalArgumentException(
          "touchstone.soak is \"" + asked + "\"; leave it empty, or give 10 rounds to 99999");
    }
    return Integer.parseInt(asked);
  }

  private List<Held> soak(int rounds, boolean leaking) throws IOException, InterruptedException {
    return OwnProcess.run(
            Soak.class, JAVA, folder.toString(), Integer.toString(rounds), "" + leaking)
        .stream()
        .filter(line -> line.matches("[\\d.,]+"))
        .map(Held::parse)
        .toList();
  }

  private static void show(List<Held> held) throws IOException {
    Path reports = Path.of(System.getProperty("touchstone.reports", "reports"));
    String table =
        held.stream()
            .map(Held::toString)
            .collect(Collectors.joining("\n", "rounds,resident MB,heap MB,files,threads\n", "\n"));
    AtomicFile.write(reports.resolve("soak.csv"), table);
    if (GraphicsEnvironment.getLocalGraphicsEnvironment().getAvailableFontFamilyNames().length
        > 0) {
      byte[] png = SoakPicture.of(held);
      AtomicFile.write(reports.resolve("soak.png"), png);
      Allure.addAttachment("soak", "image/png", new ByteArrayInputStream(png), "png");
    }
  }
}
