package dev.touchstone.intervention;

import dev.touchstone.model.Head;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Reads an intervention's canonical text. */
final class InterventionParser {
  static final String BASELINE = "baseline";

  private static final Pattern PART =
      Pattern.compile("([a-z0-9]+)(?:\\[([^\\[\\]()]+)])?\\(([^()]*)\\)");
  private static final Pattern LAYER = Pattern.compile("L(\\d{1,4})");
  private static final String KINDS =
      "zero(L0H1), zero(L0H1@2,5), values(L0H1@2,5), mean(L0H1), mean[TEXT](L0H1), tokenmean[TEXT](L0H1),"
          + " resample[SEED](L0H1), optimal[FIT](L0H1), pattern[TEXT](L0H1), relu(L0H1), l1(L0H1),"
          + " identity(L0H1), kernel(L0H1), project[BASIS:8](L0,L1) or inject[CHANGE](L0H1)";

  private InterventionParser() {}

  static Intervention parse(String text) {
    if (text == null) {
      throw new IllegalArgumentException(
          "there is no text to read an intervention from: write baseline, or " + KINDS);
    }
    if (text.equals(BASELINE)) {
      return Intervention.BASELINE;
    }
    List<Intervention> parts = new ArrayList<>();
    // A source's name may hold a plus sign, so only one that follows a closing parenthesis parts.
    for (String part : text.split("(?<=\\))\\+", -1)) {
      parts.add(part(part));
    }
    return Composition.of(parts.toArray(Intervention[]::new));
  }

  private static Intervention part(String text) {
    Matcher matcher = PART.matcher(text);
    if (!matcher.matches()) {
      throw new IllegalArgumentException(
          "\"" + text + "\" is no intervention: write baseline, or " + KINDS + ", joined by +");
    }
    String kind = matcher.group(1);
    String source = matcher.group(2);
    String[] where = matcher.group(3).split("@", 2);
    List<String> places = List.of(where[0].split(",", -1));
    if (where.length == 2 && !kind.equals("zero") && !kind.equals("values")) {
      throw new IllegalArgumentException(
          "only zero and values can be at some positions, so leave out @" + where[1]);
    }
    return switch (kind) {
      case "zero" -> {
        rejectSource(kind, source);
        ZeroAblation everywhere = ZeroAblation.of(heads(kind, places));
        yield where.length == 1 ? everywhere : everywhere.at(positions(where[1]));
      }
      case "values" -> {
        rejectSource(kind, source);
        ValueAblation all = ValueAblation.of(heads(kind, places));
        yield where.length == 1 ? all : all.at(positions(where[1]));
      }
      case "relu", "l1", "identity", "kernel" -> {
        rejectSource(kind, source);
        yield Linearization.of(
            Linearization.Kind.valueOf(kind.toUpperCase(Locale.ROOT)), heads(kind, places));
      }
      case "mean" ->
          new MeanAblation(
              HeadSet.of(heads(kind, places)), source == null ? MeanAblation.EVALUATED : source);
      case "resample", "tokenmean", "optimal" ->
          new OutputAblation(
              OutputAblation.Kind.valueOf(kind.toUpperCase(Locale.ROOT)),
              HeadSet.of(heads(kind, places)),
              needSource(kind, source, kind + "[NAME](L0H1)"));
      case "pattern" ->
          new PatternAblation(
              HeadSet.of(heads(kind, places)), needSource(kind, source, "pattern[NAME](L0H1)"));
      case "inject" ->
          new QueryKeyInjection(
              HeadSet.of(heads(kind, places)), needSource(kind, source, "inject[CHANGE](L0H1)"));
      case "project" -> projection(source, places);
      default ->
          throw new IllegalArgumentException(
              "no intervention is called \"" + kind + "\"; there are " + KINDS);
    };
  }

  private static Intervention projection(String source, List<String> places) {
    String basis = needSource("project", source, "project[BASIS:8](L0,L1)");
    int colon = basis.lastIndexOf(':');
    if (colon < 1 || !basis.substring(colon + 1).matches("\\d{1,6}")) {
      throw new IllegalArgumentException(
          "project[%s]: after the basis comes a colon and the number of components, as in project[BASIS:8](L0,L1)"
              .formatted(basis));
    }
    return new WriteProjection(
        places.stream().map(InterventionParser::layer).toList(),
        basis.substring(0, colon),
        Integer.parseInt(basis.substring(colon + 1)));
  }

  private static List<Head> heads(String kind, List<String> places) {
    for (String place : places) {
      if (LAYER.matcher(place).matches()) {
        throw new IllegalArgumentException(
            "%1$s works on heads, and %2$s is a layer: name its heads, as in %2$sH0,%2$sH1"
                .formatted(kind, place));
      }
    }
    return places.stream().map(Head::parse).toList();
  }

  private static int[] positions(String listed) {
    for (String position : listed.split(",", -1)) {
      if (!position.matches("\\d{1,6}")) {
        throw new IllegalArgumentException(
            "\"%s\" is no position: count positions from 0, as in zero(L0H1@2,5)"
                .formatted(position));
      }
    }
    return Stream.of(listed.split(",")).mapToInt(Integer::parseInt).toArray();
  }

  private static int layer(String place) {
    Matcher matcher = LAYER.matcher(place);
    if (!matcher.matches()) {
      throw new IllegalArgumentException(
          "project works on layers, and \"" + place + "\" is none: write L3 for layer 3");
    }
    return Integer.parseInt(matcher.group(1));
  }

  private static void rejectSource(String kind, String source) {
    if (source != null) {
      throw new IllegalArgumentException(
          kind + " takes nothing in brackets, so leave out [" + source + "]");
    }
  }

  private static String needSource(String kind, String source, String form) {
    if (source == null) {
      throw new IllegalArgumentException(
          kind + " must say in brackets what it uses, as in " + form);
    }
    return source;
  }
}
