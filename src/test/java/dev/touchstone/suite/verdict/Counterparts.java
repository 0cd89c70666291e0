package dev.touchstone.suite.verdict;

import dev.touchstone.corpus.Unavailable;
import dev.touchstone.suite.observation.Grid;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToIntFunction;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * What a path that counts the reports' layers, heads or components of W_QK asks of a subject of
 * another grid: the layers at the same depth, the same share of heads and components.
 */
public record Counterparts(Grid grid) {
  private static final Pattern LAYERS = Pattern.compile("(\\{layer:)([^{}]*)(?=})");
  private static final Pattern LAYER =
      Pattern.compile(
          "(exp07/norm/|exp07/components/(?:block|attention|mlp)/|layers/(?:zero|mean)/)(\\d+)(?=/)");
  private static final Pattern COMPONENTS =
      Pattern.compile("(exp06/(?:injection|clusters|wqk/cumulative-variance)/)(\\d+)(?![\\w-])");
  private static final Pattern OF_ALL =
      Pattern.compile("(cumulative/zero-all/|heads/\\w+/least-important/)(\\d+)(?=/)");
  private static final Pattern OF_ABOVE_LAYER_0 =
      Pattern.compile(
          "(cumulative/(?:zero-l0-protected|mean-l0-protected|harmful-first|relu|mixed|\\w+-by-own-effect)/)(\\d+)(?=/)");

  /**
   * The path, or the formula over several, as the subject is asked it.
   *
   * @throws Unavailable when the subject has no such layer, or has too few heads to tell two
   *     numbers apart
   */
  public String of(String observable) {
    if (grid.equals(Grid.REPORTS)) {
      return observable;
    }
    String asked = replaced(LAYERS, observable, this::layers);
    asked = replaced(LAYER, asked, this::layer);
    asked = replaced(COMPONENTS, asked, number -> share(Grid::all, number));
    asked = replaced(OF_ALL, asked, number -> share(Grid::all, number));
    return replaced(OF_ABOVE_LAYER_0, asked, number -> share(Grid::aboveLayer0, number));
  }

  private String replaced(Pattern numbers, String observable, UnaryOperator<String> own) {
    Map<String, String> theirs = new HashMap<>();
    return numbers
        .matcher(observable)
        .replaceAll(
            found -> {
              String before = found.group(1);
              String number = found.group(2);
              String here = own.apply(number);
              String earlier = theirs.putIfAbsent(before + here, number);
              if (earlier != null && !earlier.equals(number)) {
                throw Unavailable.notSupported(
                    "With its %s it cannot tell %s from %s of the reports'"
                        .formatted(grid, earlier, number));
              }
              return Matcher.quoteReplacement(before + here);
            });
  }

  private String share(ToIntFunction<Grid> among, String number) {
    return Integer.toString(grid.carry(among, Integer.parseInt(number)));
  }

  private String layer(String number) {
    return at(Stream.of(Integer.valueOf(number)), "layer " + number).get(0).toString();
  }

  private String layers(String range) {
    Stream<Integer> theirs =
        Arrays.stream(range.split(","))
            .map(span -> span.strip().split("\\.\\."))
            .flatMap(
                span ->
                    IntStream.rangeClosed(
                            Integer.parseInt(span[0]), Integer.parseInt(span[span.length - 1]))
                        .boxed());
    return at(theirs, "any of layers " + range).stream()
        .sorted()
        .map(String::valueOf)
        .collect(Collectors.joining(","));
  }

  private List<Integer> at(Stream<Integer> theirs, String what) {
    List<Integer> own = theirs.flatMap(layer -> grid.at(layer).stream()).toList();
    if (own.isEmpty()) {
      throw Unavailable.notSupported(
          "None of its %d layers is at the depth of %s of %d"
              .formatted(grid.layers(), what, Grid.REPORTS.layers()));
    }
    return own;
  }
}
