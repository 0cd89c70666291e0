package dev.touchstone.suite.golden;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.touchstone.Untrusted;
import dev.touchstone.suite.experiment.EveryObservable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.provider.MethodSource;

/** A claim file, read with the real observables and audited. */
class ClaimFileFuzzTest {
  @RegisterExtension
  static final Untrusted UNTRUSTED = new Untrusted(128, 3000, GoldenException.class);

  @TempDir static Path folder;
  private static EveryObservable observables;

  @BeforeAll
  static void open() throws IOException {
    observables = new EveryObservable(folder.resolve("laboratory.sqlite"));
    Files.createDirectory(folder.resolve("claims"));
  }

  @AfterAll
  static void close() {
    observables.close();
  }

  /** The real files, table by table and sentence by sentence, and one of each shape. */
  static Stream<byte[]> seeds() throws IOException {
    return Stream.concat(
            ClaimCatalog.files(Path.of("golden/claims")).stream().flatMap(ClaimFileFuzzTest::parts),
            Stream.of(
                """
                report: exp1
                subject: report
                tables:
                  - table: exp1:t01
                    first-row: 3
                    key: k
                    columns:
                      a:
                        cell: "{n}/144 ({share:%})"
                        parts:
                          n: {says: "{value}", unit: count, checks: [{that: n >= previous(n), because: sorted}]}
                          share: {says: "{n} are {value}", unit: share, derived: n / sum(n where k > 1)}
                    rows: [[1, 117/144 (81.3)], [2, —], ["3", 1/144 (0.7)]]
                """,
                """
                report: exp1
                claims:
                  - {id: "exp1:p01/x", says: s, kind: derived, subject: report, checks: [{that: 1 < 2 < 3}]}
                  - id: exp1:p02
                    says: !!str &a s
                    unit: name
                    expected: "L0H8, L0H1"
                    subject: gpt2
                    observable: "count([exp07/norm/{layer:0..11}/mean] > 1) - [exp07/norm/11/mean]"
                    elsewhere: {expected: 2, kind: at-least, unit: count}
                    tolerance: 5% of expected
                    tier: 2k
                    severity: minor
                    hardware-bound: false
                """))
        .map(text -> text.getBytes(StandardCharsets.UTF_8));
  }

  private static Stream<String> parts(Path file) {
    try {
      String[] parts =
          Files.readString(file).split("(?m)(?=^ {2}- (?:table|id):|^(?:tables|claims):)");
      return Arrays.stream(parts, 1, parts.length)
          .filter(part -> part.startsWith("  - "))
          .map(part -> parts[0] + (part.startsWith("  - t") ? "tables:\n" : "claims:\n") + part);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @MethodSource("seeds")
  @FuzzTest
  void read(byte[] content) throws IOException {
    Files.write(folder.resolve("claims/a.yaml"), content);
    UNTRUSTED.read(content, () -> ClaimCatalog.read(folder.resolve("claims"), observables));
  }
}
