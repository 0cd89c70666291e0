package dev.touchstone.suite.reproduction;

import static org.assertj.core.api.Assertions.assertThat;

import dev.touchstone.suite.observation.Protocol;
import dev.touchstone.suite.verdict.Replica;
import dev.touchstone.suite.verdict.Sensitivity;
import io.qameta.allure.Allure;
import io.qameta.allure.Epic;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** All that is asked of a user's model, on four of other shapes. */
@Tag("given")
@Epic("Embedded subjects")
class GivenModelIT {
  @TempDir private Path folder;

  @ParameterizedTest(name = "{0}")
  @EnumSource
  void isAskedAllThatTheReportsSay(Shapes shape) throws IOException {
    Suite suite = Suite.about(shape.given(folder), folder);
    List<Replica> replicas;
    try (suite) {
      long t = System.nanoTime();
      replicas =
          suite
              .replicatedClaims()
              .map(claim -> suite.replicate(claim.claim(), shape.word()))
              .toList();
      System.out.println(shape + " replicas " + (System.nanoTime() - t) / 1e9);
      t = System.nanoTime();
      for (Protocol protocol : Protocol.values()) {
        if (protocol != Protocol.REPORTS) {
          Sensitivity s = suite.vary(shape.word(), protocol);
          System.out.println(protocol + " " + s.shifts().size() + " " + s.left());
        }
      }
      System.out.println(shape + " sens " + (System.nanoTime() - t) / 1e9);
      t = System.nanoTime();
      for (FiguresIT.Case drawn : (Iterable<FiguresIT.Case>) FiguresIT.isDrawn(suite)::iterator) {
        System.out.println(drawn + " " + FiguresIT.png(drawn).length);
      }
      System.out.println(shape + " figures " + (System.nanoTime() - t) / 1e9);
    }
    String page = Files.readString(folder.resolve("subject.md"));
    Files.writeString(Path.of("/tmp/" + shape.word() + ".md"), page);
    Allure.addAttachment("subject", "text/markdown", page, ".md");
    assertThat(replicas).isNotEmpty();
  }
}
