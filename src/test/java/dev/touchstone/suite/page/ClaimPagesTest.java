package dev.touchstone.suite.page;

import static org.assertj.core.api.Assertions.assertThat;

import dev.touchstone.suite.claim.Claim;
import dev.touchstone.suite.golden.ClaimCatalog;
import dev.touchstone.suite.golden.PlanFile;
import dev.touchstone.suite.observation.Tier;
import dev.touchstone.suite.page.ClaimPage.Evidence;
import dev.touchstone.suite.page.ClaimPage.Fact;
import dev.touchstone.suite.verdict.Drawing;
import dev.touchstone.suite.verdict.Environment;
import dev.touchstone.suite.verdict.GoldenFolder;
import dev.touchstone.suite.verdict.Judge;
import dev.touchstone.suite.verdict.Ledger;
import dev.touchstone.suite.verdict.Run;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ClaimPagesTest {
  private static final PlanFile PLAN =
      new PlanFile("a machine", List.of(new PlanFile.Part("exp1", Tier.TWO_K, 40)));

  @TempDir private Path folder;
  private Run run;
  private Map<String, ClaimPage> pages;

  @Test
  void saysWhichStateOfTheOriginalAClaimIsTrueTo() {
    assertThat(pages.get("exp1:p02").facts())
        .contains(new Fact("the original", "the first version"));
    assertThat(pages.get("exp1:p04").facts()).noneMatch(f -> f.name().equals("the original"));
  }

  @BeforeEach
  void judge() throws IOException {
    GoldenFolder golden = new GoldenFolder(Files.createDirectory(folder.resolve("claims")));
    golden.write(
        "a.yaml",
        """
        report: exp1
        title: A <title> & more
        part: 1A
        subject: gpt2
        tables:
          - table: exp1:t01
            key: heads-gone
            columns:
              ppl: {says: "{heads-gone} heads leave {value}", unit: perplexity, observable: seen/24.3}
              share:
                cell: "{count}/144 ({part})"
                parts:
                  count: {says: "{value} heads", unit: count, kind: derived, derived: 12 * 12}
                  part: {says: "{value} of them", unit: share, kind: derived, derived: count / 144}
            rows:
              - [0, 24.31, 144/144 (100%)]
              - [25, —, 144/144 (99%)]
        claims:
          - {id: exp1:p01, says: "<script>alert(1)</script>", expected: 17.7%, unit: share, observable: seen/0.177}
          - {id: exp1:p02, says: two, original: the first version, expected: 2, unit: count, observable: seen/3}
          - {id: exp1:p03, says: cut off, expected: 6.2%, unit: share, kind: derived, derived: 9 / 144}
          - {id: exp1:p04, says: cut, expected: 6.2%, unit: share, observable: seen/0.0629}
          - {id: exp1:p05, says: away, tier: 2k, expected: 2, unit: count, observable: absent}
          - {id: exp1:p06, says: third, kind: derived, expected: 50%, unit: share, derived: exp1:p03 * 4}
        """);
    ClaimCatalog catalog = golden.read();
    Files.writeString(
        folder.resolve("ledger.yaml"),
        """
        - {claim: exp1:p02, verdict: REFUTED, reason: there are three of them, date: 2026-11-22}
        """);
    Ledger ledger = Ledger.read(folder.resolve("ledger.yaml"), catalog);
    Environment environment = golden.environment();
    Judge judge = new Judge(catalog, environment);
    run = new Run(catalog, environment, Instant.EPOCH);
    catalog.claims().forEach(claim -> run.judged(judge.judge(claim)));
    run.drawn(new Drawing("nano144", "figures/a.png", "A picture", "exp1", List.of("1A")));
    pages = ClaimPages.of(run, ledger);
  }

  @Test
  void aPageOpensWithASentenceForPeople() {
    assertThat(page("exp1:p01").sentence())
        .isEqualTo("Measured 17.700%, and 17.7% is printed: within the tolerance of ±0.050%.");
    assertThat(page("exp1:p02").sentence())
        .as("the ledger's reason")
        .isEqualTo("There are three of them.");
    assertThat(page("exp1:p06").sentence())
        .isEqualTo(
            "exp1:p03 * 4 is 24.6% to 25%, and 50% is printed, which stands for 49.5% to 50.5%: off by 24.5%.");
    assertThat(page("exp1:p05").sentence()).isEqualTo("The weights are not here.");
    assertThat(page("exp1:t01:r01:c2/count").sentence())
        .isEqualTo("What is printed elsewhere agrees with it; nothing was measured.");
  }

  @Test
  void evidenceShowsBothEndsOfWhatDigitsStandFor() {
    assertThat(page("exp1:p06").evidence())
        .containsExactly(new Evidence("6.2%", "exp1:p03", "exp1 1A: cut off", "6.15% to 6.25%"));
  }

  @Test
  void truncationIsSaidWhereOnlyItWouldHelp() {
    assertThat(page("exp1:p03").truncation()).as("6.25% rounds to both").isEmpty();
    assertThat(page("exp1:p04").truncation()).contains("cut off instead of rounded");
    assertThat(page("exp1:p02").truncation()).isEmpty();
    assertThat(page("exp1:p06").truncation()).isEmpty();
  }

  @Test
  void itTellsWhatJudgesItAloneAndWhoDrawsIt() {
    assertThat(page("exp1:p05").command())
        .isEqualTo("mvn verify -Dgroups=exp1 -Dtouchstone.claim=exp1:p05 -Ppaper");
    assertThat(page("exp1:p03").command())
        .isEqualTo("mvn verify -Dgroups=exp1 -Dtouchstone.claim=exp1:p03");
    assertThat(page("exp1:p01").drawings())
        .extracting(Drawing::file)
        .containsExactly("figures/a.png");
    assertThat(page("exp1:p02").facts())
        .contains(new Fact("printed", "2"), new Fact("measured", "3"));
  }

  @Test
  void whatPeopleWroteIsEscaped() throws IOException {
    Files.createDirectories(folder.resolve("figures"));
    Files.writeString(folder.resolve("figures/a.png"), "png");
    String html = AnnotatedReports.of(run, pages, PLAN, folder);
    assertThat(html)
        .contains(
            "&lt;script&gt;alert(1)&lt;/script&gt;",
            "A &lt;title&gt; &amp; more",
            "in about 40 minutes of passes (a machine)")
        .doesNotContain("<script>alert");
    assertThat(ClaimDescription.of(page("exp1:p01"))).contains("figures/a.png");
  }

  @Test
  void aCellStandsAsItIsPrinted() throws IOException {
    Files.createDirectories(folder.resolve("figures"));
    Files.writeString(folder.resolve("figures/a.png"), "png");
    String text =
        AnnotatedReports.of(run, pages, PLAN, folder)
            .replaceAll("(?s)<span class=\"(?:tip|sr)\".*?</a>", "")
            .replaceAll("<[^>]*>", "")
            .replace("✓", "")
            .replace("≠", "");
    assertThat(text).contains("144/144 (100%)", "144/144 (99%)", "heads gone");
  }

  private ClaimPage page(String id) {
    return pages.get(id);
  }

  @Test
  void everyClaimHasAPage() {
    assertThat(pages.keySet())
        .containsExactlyElementsOf(run.catalog().claims().stream().map(Claim::id).toList());
  }
}
