package dev.touchstone.suite.page;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.touchstone.suite.claim.Claim;
import dev.touchstone.suite.golden.ClaimCatalog;
import dev.touchstone.suite.golden.Fault;
import dev.touchstone.suite.golden.PlanFile;
import dev.touchstone.suite.verdict.Environment;
import dev.touchstone.suite.verdict.Fall;
import dev.touchstone.suite.verdict.GoldenFolder;
import dev.touchstone.suite.verdict.Judge;
import dev.touchstone.suite.verdict.Ledger;
import dev.touchstone.suite.verdict.Outcome;
import dev.touchstone.suite.verdict.Run;
import dev.touchstone.suite.verdict.RunFormat;
import dev.touchstone.suite.verdict.Verdict;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class VerdictFilesTest {
  @TempDir private Path folder;
  private Path reports;
  private GoldenFolder golden;
  private ClaimCatalog catalog;
  private Ledger ledger;
  private Judge judge;
  private Run run;

  @BeforeEach
  void judgeSevenClaims() throws IOException {
    reports = folder.resolve("reports");
    golden = new GoldenFolder(Files.createDirectory(folder.resolve("claims")));
    golden.write(
        "a.yaml",
        """
        report: exp1
        part: 1A
        subject: gpt2
        claims:
          - {id: exp1:p01/share, says: "a share, \\"quoted\\"", expected: 17.7%, unit: share, observable: seen/0.177}
          - {id: exp1:p02, says: two, expected: 2, unit: count, observable: seen/3}
          - {id: exp1:p03, says: half, kind: derived, expected: 50%, unit: share, derived: 1 / 2}
        """);
    golden.write(
        "b.yaml",
        """
        report: exp2
        subject: gpt2
        tier: full
        claims:
          - {id: exp2:p01, says: third, kind: derived, expected: 50%, unit: share, derived: 1 / 3}
          - {id: exp2:p02, says: away, expected: 2, unit: count, observable: absent}
          - {id: exp2:p03, says: later, expected: 2, unit: count, reason-not-evaluated: nobody knows how}
          - {id: exp2:p04, says: two, expected: 2, unit: count, observable: seen/2, by-construction: two is put in}
        """);
    catalog = golden.read();
    Files.writeString(
        folder.resolve("ledger.yaml"),
        "- {claim: exp1:p02, verdict: REFUTED, measured: 3, reason: so it is, date: 2026-11-22}\n");
    ledger = Ledger.read(folder.resolve("ledger.yaml"), catalog);
    judge = golden.judge();
    run = new Run(catalog, golden.environment(), Instant.parse("2026-11-22T01:02:03.456Z"));
  }

  private void judgeAll() {
    catalog.claims().forEach(claim -> run.judged(judge.judge(claim)));
  }

  @Test
  void jsonHasEveryFieldOfEveryVerdict() throws IOException {
    judgeAll();
    JsonNode root = new ObjectMapper().readTree(read("verdicts.json"));

    assertThat(root.get("$schema").asText()).isEqualTo("../docs/verdicts.schema.json");
    assertThat(root.get("version").asInt()).isEqualTo(1);
    JsonNode about = root.get("run");
    assertThat(about.get("started").asText()).isEqualTo("2026-11-22T01:02:03Z");
    assertThat(about.at("/revision/changed").asBoolean()).isTrue();
    assertThat(about.get("engine").asText()).isEqualTo("none");
    assertThat(about.at("/subjects/gpt2").asText()).hasSize(64);
    assertThat(about.has("replay")).isFalse();
    List<String> fields = new ArrayList<>();
    root.get("verdicts").get(0).fieldNames().forEachRemaining(fields::add);
    assertThat(fields)
        .containsExactly(
            "claim",
            "source",
            "report",
            "part",
            "statement",
            "subject",
            "tier",
            "verdict",
            "grounds",
            "absence",
            "expected",
            "measured",
            "tolerance",
            "difference",
            "unit",
            "interval",
            "device",
            "seconds",
            "losses",
            "reason",
            "remedy",
            "severity",
            "stated",
            "standing",
            "observable",
            "place",
            "observation");
    JsonNode share = root.get("verdicts").get(0);
    assertThat(share.get("source")).hasSize(1).first().hasToString("\"exp1:p01\"");
    assertThat(share.get("expected").asText()).isEqualTo("17.7%");
    assertThat(share.get("measured").asText()).isEqualTo("17.700%");
    assertThat(share.get("seconds").isNumber()).isTrue();
    assertThat(root.get("verdicts").findValuesAsText("grounds"))
        .containsExactly(
            "measured", "measured", "recomputed", "recomputed", "", "", "by construction");
    assertThat(root.get("verdicts").findValuesAsText("absence"))
        .containsExactly("", "", "", "", "asset missing", "not supported", "");
    assertThat(root.get("verdicts").get(6).get("reason").asText())
        .isEqualTo("Measured 2, expected 2. By construction: two is put in.");
    JsonNode recomputed = root.get("verdicts").get(2);
    assertThat(recomputed.get("verdict").asText()).isEqualTo("REPRODUCED");
    assertThat(recomputed.get("measured").asText()).isEmpty();
    assertThat(recomputed.get("device").asText()).isEmpty();
    assertThat(root.get("verdicts").get(4).get("reason").asText())
        .isEqualTo("the weights are not here");
    assertThat(root.get("verdicts").findValuesAsText("remedy"))
        .containsExactly("", "", "", "", "run with -Dassets=DIR", "", "");
    assertThat(root.get("verdicts").findValuesAsText("standing"))
        .containsExactly("holds", "known", "holds", "conflict", "open", "open", "holds");
    assertThat(share.at("/observation/value").asDouble()).isEqualTo(0.177);
    assertThat(share.get("place").asText()).endsWith("a.yaml:5");
    assertThat(root.get("verdicts").get(1).get("ledger"))
        .isEqualTo(
            new ObjectMapper()
                .readTree(
                    """
                    {"verdict": "REFUTED", "measured": "3", "reason": "so it is", "date": "2026-11-22"}
                    """));
  }

  @Test
  void jsonIsAsItsSchemaSays() throws IOException {
    judgeAll();
    JsonNode root = new ObjectMapper().readTree(read("verdicts.json"));
    assertThat(RunFormat.complaints(root)).isEmpty();

    ObjectNode row = (ObjectNode) root.get("verdicts").get(0);
    row.put("verdict", "PROVEN");
    assertThat(RunFormat.complaints(root))
        .hasSize(1)
        .first()
        .asString()
        .contains("/verdicts/0/verdict");
    row.put("verdict", "NOT_EVALUATED");
    assertThat(RunFormat.complaints(root))
        .as("an observation of what was not evaluated")
        .isNotEmpty();
    row.put("verdict", "REPRODUCED").put("mood", "glad");
    assertThat(RunFormat.complaints(root)).hasSize(1).first().asString().contains("mood");
    row.remove(List.of("mood", "absence"));
    assertThat(RunFormat.complaints(root)).hasSize(1).first().asString().contains("absence");
  }

  @Test
  void aFileThatIsNotAsItsSchemaSaysIsWrittenAndFails() throws IOException {
    run = new Run(catalog, nameless(), Instant.EPOCH);

    assertThatThrownBy(() -> read("verdicts.json"))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("is not what docs/verdicts.schema.json says: ")
        .hasMessageContaining("device");
    assertThat(reports.resolve("verdicts.json")).exists();
  }

  private Environment nameless() {
    Environment sound = golden.environment();
    return new Environment(
        "", 1e-5, sound.observatory(), sound.subjectHash(), sound.losses(), sound.provenance());
  }

  @Test
  void csvHasTheSameInRows() throws IOException {
    judgeAll();
    List<String> rows = read("verdicts.csv").lines().toList();
    assertThat(rows).hasSize(8);
    assertThat(rows.get(0))
        .isEqualTo(
            "claim,source,report,part,statement,subject,tier,verdict,grounds,absence,expected,measured,tolerance,"
                + "difference,unit,interval,device,seconds,losses,reason,remedy,severity,stated,standing,observable,place");
    assertThat(rows.get(1))
        .startsWith(
            "exp1:p01/share,exp1:p01,exp1,1A,\"a share, \"\"quoted\"\"\",gpt2,none,REPRODUCED,measured,,17.7%,"
                + "17.700%,±0.050%,+0.000%,share,,cpu,");
  }

  @Test
  void summaryOpensWithReportsByVerdict() throws IOException {
    judgeAll();
    String[] parts = read("summary.md").split("<details><summary>This run</summary>", 2);
    assertThat(parts[1])
        .contains("| device | cpu |", "| commit | 0000000", "| subject gpt2 | 0123456789");
    assertThat(parts[0])
        .isEqualTo(
            """
            # What holds and what does not

            | report | ✓ REPRODUCED | ✗ REFUTED | ≠ INCONSISTENT | ○ NOT_EVALUATED | ◷ HARDWARE_BOUND | claims |
            |---|--:|--:|--:|--:|--:|--:|
            | exp1 | 2 | 1 | 0 | 0 | 0 | 3 |
            | exp2 | 1 | 0 | 1 | 2 | 0 | 4 |
            | all | 3 | 1 | 1 | 2 | 0 | 7 |

            Of those REPRODUCED: 1 measured, 1 recomputed, 1 by construction.

            ## What does not hold

            - ✗ **REFUTED** exp1 1A: two. *So it is.* `exp1:p02`
            - ≠ **INCONSISTENT** exp2: third. *1 / 3 is 33.3333%, and 50% is printed, which stands for 49.5% to 50.5%: off by 16.2%.* **(Not in the ledger.)** `exp2:p01`

            <details><summary>The evidence</summary>

            **two** `exp1:p02`

            | figure | where | stands for |
            |---|---|---|
            | 2 | printed |  |
            | 3 | measured |  |
            | +1 | difference |  |
            | ±0 | tolerance |  |

            **third** `exp2:p01`

            | figure | where | stands for |
            |---|---|---|
            | 50% | printed |  |

            </details>

            ## What would evaluate more

            - `run with -Dassets=DIR` adds 1 claim (exp2 1)
            - no command: 1 claim (exp2 1): nobody knows how

            <details><summary>Why it was not evaluated</summary>

            - 1 claim (exp2 1): the weights are not here

            </details>

            <details><summary>By construction: what no model could turn red</summary>

            - `exp2:p04` exp2: two: two is put in

            </details>

            <details><summary>How the verdicts were reached</summary>

            **Measured** is what another model, or a fault in what measures, could have turned red. **Recomputed** is arithmetic
            on what the reports print, without weights or text. **By construction** is measured too, and no model could turn it
            red: a value is held against itself, a constant is read back, or the statement's own numbers go in.

            </details>

            """);
  }

  @Test
  void whatFellUnderFaultsHasAPage() throws IOException {
    Claim share = catalog.claim("exp1:p01/share").orElseThrow();
    Fault fault =
        new Fault(
            "loud", "it is loud", "A.java", "mute(\n  x)", "", List.of(), List.of(), share.place());
    run.fell(new Fall(fault, share, "nano144", "17.700%", "8.850%"));
    run.untried(catalog.claim("exp1:p02").orElseThrow(), "it takes long");

    assertThat(read("faults.md"))
        .contains(
            "## On nano144\n\n1 claim under 1 fault.",
            "| `exp1:p01/share` | a share, \"quoted\" | it is loud | A.java: nothing for `mute( x)` |"
                + " 17.700% | 8.850% |",
            "- `exp2:p04` two: two is put in",
            "- 1 claim: it takes long (`exp1:p02`)");
  }

  @Test
  void holdsOnlyWhatRan() throws IOException {
    run.judged(judge.judge(catalog.claim("exp2:p01").orElseThrow()));
    JsonNode root = new ObjectMapper().readTree(read("verdicts.json"));
    assertThat(root.get("verdicts")).hasSize(1);
    assertThat(root.at("/run/engine").asText())
        .as("an engine where nothing was measured")
        .isEmpty();
    assertThat(root.get("unasked")).hasSize(6);
  }

  @Test
  void aJudgementOutweighsAnAudit() {
    Claim refuted = catalog.claim("exp1:p02").orElseThrow();
    run.audited(judge.audit(refuted));
    assertThat(run.verdicts()).extracting(Verdict::outcome).containsOnly(Outcome.NOT_EVALUATED);
    run.judged(judge.judge(refuted));
    run.audited(judge.audit(refuted));
    assertThat(run.verdicts()).extracting(Verdict::outcome).containsOnly(Outcome.REFUTED);
  }

  @Test
  void whatGoesWrongWhileMeasuringIsNoVerdict() throws IOException {
    Claim claim = catalog.claim("exp1:p02").orElseThrow();
    run.audited(judge.audit(claim));
    run.failed(claim, new IllegalStateException("the disk is full"));
    run.audited(judge.audit(claim));

    JsonNode root = new ObjectMapper().readTree(read("verdicts.json"));

    assertThat(root.get("verdicts")).isEmpty();
    assertThat(root.at("/failures/0/claim").asText()).isEqualTo("exp1:p02");
    assertThat(root.at("/failures/0/error").asText())
        .isEqualTo("java.lang.IllegalStateException: the disk is full");
  }

  @Test
  void replacesAnEarlierRunAndLeavesNothingAside() throws IOException {
    Files.createDirectories(reports);
    Files.writeString(reports.resolve("verdicts.json"), "earlier");
    judgeAll();
    assertThat(read("verdicts.json")).doesNotContain("earlier");
    try (var files = Files.list(reports)) {
      assertThat(files.map(file -> file.getFileName().toString()))
          .containsExactlyInAnyOrder("verdicts.json", "verdicts.csv", "summary.md", "index.html");
    }
  }

  private String read(String name) throws IOException {
    VerdictFiles.write(run, ledger, List.of(), new PlanFile("", List.of()), reports);
    return Files.readString(reports.resolve(name));
  }
}
