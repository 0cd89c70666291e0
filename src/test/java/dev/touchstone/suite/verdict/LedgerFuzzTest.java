package dev.touchstone.suite.verdict;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.touchstone.Untrusted;
import dev.touchstone.suite.golden.ClaimCatalog;
import dev.touchstone.suite.golden.FaultFile;
import dev.touchstone.suite.golden.GoldenException;
import dev.touchstone.suite.golden.PlanFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.provider.MethodSource;

/** What stands beside the claim files: the ledger, the faults and the plan. */
class LedgerFuzzTest {
  @RegisterExtension
  static final Untrusted UNTRUSTED = new Untrusted(4, 2000, GoldenException.class);

  @TempDir static Path folder;
  private static ClaimCatalog catalog;

  @BeforeAll
  static void readClaims() throws IOException {
    catalog =
        new GoldenFolder(Files.createDirectory(folder.resolve("claims")))
            .write(
                "a.yaml",
                "report: exp1\nsubject: gpt2\nclaims:\n"
                    + "  - {id: exp1:p01, says: s, expected: 2, unit: count, observable: seen/2}\n")
            .read();
  }

  static Stream<byte[]> seeds() throws IOException {
    Path golden = Path.of("golden");
    return Stream.of(
        Files.readAllBytes(golden.resolve("ledger.yaml")),
        Files.readAllBytes(golden.resolve("faults.yaml")),
        Files.readAllBytes(golden.resolve("plan.yaml")),
        "- {claim: exp1:p01, verdict: REFUTED, measured: '3', reason: r, date: 2026-11-22}\n"
            .getBytes(StandardCharsets.UTF_8));
  }

  @MethodSource("seeds")
  @FuzzTest
  void read(byte[] content) throws IOException {
    Path file = Files.write(folder.resolve("file.yaml"), content);
    UNTRUSTED.read(content, () -> Ledger.read(file, catalog));
    UNTRUSTED.read(content, () -> FaultFile.read(file, catalog));
    UNTRUSTED.read(content, () -> PlanFile.read(file));
  }
}
