package dev.touchstone.suite.golden;

import static org.assertj.core.api.Assertions.assertThat;

import dev.touchstone.Untrusted;
import dev.touchstone.suite.verdict.GoldenFolder;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Files that are small and would take long, or much memory, to read. */
class ClaimFileBombTest {
  private static final String HEAD = "report: exp1\nsubject: gpt2\nreason-not-evaluated: none\n";

  @RegisterExtension
  static final Untrusted UNTRUSTED = new Untrusted(128, 4000, GoldenException.class);

  @TempDir private Path folder;

  static Stream<Arguments> bombs() {
    return Stream.of(
        bomb(
            "nine levels of aliases",
            "a: &a [x,x,x,x,x,x,x,x,x]\n"
                + lines(
                    8,
                    i ->
                        "b%d: &b%d [%s]"
                            .formatted(i, i, repeat(9, i == 0 ? "*a" : "*b" + (i - 1))))),
        bomb("an alias of itself", "report: exp1\ntables: &t [*t]\n"),
        bomb("a merge of many", "a: &a {x: 1}\n" + lines(1000, i -> "b" + i + ": {<<: *a}")),
        bomb("brackets", HEAD + "claims: " + "[".repeat(80_000)),
        bomb("mappings in mappings", lines(16_000, i -> " ".repeat(Math.min(i, 3)) + "- ? - a")),
        bomb("keys", lines(16_000, i -> "k" + i + ": v")),
        bomb("anchors", HEAD + "claims: [" + repeat(24_000, "&a b") + "]"),
        bomb("tags", HEAD + "claims: [" + repeat(8000, "!!java.net.URL [x]") + "]"),
        bomb("a long line", HEAD + "part: \"" + "\\u0041 ".repeat(28_000) + "\""),
        bomb("a long name", HEAD + "p" + "q".repeat(160_000) + ": x"),
        bomb("empty claims", HEAD + "claims:\n" + lines(28_000, i -> " - {}")),
        bomb(
            "one id",
            HEAD + "claims:\n" + lines(2800, i -> claim("exp1:p01", "expected: 1, unit: count"))),
        bomb(
            "units that are none",
            HEAD
                + "claims:\n"
                + lines(2400, i -> claim("exp1:p01/x" + i, "expected: 1, unit: countt"))),
        bomb(
            "paths that are none",
            "report: exp1\nsubject: gpt2\nclaims:\n"
                + lines(1600, i -> observed(i, "seen/x/y/z/" + i))),
        bomb(
            "references that are none",
            HEAD
                + "claims:\n"
                + lines(
                    2000,
                    i ->
                        claim(
                            "exp1:p01/a" + i,
                            "expected: 1, unit: count, derived: exp1:p77/b" + i))),
        bomb(
            "ranges in ranges",
            "report: exp1\nsubject: gpt2\nclaims:\n"
                + observed(
                    0,
                    IntStream.range(0, 30)
                            .mapToObj(i -> "sum([seen/{a" + i + ":0..9}]")
                            .collect(Collectors.joining(" + "))
                        + ")".repeat(30))),
        bomb(
            "many ranges",
            "report: exp1\nsubject: gpt2\nclaims:\n"
                + lines(
                    130,
                    i ->
                        observed(
                            i,
                            IntStream.range(0, 50)
                                .mapToObj(j -> "[seen/{x:0..9999}]")
                                .collect(Collectors.joining(" + "))))),
        bomb(
            "paths, as many as a formula may read",
            "report: exp1\nsubject: gpt2\nclaims:\n"
                + lines(1600, i -> observed(i, "sum([seen/{x:0..999}])"))),
        bomb("comparisons in comparisons", rule("1 < (".repeat(45) + "a" + ") < 1".repeat(45))),
        bomb("rows before rows", rule("previous(".repeat(45) + "a" + ")".repeat(45) + " > 0")),
        bomb("sums of sums", rule("sum(a + ".repeat(45) + "a" + ")".repeat(45) + " > 0")),
        bomb(
            "sums of sums of another table",
            rule("sum(exp1:t01:a + ".repeat(40) + "exp1:t01:a" + ")".repeat(40) + " > 0")),
        bomb(
            "a rule over each row for each row",
            table(6000, "a: {says: s, unit: count, checks: [{that: sum(a) > 0}]}", "1")),
        bomb(
            "a cell that may be cut in many ways",
            parts("{a} {b} {c} {d} {e} {f} {g} {h}", " ".repeat(500) + "x")),
        bomb(
            "a long text for each row",
            table(3600, "a: {says: \"" + "{a}{k}".repeat(160) + "\", unit: count}", "1")),
        bomb("columns", columns(3600, 3)),
        bomb("columns for many rows", columns(2000, 8000)),
        bomb("rows", table(12_000, "a: {says: s, unit: count}", "1")),
        bomb("rows that go on and on", table(12_000, "a: {says: s, unit: count}", "x")));
  }

  private static Arguments bomb(String what, String yaml) {
    int length = yaml.getBytes(StandardCharsets.UTF_8).length;
    // A larger file is not read.
    assertThat(length).as(what).isLessThan(200_000);
    return Arguments.of(what, yaml);
  }

  private static String lines(int count, IntFunction<String> line) {
    return IntStream.range(0, count).mapToObj(line).collect(Collectors.joining("\n", "", "\n"));
  }

  private static String repeat(int count, String text) {
    return IntStream.range(0, count).mapToObj(i -> text).collect(Collectors.joining(","));
  }

  private static String claim(String id, String fields) {
    return "  - {id: \"" + id + "\", says: s, " + fields + "}";
  }

  private static String observed(int number, String path) {
    return claim("exp1:p01/a" + number, "unit: number, expected: 1, observable: '" + path + "'");
  }

  private static String table(int rows, String column, String cell) {
    return HEAD
        + "tables:\n  - table: exp1:t01\n    key: k\n    columns:\n      "
        + column
        + "\n    rows:\n"
        + lines(rows, i -> "      - [" + i % 97 + ", " + cell + "]");
  }

  private static String rule(String that) {
    return table(60, "a: {says: s, unit: count, checks: [{that: \"" + that + "\"}]}", "1")
        .replace("[3, 1]", "[3, —]");
  }

  private static String parts(String cell, String written) {
    return table(
        50,
        "a: {cell: \""
            + cell
            + "\", parts: {"
            + "abcdefgh"
                .chars()
                .mapToObj(each -> (char) each + ": {says: s, unit: count}")
                .collect(Collectors.joining(", "))
            + "}}",
        "\"" + written + "\"");
  }

  private static String columns(int columns, int rows) {
    return HEAD
        + "tables:\n  - table: exp1:t01\n    key: k\n    columns:\n"
        + lines(columns, i -> "      c" + i + ": {says: s, unit: count}")
        + "    rows:\n"
        + lines(rows, i -> "      - [1]");
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("bombs")
  void areAnsweredAtOnce(String what, String yaml) throws IOException {
    GoldenFolder golden = new GoldenFolder(folder).write("a.yaml", yaml);
    UNTRUSTED.read(yaml.getBytes(StandardCharsets.UTF_8), golden::read);
  }
}
