package dev.touchstone.suite.audit;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.touchstone.Untrusted;
import dev.touchstone.statistics.Interval;
import dev.touchstone.suite.audit.Figures.Figure;
import dev.touchstone.suite.audit.Figures.Row;
import dev.touchstone.suite.audit.Value.Nothing;
import dev.touchstone.suite.audit.Value.Real;
import dev.touchstone.suite.audit.Value.Span;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.provider.MethodSource;

/** A rule over printed figures, or what is observed. */
class ExpressionFuzzTest {
  private static final Pattern WRITTEN =
      Pattern.compile(
          "(?:derived|that|observable): *[\"']?(.*?)[\"']?(?:,|\\}|$)", Pattern.MULTILINE);

  @RegisterExtension
  static final Untrusted UNTRUSTED = new Untrusted(128, 10_000, ExpressionException.class);

  private static final Real HALF = new Real(new Interval(0.45, 0.55), true);
  private static final Figure OWN = new Figure("exp1:p01", "50%", HALF);

  static Stream<byte[]> seeds() throws IOException {
    Stream.Builder<String> texts = Stream.builder();
    try (Stream<Path> files = Files.list(Path.of("golden/claims"))) {
      for (Path file : files.sorted().toList()) {
        WRITTEN
            .matcher(Files.readString(file))
            .results()
            .map((MatchResult each) -> each.group(1))
            .forEach(texts);
      }
    }
    Stream.of(
            "previous(a) < a < 2 ^ 3 and not name = 'x'",
            "the(exp1:t02:b where exp1:t02:k = a) + exp1:t02:b[1] * exp1:p01 - low(span)",
            "mean([a/{x:0..3}] / [b/{x}]) - max([c/{y:1,2}], 1)")
        .forEach(texts);
    return texts.build().distinct().map(text -> text.getBytes(StandardCharsets.UTF_8));
  }

  @MethodSource("seeds")
  @FuzzTest
  void read(byte[] input) throws IOException {
    String text = new String(input, StandardCharsets.UTF_8);
    Figures figures = new Figures();
    figures.add(OWN);
    for (int row = 1; row <= 4; row++) {
      figures.add(row("exp1:t01", row));
      figures.add(row("exp1:t02", row));
    }
    UNTRUSTED.read(
        input,
        () ->
            ExpressionParser.parse(text)
                .evaluate(
                    Evaluation.of(figures, Optional.of(OWN), Optional.of(row("exp1:t01", 3)))));
    UNTRUSTED.read(input, () -> Formula.parse(text).paths());
  }

  private static Row row(String table, int number) {
    Value cell = number == 2 ? new Nothing() : Value.point(number);
    return new Row(
        table,
        number,
        "" + number,
        Map.of(
            "k", new Figure("key", "" + number, Value.point(number)),
            "a", new Figure("a", "1", cell),
            "b", new Figure("b", "1", cell),
            "name", new Figure("name", "x", Value.name("x")),
            "span", new Figure("span", "1-2", new Span(HALF, HALF))));
  }
}
