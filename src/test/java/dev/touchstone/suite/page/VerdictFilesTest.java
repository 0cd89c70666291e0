package dev.touchstone.suite.page;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.touchstone.suite.claim.Claim;
import dev.touchstone.suite.golden.ClaimCatalog;
import dev.touchstone.suite.golden.Fault;
import dev.touchstone.suite.golden.PlanFile;
import dev.touchstone.suite.observation.Losses;
import dev.touchstone.suite.verdict.Environment;
import dev.touchstone.suite.verdict.Fall;
import dev.touchstone.suite.verdict.GoldenFolder;
import dev.touchstone.suite.verdict.Judge;
import dev.touchstone.suite.verdict.Ledger;
import dev.touchstone.suite.verdict.Outcome;
import dev.touchstone.suite.verdict.Run;
import dev.touchstone.suite.verdict.Verdict;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class VerdictFilesTest {
  @TempDir private Path folder;
  private Path reports;
  private ClaimCatalog catalog;
  private Ledger ledger;
  private Judge judge;
  private Run run;

  @BeforeEach
  void judgeSevenClaims() throws IOException {
    reports = folder.resolve("reports");
    GoldenFolder golden = new GoldenFolder(Files.createDirectory(folder.resolve("claims")));
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
    Environment environment =
        new Environment(
            "cpu",
            golden,
            subject -> "abc",
            () -> new Losses(0, 0),
            () -> "PyTorch 2.7.1",
            () -> Map.of("threads", "2"));
    judge = new Judge(catalog, environment);
    run = new Run(catalog, environment, Instant.parse("2026-11-22T01:02:03.456Z"));
  }

  private void judgeAll() {
    catalog.claims().forEach(claim -> run.judged(judge.judge(claim)));
  }

  @Test
  void jsonHasEveryFieldOfEveryVerdict() throws IOException {
    judgeAll();
    JsonNode root = new ObjectMapper().readTree(read("verdicts.json"));

    assertThat(root.get("run"))
        .isEqualTo(
            new ObjectMapper()
                .readTree(
                    """
                    {"started": "2026-11-22T01:02:03Z", "device": "cpu", "threads": "2",
                     "engine": "PyTorch 2.7.1", "subject gpt2": "abc"}
                    """));
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
            "expected",
            "measured",
            "tolerance",
            "difference",
            "unit",
            "interval",
            "device",
            "seconds",
            "losses",
            "reason");
    JsonNode share = root.get("verdicts").get(0);
    assertThat(share.get("source")).hasSize(1).first().hasToString("\"exp1:p01\"");
    assertThat(share.get("expected").asText()).isEqualTo("17.7%");
    assertThat(share.get("measured").asText()).isEqualTo("17.700%");
    assertThat(share.get("seconds").isNumber()).isTrue();
    assertThat(root.get("verdicts").findValuesAsText("grounds"))
        .containsExactly(
            "measured", "measured", "recomputed", "recomputed", "", "", "by construction");
    assertThat(root.get("verdicts").get(6).get("reason").asText())
        .isEqualTo("Measured 2, expected 2. By construction: two is put in.");
    JsonNode recomputed = root.get("verdicts").get(2);
    assertThat(recomputed.get("verdict").asText()).isEqualTo("REPRODUCED");
    assertThat(recomputed.get("measured").asText()).isEmpty();
    assertThat(recomputed.get("device").asText()).isEmpty();
    assertThat(root.get("verdicts").get(4).get("reason").asText())
        .isEqualTo("the weights are not here. Supply it with: run with -Dassets=DIR");
  }

  @Test
  void csvHasTheSameInRows() throws IOException {
    judgeAll();
    List<String> rows = read("verdicts.csv").lines().toList();
    assertThat(rows).hasSize(8);
    assertThat(rows.get(0))
        .isEqualTo(
            "claim,source,report,part,statement,subject,tier,verdict,grounds,expected,measured,tolerance,"
                + "difference,unit,interval,device,seconds,losses,reason");
    assertThat(rows.get(1))
        .startsWith(
            "exp1:p01/share,exp1:p01,exp1,1A,\"a share, \"\"quoted\"\"\",gpt2,none,REPRODUCED,measured,17.7%,"
                + "17.700%,±0.050%,+0.000%,share,,cpu,");
  }

  @Test
  void summaryOpensWithReportsByVerdict() throws IOException {
    judgeAll();
    assertThat(read("summary.md"))
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

            <details><summary>This run</summary>

            |  |  |
            |---|---|
            | started | 2026-11-22T01:02:03Z |
            | device | cpu |
            | threads | 2 |
            | engine | PyTorch 2.7.1 |
            | subject gpt2 | abc |

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
    assertThat(root.get("run").has("engine")).as("an engine where nothing was measured").isFalse();
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
