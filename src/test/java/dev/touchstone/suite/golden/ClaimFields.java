package dev.touchstone.suite.golden;

import dev.touchstone.statistics.Interval;
import dev.touchstone.suite.audit.ExpressionException;
import dev.touchstone.suite.audit.ExpressionParser;
import dev.touchstone.suite.audit.Figures.Figure;
import dev.touchstone.suite.audit.Figures.Row;
import dev.touchstone.suite.audit.Rule;
import dev.touchstone.suite.audit.Value;
import dev.touchstone.suite.audit.Value.Real;
import dev.touchstone.suite.audit.Value.Span;
import dev.touchstone.suite.claim.Basis;
import dev.touchstone.suite.claim.Claim;
import dev.touchstone.suite.claim.Complaint;
import dev.touchstone.suite.claim.Elsewhere;
import dev.touchstone.suite.claim.Expectation;
import dev.touchstone.suite.claim.Place;
import dev.touchstone.suite.claim.Printed;
import dev.touchstone.suite.claim.Printed.Mark;
import dev.touchstone.suite.claim.Statement;
import dev.touchstone.suite.claim.Tolerance;
import dev.touchstone.suite.claim.Unit;
import dev.touchstone.suite.golden.GoldenFile.Text;
import dev.touchstone.suite.observation.Tier;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import org.yaml.snakeyaml.nodes.MappingNode;

/**
 * What a claim file says of a figure but for the figure itself: a column's, a part's, or a single
 * claim's fields.
 */
