package dev.touchstone.suite.verdict;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.entry;

import dev.touchstone.suite.claim.Claim;
import dev.touchstone.suite.claim.Place;
import dev.touchstone.suite.golden.ClaimCatalog;
import dev.touchstone.suite.golden.Fault;
import dev.touchstone.suite.observation.Losses;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RunTest {
  @TempDir private Path folder;
  private GoldenFolder golden;
  private ClaimCatalog catalog;
  private Judge judge;
  private Run run;

  @BeforeEach
  void open() {
    golden =
        new GoldenFolder(folder)
            .write(
                "a.yaml",
                """
                report: exp1
                subject: gpt2
                claims:
                  - {id: exp1:p01, part: 1A, says: two, expected: 2, unit: count, observable: seen/2}
                  - {id: exp1:p02, says: three, expected: 3, unit: count, observable: seen/4}
                  - {id: exp1:p03, says: sum, kind: derived, expected: 2, unit: count, derived: 1 + 1}
                  - {id: exp1:p04, says: away, expected: 2, unit: count, subject: corpus, observable: absent}
                """)
            .write(
                "b.yaml",
                """
                report: exp2
                subject: gpt2
                claims:
                  - {id: exp2:p01, says: two, expected: 2, unit: count, observable: seen/2}
                  - {id: exp2:p02, says: put in, expected: 2, unit: count, by-construction: so it is, observable: seen/2}
                """);
    catalog = golden.read();
    judge = golden.judge();
    run = run(golden.environment());
  }

  private Run run(Environment environment) {
    return new Run(catalog, environment, Instant.now().minusSeconds(5));
  }

  private Claim claim(String id) {
    return catalog.claim(id).orElseThrow();
  }

  private void judgeAll() {
    catalog.claims().forEach(claim -> run.judged(judge.judge(claim)));
  }

  @Test
  void countsVerdictsByReportAndInAll() {
    judgeAll();

    assertThat(run.counts())
        .containsExactly(
            entry(
                "exp1",
                Map.of(Outcome.REPRODUCED, 2L, Outcome.REFUTED, 1L, Outcome.NOT_EVALUATED, 1L)),
            entry("exp2", Map.of(Outcome.REPRODUCED, 2L)));
    assertThat(run.total())
        .containsExactly(
            entry(Outcome.REPRODUCED, 4L),
            entry(Outcome.REFUTED, 1L),
            entry(Outcome.NOT_EVALUATED, 1L));
  }

  @Test
  void saysWhatReproducedVerdictsStandOn() {
    judgeAll();

    assertThat(run.reproducedInWords(Optional.empty()))
        .isEqualTo("2 measured, 1 recomputed, 1 by construction");
    assertThat(run.reproducedInWords(Optional.of("exp1"))).isEqualTo("1 measured, 1 recomputed");
    assertThat(run.constructed()).containsExactly(claim("exp2:p02"));
  }

  @Test
  void saysWhichCommandWouldSupplyWhatIsMissing() {
    judgeAll();

    assertThat(run.waiting()).containsOnlyKeys("run with -Dassets=DIR");
    assertThat(run.waiting().get("run with -Dassets=DIR"))
        .extracting(Verdict::claim)
        .containsExactly(claim("exp1:p04"));
  }

  @Test
  void saysOfWhichClaimsItSaysNothing() {
    run.judged(judge.judge(claim("exp1:p01")));
    run.failed(claim("exp1:p02"), new IllegalStateException("NaN"));

    assertThat(run.unasked()).containsExactly("exp1:p03", "exp1:p04", "exp2:p01", "exp2:p02");
  }

  @Test
  void anAuditReplacesNeitherAVerdictNorAFailure() {
    Verdict judged = judge.judge(claim("exp1:p01"));
    run.judged(judged);
    run.failed(claim("exp1:p02"), new IllegalStateException("NaN"));
    catalog.claims().forEach(claim -> run.audited(judge.audit(claim)));

    assertThat(run.verdict(claim("exp1:p01"))).contains(judged);
    assertThat(run.verdict(claim("exp1:p02"))).isEmpty();
    assertThat(run.verdict(claim("exp2:p01"))).contains(judge.audit(claim("exp2:p01")));
  }

  @Test
  void keepsWhatFellInTheOrderOfTheClaims() {
    Fault fault =
        new Fault("f", "s", "A.java", "a", "b", List.of(), List.of(), new Place("f", 1, 1));
    List<Fall> falls =
        List.of("exp2:p01", "exp1:p02", "exp1:p01").stream()
            .map(id -> new Fall(fault, claim(id), "gpt2", "2", "3"))
            .toList();
    falls.forEach(run::fell);

    assertThat(run.falls()).containsExactly(falls.get(2), falls.get(1), falls.get(0));
  }

  @Test
  void keepsWhatWasDrawnUntriedAndReplicated() {
    Drawing drawing = new Drawing("gpt2", "a.png", "a curve", "exp1", List.of("1A"));
    OtherSubject other = new OtherSubject("other", "is another", 128);
    Replica replica = new Replication(other, golden.environment()).of(claim("exp1:p01"));
    run.drawn(drawing);
    run.untried(claim("exp1:p01"), "it takes long");
    run.untried(claim("exp1:p02"), "it takes long");
    run.replicated(replica);

    assertThat(run.drawings()).containsExactly(drawing);
    assertThat(drawing.shows(claim("exp1:p01"))).isTrue();
    assertThat(drawing.shows(claim("exp1:p02"))).isFalse();
    assertThat(run.untried())
        .containsExactly(entry("it takes long", List.of(claim("exp1:p01"), claim("exp1:p02"))));
    assertThat(run.replica(other, claim("exp1:p01"))).contains(replica);
    assertThat(run.replica(other, claim("exp1:p02"))).isEmpty();
    assertThat(replica.source()).isEqualTo("none of its own");
  }

  @Test
  void whatIsObservedElsewhereHasNoHash() {
    Environment elsewhere = golden.environment().observing(golden);

    assertThat(elsewhere.device()).isEqualTo("cpu");
    assertThat(elsewhere.subjectHash().apply("gpt2")).isEmpty();
  }

  @Test
  void namesItsCodeAndSubjectsWhenItMeasured() throws IOException {
    judgeAll();
    Identity identity = run.identity();

    assertThat(identity.engine()).isEqualTo("none");
    assertThat(identity.numerics()).isEqualTo("0".repeat(16));
    assertThat(identity.subjects()).containsExactly(entry("gpt2", GoldenFolder.SHA_256));
    assertThat(identity.seconds()).isPositive().isLessThan(600);
    assertThat(run.facts())
        .containsEntry("engine", "none")
        .containsEntry("numerics", "0".repeat(16))
        .containsEntry("subject gpt2", GoldenFolder.SHA_256)
        .containsEntry("text text", GoldenFolder.SHA_256)
        .containsEntry("claims a.yaml", GoldenFolder.SHA_256)
        .doesNotContainKey("chunk losses measured in this run");
    assertThat(RunFormat.identity(RunFormat.begun(run)).subjects()).isEqualTo(identity.subjects());
  }

  @Test
  void namesNoEngineWhenItOnlyAudited() {
    catalog.claims().forEach(claim -> run.audited(judge.audit(claim)));

    assertThat(run.identity().engine()).isEmpty();
    assertThat(run.identity().numerics()).isEmpty();
    assertThat(run.identity().subjects()).isEmpty();
    assertThat(run.facts()).doesNotContainKey("engine");
  }

  @Test
  void saysWhereItsLossesCameFrom() {
    Environment here = golden.environment();
    Run losing =
        run(
            new Environment(
                "cpu", 1e-5, golden, subject -> "", () -> new Losses(2, 2), here.provenance()));

    assertThat(losing.facts())
        .containsEntry("chunk losses measured in this run", "2")
        .containsEntry("chunk losses of earlier runs, from the record", "2");
  }
}
