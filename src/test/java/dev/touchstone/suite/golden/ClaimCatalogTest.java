package dev.touchstone.suite.golden;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.touchstone.suite.claim.Basis;
import dev.touchstone.suite.claim.Claim;
import dev.touchstone.suite.claim.Expectation;
import dev.touchstone.suite.claim.Severity;
import dev.touchstone.suite.claim.Tolerance;
import dev.touchstone.suite.observation.Tier;
import dev.touchstone.suite.verdict.GoldenFolder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ClaimCatalogTest {
  @TempDir private Path folder;
  private GoldenFolder golden;

  @BeforeEach
  void open() {
    golden = new GoldenFolder(folder);
  }

  @Test
  void aTableIsAClaimPerFigure() {
    golden.write(
        "a.yaml",
        """
        report: exp1
        part: 1A
        subject: gpt2
        tier: 2k
        tables:
          - table: exp1:t02
            key: heads
            columns:
              ppl:
                says: removing {heads} heads leaves perplexity {ppl}
                unit: perplexity
                observable: seen/{ppl}
              ratio:
                says: that is {value} of the baseline
                part: 1B
                unit: ratio
                severity: critical
                tolerance: 5% of expected
                observable: seen/1.079
                derived: ppl / ppl[0]
            rows:
              - [0, 24.27, 1.000x]
              - [25, 26.18, —]
        """);

    ClaimCatalog catalog = golden.read();

    assertThat(catalog.claims())
        .extracting(Claim::id)
        .containsExactly("exp1:t02:r01:c1", "exp1:t02:r01:c2", "exp1:t02:r02:c1");
    Claim ppl = catalog.claim("exp1:t02:r02:c1").orElseThrow();
    assertThat(ppl.displayName()).isEqualTo("exp1 1A: removing 25 heads leaves perplexity 26.18");
    assertThat(ppl.source()).containsExactly("exp1:t02:r02:c1");
    assertThat(ppl.statement().basis()).isEqualTo(new Basis.Measurement("seen/26.18"));
    assertThat(ppl.statement().tier()).isEqualTo(Tier.TWO_K);
    assertThat(ppl.statement().expectation().text()).isEqualTo("26.18");
    assertThat(ppl.place().line()).isEqualTo(23);
    assertThat(ppl.place().column()).isEqualTo(14);
    Claim ratio = catalog.claim("exp1:t02:r01:c2").orElseThrow();
    assertThat(ratio.displayName()).isEqualTo("exp1 1B: that is 1.000x of the baseline");
    assertThat(ratio.severity()).isEqualTo(Severity.CRITICAL);
    assertThat(ratio.tolerance()).contains(new Tolerance("5% of expected", 0.05, true));
    assertThat(catalog.finding(ratio).isSilent()).isFalse();
  }

  @Test
  void aCellWithPartsIsAClaimPerPart() {
    golden.write(
        "a.yaml",
        """
        report: exp1
        subject: gpt2
        reason-not-evaluated: nothing measures it
        tables:
          - table: exp1:t01
            first-row: 3
            key: bound
            columns:
              mean:
                cell: "{mean-heads}/144 ({mean-share})"
                parts:
                  mean-heads: {says: "{value} heads below {bound}", unit: count}
                  mean-share: {says: "{mean-heads} heads are {value}", unit: share, derived: mean-heads / 144}
              range:
                cell: "{low}-{high}/768 ({low-share:%}-{high-share})"
                parts:
                  low: {says: "{value} at least", unit: count}
                  high: {says: "{value} at most", unit: count}
                  low-share: {says: "{value}", unit: share, derived: low / 768}
                  high-share: {says: "{value}", unit: share, derived: high / 768}
              head:
                says: the largest is {value}
                unit: name
            rows:
              - [1%, 117/144 (81.3%), 198-235/768 (26-31%), L0H1]
        """);

    ClaimCatalog catalog = golden.read();

    assertThat(catalog.claims())
        .extracting(Claim::id)
        .containsExactly(
            "exp1:t01:r03:c1/mean-heads",
            "exp1:t01:r03:c1/mean-share",
            "exp1:t01:r03:c2/low",
            "exp1:t01:r03:c2/high",
            "exp1:t01:r03:c2/low-share",
            "exp1:t01:r03:c2/high-share",
            "exp1:t01:r03:c3");
    Claim share = catalog.claim("exp1:t01:r03:c1/mean-share").orElseThrow();
    assertThat(share.source()).containsExactly("exp1:t01:r03:c1");
    assertThat(share.statement().text()).isEqualTo("117 heads are 81.3%");
    assertThat(catalog.finding(share).isContradiction()).isFalse();
    assertThat(
            catalog
                .claim("exp1:t01:r03:c2/low-share")
                .orElseThrow()
                .statement()
                .expectation()
                .text())
        .isEqualTo("26%");
    assertThat(catalog.claim("exp1:t01:r03:c3").orElseThrow().statement().expectation())
        .isEqualTo(new Expectation.Order(List.of("L0H1")));
    assertThat(catalog.claims()).allMatch(claim -> !catalog.finding(claim).isContradiction());
  }

  @Test
  void aSentenceIsAClaimOrSeveral() {
    golden.write(
        "a.yaml",
        """
        report: exp1
        subject: gpt2
        claims:
          - id: exp1:p05/pc1
            says: the first component holds {value} of the variance
            unit: share
            expected: 17.7%
            observable: seen/0.177
          - id: exp1:p05/order
            says: the first holds more than the second
            kind: derived
            checks:
              - that: exp1:p05/pc1 > 10%
                because: the shares are sorted
          - id: exp1:p06
            says: the delta vanishes
            kind: identity
            observable: seen/0.0
        """);

    ClaimCatalog catalog = golden.read();

    Claim first = catalog.claim("exp1:p05/pc1").orElseThrow();
    assertThat(first.source()).containsExactly("exp1:p05");
    assertThat(first.part()).isEqualTo(Optional.empty());
    assertThat(first.displayName())
        .isEqualTo("exp1: the first component holds 17.7% of the variance");
    Claim order = catalog.claim("exp1:p05/order").orElseThrow();
    assertThat(order.statement().basis()).isEqualTo(new Basis.PrintedFigures());
    assertThat(order.statement().expectation().text()).isEmpty();
    assertThat(catalog.claim("exp1:p06").orElseThrow().statement().expectation().text())
        .isEqualTo("0");
  }

  @Test
  void rulesReachOtherFiles() {
    golden
        .write("a.yaml", claim("exp1", "expected: 2.5x, unit: ratio, derived: exp2:p01 / 10"))
        .write("b.yaml", claim("exp2", "expected: 25, unit: count"));

    ClaimCatalog catalog = golden.read();

    assertThat(catalog.finding(catalog.claim("exp1:p01").orElseThrow()).account())
        .isEqualTo(
            "exp2:p01 / 10 is 2.5, and 2.5x is printed, which stands for 2.45 to 2.55 (25 in"
                + " exp2:p01).");
  }

  @Test
  void anUnknownKeyIsNamedWithTheOneMeant() {
    assertThat(complaints(claim("exp1", "expected: 1, unit: count, tolerence: 2")))
        .containsExactly(
            "a.yaml:4:83: a claim has no key \"tolerence\"; did you mean \"tolerance\"? (it may have"
                + " id, expected, says, kind, unit, observable, tolerance, by-construction, elsewhere,"
                + " derived, because, checks, part, subject, tier, severity, hardware-bound, original,"
                + " reason-not-evaluated)");
  }

  @Test
  void whatIsByConstructionIsObservedAndSaysWhy() {
    String claims = "report: exp1\nsubject: gpt2\nclaims:\n  - {id: exp1:p01, says: s, ";
    assertThat(
            complaints(
                claims
                    + "expected: 1, unit: count, reason-not-evaluated: none, by-construction: put in}\n"))
        .containsExactly(
            "a.yaml:4:83: \"by-construction\" says of an observable that no model could change it;"
                + " there is none");
    assertThat(
            complaints(
                claims + "expected: 1, unit: count, observable: seen/1, by-construction: true}\n"))
        .containsExactly(
            "a.yaml:4:92: \"true\" is no reason; say in a sentence why no model could change the"
                + " verdict");
  }

  @Test
  void aRowMayBeByConstruction() {
    String table =
        """
        report: exp1
        subject: gpt2
        tables:
          - table: exp1:t01
            key: k
            columns:
              a:
                {says: s, unit: ratio, observable: "seen/{k}", by-construction: {"%s": it is put in}}
            rows: [[1, 1x], [2, 2x]]
        """;
    assertThat(golden.write("a.yaml", table.formatted("1")).read().claims())
        .extracting(Claim::construction)
        .containsExactly(Optional.of("it is put in"), Optional.empty());
    assertThat(complaints(table.formatted("3")))
        .containsExactly("a.yaml:8:56: no row here has the key \"3\" (there are 1, 2)");
  }

  @Test
  void aMissingFieldIsNamedWithAnExample() {
    assertThat(complaints("report: exp1\nsubject: gpt2\nclaims:\n  - {unit: count}\n"))
        .containsExactly(
            "a.yaml:4:5: a claim needs id; write for instance id: exp1:p01",
            "a.yaml:4:5: a claim needs says; write for instance says: \"{heads} heads stay within"
                + " {value}\"");
    assertThat(complaints("subject: gpt2\n"))
        .containsExactly("a.yaml:1:1: a claim file needs report; write for instance report: exp06");
  }

  @Test
  void aClaimNeedsAUnitAnExpectationASubjectAndABasis() {
    assertThat(complaints(claim("exp1", "expected: 1")))
        .singleElement()
        .asString()
        .startsWith("a.yaml:4:5: the figure needs a unit, one of count, share, change, ratio,");
    assertThat(complaints(claim("exp1", "unit: count")))
        .containsExactly("a.yaml:4:5: a claim needs expected; write for instance expected: 1.079x");
    assertThat(
            complaints(
                "report: exp1\nclaims:\n  - {id: exp1:p01, says: s, unit: count, expected: 1}\n"))
        .containsExactly(
            "a.yaml:3:10: nothing says how to judge the claim; give it an observable, kind: derived"
                + " with an expression, or a reason-not-evaluated",
            "a.yaml:3:10: the claim has no subject; write for instance \"subject: gpt2\" once for"
                + " the whole file");
  }

  @Test
  void aBadNumberIsShownBesideGoodOnes() {
    assertThat(complaints(claim("exp1", "expected: 1.0.7, unit: ratio")))
        .containsExactly(
            "a.yaml:4:67: \"1.0.7\" is no figure such as 24.27, 1.079x, +108.9%, 4,315 or ~512");
  }

  @Test
  void aFigureMustFitItsUnit() {
    assertThat(complaints(claim("exp1", "expected: 1.079x, unit: perplexity")))
        .containsExactly(
            "a.yaml:4:67: \"1.079x\" cannot be a perplexity, which is printed without a mark");
    assertThat(complaints(claim("exp1", "expected: 2.5, unit: count")))
        .containsExactly("a.yaml:4:67: \"2.5\" is not whole, as a count is");
    assertThat(complaints(claim("exp1", "expected: 2.5, unit: name, kind: value")))
        .containsExactly("a.yaml:4:67: \"2.5\" is a figure, and the unit \"name\" takes names");
    assertThat(complaints(claim("exp1", "expected: L0H8, unit: count, kind: order")))
        .containsExactly(
            "a.yaml:4:67: \"L0H8\" is no figure such as 24.27 or 1.079x, and the unit is count");
  }

  @Test
  void anUnknownUnitKindTierOrSeverityIsNamedWithThoseThereAre() {
    assertThat(complaints(claim("exp1", "expected: 1, unit: counts")))
        .containsExactly(
            "a.yaml:4:76: there is no unit \"counts\"; did you mean \"count\"? (there are count,"
                + " share, change, ratio, perplexity, perplexity-difference, number, tokens/s,"
                + " ms/token, name)");
    assertThat(complaints(claim("exp1", "expected: 1, unit: perplexity-diff")))
        .singleElement()
        .asString()
        .contains("did you mean \"perplexity-difference\"?");
    assertThat(complaints(claim("exp1", "expected: 1, unit: count, kind: atleast")))
        .containsExactly(
            "a.yaml:4:89: there is no kind \"atleast\"; did you mean \"at-least\"? (there are value, draw,"
                + " at-most, at-least, range, order, sign, identity, trend, set, among, derived)");
    assertThat(complaints(claim("exp1", "expected: 1, unit: count, tier: 2K, severity: high")))
        .containsExactly(
            "a.yaml:4:89: there is no tier \"2K\"; did you mean \"2k\"? (there are none, 2k, full)",
            "a.yaml:4:103: there is no severity \"high\" (there are blocker, critical, normal, minor,"
                + " trivial)");
  }

  @Test
  void aDuplicateIdNamesBothPlaces() {
    golden
        .write("a.yaml", claim("exp1", "expected: 1, unit: count"))
        .write("b.yaml", claim("exp1", "expected: 1, unit: count"));
    assertThat(golden.complaints())
        .containsExactly(
            "b.yaml:4:10: the id exp1:p01 is taken by a.yaml:4:10; give one of them a suffix such"
                + " as exp1:p01/second");
  }

  @Test
  void anIdBelongsToItsReport() {
    assertThat(complaints(claim("exp1", "expected: 1, unit: count").replace("exp1:p01", "exp1:p1")))
        .containsExactly(
            "a.yaml:4:10: \"exp1:p1\" is no id of a sentence; write exp1:p01, or exp1:p01/part for"
                + " one of several claims in it");
    assertThat(
            complaints(claim("exp1", "expected: 1, unit: count").replace("exp1:p01", "exp2:p01")))
        .hasSize(1);
    assertThat(
            complaints(table("columns: {a: {says: s, unit: count}}\nrows: [[1, 2]]", "exp2:t01")))
        .containsExactly(
            "a.yaml:5:12: \"exp2:t01\" is no table of this file's report; write exp1:t01 for its"
                + " first");
  }

  @Test
  void aRowHasACellPerColumn() {
    assertThat(
            complaints(
                table(
                    """
            columns:
              a: {says: s, unit: count}
              b: {says: s, unit: count}
            rows:
              - [1, 2, 3]
              - [1, 2]
              - [1, 2, 3, 4]
              - []
              - 7
            """,
                    "exp1:t01")))
        .containsExactly(
            "a.yaml:12:9: the row has 2 cells where 3 are wanted: k, a, b",
            "a.yaml:13:9: the row has 4 cells where 3 are wanted: k, a, b",
            "a.yaml:14:9: the row has 0 cells where 3 are wanted: k, a, b",
            "a.yaml:15:9: a row is a list, not one value");
  }

  @Test
  void aCellIsWrittenAsItsColumnSays() {
    assertThat(
            complaints(
                table(
                    """
            columns:
              a:
                cell: "{n}/144 ({share})"
                parts: {n: {says: s, unit: count}, share: {says: s, unit: share}}
            rows:
              - [1, 117/145 (81.3%)]
            """,
                    "exp1:t01")))
        .containsExactly(
            "a.yaml:12:13: \"117/145 (81.3%)\" is not written as \"{n}/144 ({share})\"");
  }

  @Test
  void cellAndPartsNameTheSameFigures() {
    assertThat(
            complaints(
                table(
                    "columns: {a: {cell: \"{n} heads\", parts: {m: {says: s, unit: count}}}}\nrows: [[1, 2]]",
                    "exp1:t01")))
        .containsExactly(
            "a.yaml:7:38: the cell names n, and the parts are m; they must be the same");
    assertThat(complaints(table("columns: {a: {cell: \"{n} heads\"}}\nrows: [[1, 2]]", "exp1:t01")))
        .containsExactly(
            "a.yaml:7:18: a column with a cell needs parts, one for each {name} in it");
    assertThat(
            complaints(
                table(
                    "columns: {a: {cell: heads, parts: {n: {says: s}}}}\nrows: [[1, 2]]",
                    "exp1:t01")))
        .containsExactly(
            "a.yaml:7:25: \"heads\" names no figure; write for instance \"{heads}/144 ({share})\"");
  }

  @Test
  void aTableNeedsKeyColumnsAndRows() {
    assertThat(complaints("report: exp1\nsubject: gpt2\ntables:\n  - table: exp1:t01\n"))
        .containsExactly(
            "a.yaml:4:5: a table needs key; write for instance key: heads",
            "a.yaml:4:5: a table needs columns, a mapping of names to what stands under them",
            "a.yaml:4:5: a table needs rows, a list with one line per row");
  }

  @Test
  void figuresOfATableHaveNamesOfTheirOwn() {
    assertThat(
            complaints(
                table(
                    "columns: {k: {says: s, unit: count}, value: {says: s, unit: count}}\nrows: [[1, 2, 3]]",
                    "exp1:t01")))
        .containsExactly(
            "a.yaml:5:5: two figures of the table are called k",
            "a.yaml:7:42: \"value\" cannot name a figure; write letters, digits and hyphens, as in"
                + " mean-delta");
  }

  @Test
  void anUnknownObservableIsNamedWithTheClosest() {
    assertThat(
            complaints(
                """
        report: exp1
        subject: gpt2
        claims:
          - id: exp1:p01
            says: s
            unit: count
            expected: 1
            observable: sen/1
        """))
        .containsExactly(
            "a.yaml:8:17: of gpt2, nothing is observed as sen/1; the closest is seen/{value:-?[0-9.]+}");
  }

  @Test
  void anUnknownPathInAFormulaIsShownWithTheColumnAndTheClosest() {
    assertThat(
            complaints(
                """
        report: exp1
        subject: gpt2
        claims:
          - id: exp1:p01
            says: s
            unit: count
            expected: 1
            observable: "[seen/1] / mean([sen/{k:2,3}])"
            elsewhere:
              observable: "[seen/1] / seen/2"
          - id: exp1:p02
            says: s
            unit: count
            expected: 1
            observable: [seen/1]
        """))
        .containsExactly(
            "a.yaml:8:17: in \"[seen/1] / mean([sen/{k:2,3}])\", column 17: of gpt2, nothing is"
                + " observed as sen/2; the closest is seen/{value:-?[0-9.]+}",
            "a.yaml:10:19: in \"[seen/1] / seen/2\", column 12: an observable reads what is measured,"
                + " a path in brackets such as [exp07/norm/11/mean], and no printed figure",
            "a.yaml:15:17: observable is one value, not a list; one that begins with a bracket stands"
                + " in quotes");
  }

  @Test
  void aFormulasRangesAreNoCells() {
    golden.write(
        "a.yaml",
        table(
                """
            columns:
              a:
                says: "{a} at {k}"
                unit: number
                observable: "[seen/{k}] + sum([seen/{n:1..3}] * [seen/{n}])"
            rows: [[7, 21]]
            """,
                "exp1:t01")
            .replace("reason-not-evaluated: nothing measures it\n", ""));
    assertThat(golden.read().claim("exp1:t01:r01:c1").orElseThrow().statement().basis())
        .isEqualTo(new Basis.Measurement("[seen/7] + sum([seen/{n:1..3}] * [seen/{n}])"));
  }

  @Test
  void anUnknownSubjectIsNamedWithThoseThereAre() {
    assertThat(complaints(claim("exp1", "expected: 1, unit: count, subject: gpt-2")))
        .containsExactly(
            "a.yaml:4:10: there is no subject \"gpt-2\"; did you mean \"gpt2\"? (there are gpt2,"
                + " corpus, report)");
  }

  @Test
  void anUnknownPlaceholderIsNamedWithThoseThereAre() {
    assertThat(
            complaints(
                table("columns: {a: {says: \"{kk} s\", unit: count}}\nrows: [[1, 2]]", "exp1:t01")))
        .containsExactly("a.yaml:7:25: nothing here is called {kk}; write {k}, {a} or {value}");
  }

  @Test
  void anExpressionThatCannotBeReadIsShownWithTheColumn() {
    assertThat(complaints(claim("exp1", "expected: 1, unit: count, derived: 1 + / 2")))
        .containsExactly(
            "a.yaml:4:92: in \"1 + / 2\", column 5: a number, a column, an id, a function or \"(\" is"
                + " wanted here, not \"/\"");
  }

  @Test
  void anExpressionThatRefersToNothingIsShownWithTheColumn() {
    assertThat(complaints(claim("exp1", "expected: 1, unit: count, derived: 2 * exp1:p02")))
        .containsExactly(
            "a.yaml:4:92: in \"2 * exp1:p02\", column 5: no claim with a figure has the id exp1:p02;"
                + " did you mean \"exp1:p01\"?");
  }

  @Test
  void whatIsMeasuredIsNoPrintedFigure() {
    assertThat(complaints(claim("exp1", "expected: 1, unit: count, derived: '2 * [seen/1]'")))
        .containsExactly(
            "a.yaml:4:92: in \"2 * [seen/1]\", column 5: [seen/1] is measured, which only an observable"
                + " may read; write a printed figure");
  }

  @Test
  void aDerivedClaimNeedsSomethingToDeriveAndNoObservable() {
    assertThat(complaints(claim("exp1", "kind: derived, expected: 1, unit: count")))
        .containsExactly("a.yaml:4:5: a derived claim needs a derived expression or checks");
    assertThat(complaints(claim("exp1", "kind: derived, derived: 1 + 1, unit: count")))
        .containsExactly(
            "a.yaml:4:72: \"derived\" gives the figure the claim prints, and it prints none; write"
                + " it under checks");
    assertThat(
            complaints(
                claim(
                    "exp1",
                    "kind: derived, expected: 1, unit: count, derived: 1, observable: seen/1")))
        .singleElement()
        .asString()
        .contains("a derived claim is recomputed, not observed");
  }

  @Test
  void aDerivedFigureIsComparedWithOneOfItsSort() {
    assertThat(complaints(claim("exp1", "expected: 1, unit: count, derived: 1 < 2")))
        .containsExactly(
            "a.yaml:4:92: in \"1 < 2\", column 3: the claim prints a number and the expression gives"
                + " a condition");
    assertThat(complaints(claim("exp1", "expected: 1, unit: count, checks: [{that: 1 + 2}]")))
        .containsExactly(
            "a.yaml:4:99: in \"1 + 2\", column 3: a check is a condition such as ppl < 30, not a"
                + " number");
  }

  @Test
  void whatIsNoYamlIsShownWhereItEnds() {
    assertThat(complaints("report: [exp1\nsubject: gpt2\n"))
        .singleElement()
        .asString()
        .startsWith("a.yaml:2:8: this is no YAML: ");
    assertThat(complaints("report: exp1\ntitle: a\u0007b\n"))
        .containsExactly(
            "a.yaml:2:9: this is no YAML: a character U+0007 stands here; take it out");
    assertThat(complaints("")).containsExactly("a.yaml:1:1: the file is empty");
    assertThat(complaints("- 1\n"))
        .containsExactly("a.yaml:1:1: a claim file is a mapping of keys to values, not a list");
    assertThat(complaints("report: exp1\nreport: exp2\n"))
        .containsExactly("a.yaml:2:1: a claim file has the key \"report\" twice");
  }

  @Test
  void whatIsNoUtf8IsSaidSo() throws Exception {
    Files.write(folder.resolve("a.yaml"), new byte[] {'a', ':', ' ', (byte) 0xff});
    assertThat(golden.complaints()).containsExactly("a.yaml:1:1: the file is not UTF-8");
  }

  @Test
  void whatNoReportPrintsIsShownInALine() {
    assertThat(complaints(claim("exp1", "expected: 1e-2147483647, unit: count")))
        .containsExactly(
            "a.yaml:4:67: \"1e-2147483647\" is beyond what can be measured: write a figure between"
                + " 1e-300 and 1e300");
    String digits = "1".repeat(900);
    for (String fields :
        List.of("expected: " + digits, "expected: 1, tolerance: " + digits + "%")) {
      assertThat(complaints(claim("exp1", fields + ", unit: count")))
          .singleElement()
          .asString()
          .hasSizeLessThan(1000)
          .startsWith("a.yaml:4:")
          .containsPattern("is no (figure|tolerance)");
    }
    String deep = "(".repeat(490) + "1" + ")".repeat(490);
    assertThat(complaints(claim("exp1", "expected: 1, unit: count, derived: '" + deep + "'")))
        .singleElement()
        .asString()
        .hasSizeLessThan(1000)
        .startsWith("a.yaml:4:92: ")
        .endsWith("this stands inside 50 others; an expression is no deeper");
    String longer = "x".repeat(1001);
    assertThat(complaints(claim("exp1", "expected: 1, unit: count, part: " + longer)))
        .containsExactly("a.yaml:4:89: part has 1001 characters; 1000 are enough");
  }

  @Test
  void whatStandsForSomethingElsewhereIsWrittenOut() {
    assertThat(complaints("report: &r exp1\nsubject: gpt2\ntables: [*r, *r]\n"))
        .containsExactly("a.yaml:3:10: *r stands for what is written elsewhere; write it out here");
  }

  @Test
  void aFileThatNobodyReadsIsNotReadEither() {
    assertThat(complaints("report: exp1 # " + "x".repeat(200_000)))
        .containsExactly("a.yaml:1:1: the file has more than 200000 bytes; make it several");
  }

  @Test
  void everyErrorOfEveryFileIsShownAtOnce() {
    golden
        .write("a.yaml", claim("exp1", "expected: x, unit: count").replace("says", "say"))
        .write("b.yaml", claim("exp2", "expected: 1, unit: counts"));
    assertThatThrownBy(golden::read)
        .isInstanceOf(GoldenException.class)
        .hasMessageStartingWith("3 errors:\n")
        .hasMessageContaining("a.yaml:4:20: a claim has no key \"say\"")
        .hasMessageContaining("a.yaml:4:5: a claim needs says")
        .hasMessageContaining("b.yaml:4:76: there is no unit \"counts\"");
  }

  private static String claim(String report, String fields) {
    return """
        report: %s
        subject: gpt2
        claims:
          - {id: %s:p01, says: s, reason-not-evaluated: none, %s}
        """
        .formatted(report, report, fields);
  }

  private static String table(String columnsAndRows, String id) {
    return """
        report: exp1
        subject: gpt2
        reason-not-evaluated: nothing measures it
        tables:
          - table: %s
            key: k
        """
            .formatted(id)
        + columnsAndRows.indent(4);
  }

  private List<String> complaints(String file) {
    return golden.write("a.yaml", file).complaints();
  }
}
