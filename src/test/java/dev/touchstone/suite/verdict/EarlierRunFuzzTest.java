package dev.touchstone.suite.verdict;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.touchstone.Untrusted;
import dev.touchstone.corpus.Unavailable;
import dev.touchstone.suite.golden.ClaimCatalog;
import dev.touchstone.suite.golden.InputException;
import dev.touchstone.suite.golden.PlanFile;
import dev.touchstone.suite.page.VerdictFiles;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.provider.MethodSource;

/** The {@code verdicts.json} of somebody's run, which is judged again. */
class EarlierRunFuzzTest {
  @RegisterExtension
  static final Untrusted UNTRUSTED =
      new Untrusted(8, 2000, InputException.class, Unavailable.class);

  @TempDir static Path folder;
  private static ClaimCatalog catalog;

  @BeforeAll
  static void leaveARun() throws IOException {
    GoldenFolder golden = new GoldenFolder(Files.createDirectory(folder.resolve("claims")));
    golden.write(
        "a.yaml",
        """
        report: exp1
        subject: gpt2
        claims:
          - {id: exp1:p01, says: a share, expected: 17.7%, unit: share, observable: seen/0.177}
          - {id: exp1:p04, says: away, expected: 2, unit: count, observable: absent}
          - {id: exp1:p06, says: first, kind: order, expected: L0H6, observable: 'named/L0H6'}
        """);
    catalog = golden.read();
    Environment environment = golden.environment();
    Run run = new Run(catalog, environment, Instant.EPOCH);
    Judge judge = new Judge(catalog, environment);
    catalog.claims().forEach(claim -> run.judged(judge.judge(claim)));
    Ledger ledger = Ledger.read(Files.writeString(folder.resolve("ledger.yaml"), "[]"), catalog);
    VerdictFiles.write(run, ledger, List.of(), new PlanFile("", List.of()), folder);
  }

  static Stream<byte[]> seeds() throws IOException {
    return Stream.of(
        Files.readAllBytes(folder.resolve("verdicts.json")),
        "{\"version\":1,\"run\":{},\"verdicts\":[null]}".getBytes(StandardCharsets.UTF_8));
  }

  @MethodSource("seeds")
  @FuzzTest
  void read(byte[] content) throws IOException {
    Path file = Files.write(folder.resolve("earlier.json"), content);
    UNTRUSTED.read(
        content,
        () -> {
          EarlierRun run = EarlierRun.read(file, "touchstone.replay");
          catalog.claims().forEach(run::observation);
        });
  }
}