record ClaimFields(
    GoldenFile source,
    Fields fields,
    Settings settings,
    Text says,
    Kind kind,
    Unit unit,
    Optional<Text> observable,
    Optional<Tolerance> tolerance,
    Optional<Fields> elsewhere,
    Map<String, String> construction,
    List<Rule> rules) {
  /** In a text that is written anew for each row. */
  private static final int MOST_NAMES = 20;

  /** Stands for the rows of a table that are not named, and for a sentence. */
  private static final String ANY = "";

  static final List<String> KEYS =
      Settings.keysAnd(
          "says",
          "kind",
          "unit",
          "observable",
          "tolerance",
          "by-construction",
          "elsewhere",
          "derived",
          "because",
          "checks");
  private static final List<String> ELSEWHERE_KEYS =
      List.of("says", "kind", "unit", "expected", "observable", "tier", "incomparable");

  /**
   * Reads the fields; empty, with complaints, when they cannot make claims.
   *
   * @param prints whether a figure goes with them
   */
  static Optional<ClaimFields> read(
      GoldenFile source, Fields fields, Settings settings, boolean prints) {
    Optional<Text> says = fields.required("says", "\"{heads} heads stay within {value}\"");
    Optional<Unit> unit = fields.word("unit", Unit::of, Unit.words());
    Optional<Kind> kind = fields.word("kind", Kind::of, Kind.words());
    Optional<Tolerance> tolerance = fields.value("tolerance", Tolerance::parse);
    List<Rule> rules = rules(source, fields, prints);
    if (fields.has("kind") && kind.isEmpty() || fields.has("unit") && unit.isEmpty()) {
      return Optional.empty();
    }
    Kind what = kind.orElse(unit.equals(Optional.of(Unit.NAME)) ? Kind.ORDER : Kind.VALUE);
    if (unit.isEmpty()) {
      unit = prints ? what.defaultUnit() : Optional.of(Unit.NUMBER);
    }
    if (unit.isEmpty()) {
      source.complain(
          fields.place(), "the figure needs a unit, one of " + String.join(", ", Unit.words()));
    }
    if (says.isEmpty() || unit.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        new ClaimFields(
            source,
            fields,
            settings,
            says.get(),
            what,
            unit.get(),
            fields.text("observable"),
            tolerance,
            Optional.ofNullable(fields.nodes().get("elsewhere"))
                .flatMap(node -> Fields.of(source, node, "elsewhere", ELSEWHERE_KEYS)),
            construction(source, fields),
            rules));
  }

  private static Map<String, String> construction(GoldenFile source, Fields fields) {
    if (fields.has("by-construction") && !fields.has("observable")) {
      source.complain(
          fields.place("by-construction"),
          "\"by-construction\" says of an observable that no model could change it; there is none");
    }
    Map<String, String> reasons = new LinkedHashMap<>();
    if (fields.nodes().get("by-construction") instanceof MappingNode rows) {
      Fields.ofAnyKeys(source, rows, "by-construction")
          .ifPresent(
              byRow ->
                  byRow
                      .nodes()
                      .keySet()
                      .forEach(
                          key ->
                              byRow
                                  .value(key, ClaimFields::sentence)
                                  .ifPresent(why -> reasons.put(key, why))));
    } else {
      fields
          .value("by-construction", ClaimFields::sentence)
          .ifPresent(why -> reasons.put(ANY, why));
    }
    return reasons;
  }

  /** Complains of rows that are by construction and are none of the table's. */
  void requireRows(Set<String> keys) {
    for (String key : construction.keySet()) {
      if (!key.equals(ANY) && !keys.contains(key)) {
        source.complain(
            fields.place("by-construction"),
            "no row here has the key \"%s\" (there are %s)"
                .formatted(key, String.join(", ", keys)));
      }
    }
  }

  private static String sentence(String text) {
    if (!text.strip().contains(" ")) {
      throw new IllegalArgumentException(
          "\"%s\" is no reason; say in a sentence why no model could change the verdict"
              .formatted(text));
    }
    return text.strip();
  }

  /** What a printed text expects; empty, with a complaint, when it is of another kind or unit. */
  Optional<Expectation> expectation(Text text) {
    Optional<Expectation> read = fields.read(text, kind::expectation);
    Optional<String> objection = read.flatMap(unit::objection);
    objection.ifPresent(sentence -> source.complain(text.place(), sentence));
    return read.filter(each -> objection.isEmpty());
  }

  /**
   * A printed figure, for expressions; empty when it is nothing to compute with.
   *
   * @param id the claim's
   * @param text as printed
   */
  Optional<Figure> figure(String id, String text, Expectation expectation) {
    return value(expectation, Printed::rounding)
        .map(
            rounded ->
                new Figure(
                    id, text, rounded, value(expectation, Printed::truncation).orElseThrow()));
  }

  private Optional<Value> value(Expectation expectation, Function<Printed, Interval> digits) {
    List<Real> numbers =
        expectation.figures().stream()
            .map(
                each ->
                    new Real(
                        unit.isExact(each) ? Interval.point(each.value()) : digits.apply(each),
                        each.mark() == Mark.PERCENT))
            .toList();
    return switch (numbers.size()) {
      case 2 -> Optional.of(new Span(numbers.get(0), numbers.get(1)));
      case 1 -> Optional.of(numbers.get(0));
      default ->
          expectation.names().size() == 1
              ? Optional.of(Value.name(expectation.names().get(0)))
              : Optional.empty();
    };
  }

  /**
   * The claim of a printed figure; empty, with complaints, when something is missing.
   *
   * @param id the claim's
   * @param sentence the cell or sentence it stands in
   * @param cells what may stand in templates, by name
   * @param place where the figure is written
   */
  Optional<UnresolvedClaim> unresolved(
      String id,
      String sentence,
      Expectation expectation,
      Optional<Row> row,
      Map<String, String> cells,
      Place place) {
    Optional<String> text = fill(says, cells);
    Optional<String> path = observable.flatMap(template -> fill(template, cells));
    Optional<Basis> basis = basis(path, place);
    if (settings.subject().isEmpty()) {
      source.complain(
          place,
          "the claim has no subject; write for instance \"subject: gpt2\" once for the whole file");
    }
    if (text.isEmpty() || basis.isEmpty() || settings.subject().isEmpty()) {
      return Optional.empty();
    }
    Statement statement =
        new Statement(text.get(), settings.tier(), basis.get(), expectation, unit);
    Optional<Elsewhere> other = elsewhere(statement, cells);
    if (other.isEmpty()) {
      return Optional.empty();
    }
    Claim claim =
        new Claim(
            id,
            List.of(sentence),
            id.substring(0, id.indexOf(':')),
            settings.part(),
            statement,
            tolerance,
            settings.subject().get(),
            settings.severity(),
            other.get().withHeadsIncomparable(),
            settings.hardwareBound(),
            settings.original(),
            Optional.ofNullable(
                construction.getOrDefault(row.map(Row::key).orElse(ANY), construction.get(ANY))),
            place);
    Optional<Figure> figure = figure(id, printed(expectation), expectation);
    return Optional.of(
        new UnresolvedClaim(
            claim,
            figure,
            row,
            rules,
            observable.map(Text::place),
            elsewhere.flatMap(fields -> fields.text("observable")).map(Text::place)));
  }

  /** As printed, without the words that a bound's text has. */
  static String printed(Expectation expectation) {
    return expectation.figures().size() == 1
        ? expectation.figures().get(0).text()
        : expectation.text();
  }

  private Optional<Basis> basis(Optional<String> path, Place place) {
    boolean derived = kind == Kind.DERIVED;
    if (observable.isPresent()) {
      if (!derived && !fields.has("reason-not-evaluated")) {
        return path.map(Basis.Measurement::new);
      }
      source.complain(
          observable.get().place(),
          derived
              ? "a derived claim is recomputed, not observed; leave out the observable, or make it"
                  + " kind: value with the derived expression beside"
              : "the claim has an observable and a reason-not-evaluated; leave one out");
      return Optional.empty();
    }
    if (derived) {
      if (rules.isEmpty()) {
        source.complain(fields.place(), "a derived claim needs a derived expression or checks");
      }
      return Optional.of(new Basis.PrintedFigures());
    }
    if (settings.reasonNotEvaluated().isEmpty() && !fields.has("observable")) {
      source.complain(
          place,
          "nothing says how to judge the claim; give it an observable, kind: derived with an"
              + " expression, or a reason-not-evaluated");
    }
    return settings.reasonNotEvaluated().map(Basis.NotYet::new);
  }

  /** What the claim comes to on other subjects: itself where its file says nothing else. */
  private Optional<Elsewhere> elsewhere(Statement here, Map<String, String> cells) {
    if (elsewhere.isEmpty()) {
      return Optional.of(new Elsewhere(here, Optional.empty()));
    }
    Fields other = elsewhere.get();
    Kind what = other.word("kind", Kind::of, Kind.words()).orElse(kind);
    if (other.has("observable") && what == Kind.DERIVED) {
      source.complain(
          other.place(),
          "what is recomputed says nothing to observe; give its elsewhere a kind and what is"
              + " expected");
      return Optional.empty();
    }
    boolean asksOtherwise = other.has("kind") || other.has("expected");
    Optional<Expectation> expectation =
        asksOtherwise
            ? other
                .required("expected", "rising")
                .flatMap(text -> other.read(text, what::expectation))
            : Optional.of(here.expectation());
    Unit in =
        asksOtherwise
            ? other
                .word("unit", Unit::of, Unit.words())
                .or(() -> other.has("kind") ? what.defaultUnit() : Optional.empty())
                .orElse(unit)
            : unit;
    Optional<String> says = filled(other, "says", cells, here.text());
    Optional<Basis> seen =
        other.has("observable")
            ? filled(other, "observable", cells, "").map(Basis.Measurement::new)
            : Optional.of(here.basis());
    Tier tier = other.word("tier", Tier::of, Tier.words()).orElse(here.tier());
    Optional<String> incomparable = other.text("incomparable").map(Text::value);
    if (says.isEmpty() || seen.isEmpty() || expectation.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        new Elsewhere(
            new Statement(says.get(), tier, seen.get(), expectation.get(), in), incomparable));
  }

  private Optional<String> filled(
      Fields from, String key, Map<String, String> cells, String otherwise) {
    return from.has(key)
        ? from.text(key).flatMap(text -> fill(text, cells))
        : Optional.of(otherwise);
  }

  private Optional<String> fill(Text template, Map<String, String> cells) {
    Template text = new Template(template.value());
    if (text.size() > MOST_NAMES) {
      source.complain(
          template.place(),
          "%d names stand in braces here; %d are enough".formatted(text.size(), MOST_NAMES));
      return Optional.empty();
    }
    Set<String> unknown = new TreeSet<>(text.placeholders());
    unknown.removeAll(cells.keySet());
    if (unknown.isEmpty()) {
      return Optional.of(text.fill(cells));
    }
    List<String> known = cells.keySet().stream().map(name -> "{" + name + "}").toList();
    source.complain(
        template.place(),
        "nothing here is called {%s}; %s"
            .formatted(
                unknown.iterator().next(),
                known.isEmpty()
                    ? "a claim that prints no figure has nothing to put there"
                    : "write " + Complaint.alternatives(known)));
    return Optional.empty();
  }

  private static List<Rule> rules(GoldenFile source, Fields fields, boolean prints) {
    List<Rule> rules = new ArrayList<>();
    fields
        .text("derived")
        .flatMap(text -> rule(source, true, text, fields.text("because")))
        .ifPresent(rules::add);
    if (fields.has("derived") && !prints) {
      source.complain(
          fields.place("derived"),
          "\"derived\" gives the figure the claim prints, and it prints none; write it under"
              + " checks");
    }
    if (fields.has("because") && !fields.has("derived")) {
      source.complain(
          fields.place("because"),
          "\"because\" stands beside a derived expression or in a check; write what it explains, or"
              + " leave it out");
    }
    fields
        .list("checks")
        .forEach(
            node ->
                Fields.of(source, node, "a check", List.of("that", "because"))
                    .ifPresent(
                        check ->
                            check
                                .required("that", "ratio >= 1")
                                .flatMap(text -> rule(source, false, text, check.text("because")))
                                .ifPresent(rules::add)));
    return rules;
  }

  private static Optional<Rule> rule(
      GoldenFile source, boolean derived, Text text, Optional<Text> because) {
    try {
      return Optional.of(
          new Rule(
              derived,
              text.value(),
              ExpressionParser.parse(text.value()),
              because.map(Text::value),
              text.place()));
    } catch (ExpressionException e) {
      source.complain(text.place(), e.in(text.value()));
      return Optional.empty();
    }
  }
}
