package dev.touchstone.suite.golden;

import dev.touchstone.suite.claim.Expectation;
import dev.touchstone.suite.golden.GoldenFile.Text;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.yaml.snakeyaml.nodes.Node;

/** Reads the claims of one file; {@code golden/claims/README.md} says how one is written. */
final class ClaimFile {
  private static final List<String> KEYS = Settings.keysAnd("report", "title", "tables", "claims");
  private static final List<String> CLAIM_KEYS =
      Stream.concat(Stream.of("id", "expected"), ClaimFields.KEYS.stream()).toList();
  private static final Pattern ID =
      Pattern.compile("(?<sentence>(?<report>[a-z0-9]+):(?!t)[a-z]\\d{2})(?:/[A-Za-z0-9-]+)?");

  private ClaimFile() {}

  /** The drafts of a file's claims; what they print is added to the transcript. */
  static List<UnresolvedClaim> read(GoldenFile source, Node root, Transcript transcript) {
    Optional<Fields> top = Fields.of(source, root, "a claim file", KEYS);
    Optional<Text> report = top.flatMap(fields -> fields.required("report", "exp06"));
    if (top.isEmpty() || report.isEmpty()) {
      return List.of();
    }
    transcript
        .titles()
        .put(
            report.get().value(),
            top.get().text("title").map(Text::value).orElse(report.get().value()));
    Settings settings = Settings.none().with(top.get());
    List<UnresolvedClaim> drafts = new ArrayList<>();
    for (Node node : top.get().list("tables")) {
      Fields.of(source, node, "a table", TableReader.KEYS)
          .map(
              table ->
                  TableReader.read(
                      source, table, settings.with(table), transcript, report.get().value()))
          .ifPresent(drafts::addAll);
    }
    for (Node node : top.get().list("claims")) {
      Fields.of(source, node, "a claim", CLAIM_KEYS)
          .flatMap(claim -> sentence(source, claim, settings.with(claim), report.get().value()))
          .ifPresent(drafts::add);
    }
    return drafts;
  }

  private static Optional<UnresolvedClaim> sentence(
      GoldenFile source, Fields fields, Settings settings, String report) {
    Optional<Text> id = fields.required("id", report + ":p01");
    boolean prints = fields.has("expected") || !fields.says("kind", Kind.DERIVED.word());
    Optional<ClaimFields> said = ClaimFields.read(source, fields, settings, prints);
    if (id.isEmpty() || said.isEmpty()) {
      return Optional.empty();
    }
    Matcher form = ID.matcher(id.get().value());
    if (!form.matches() || !form.group("report").equals(report)) {
      source.complain(
          id.get().place(),
          "\"%s\" is no id of a sentence; write %s:p01, or %s:p01/part for one of several claims in it"
              .formatted(id.get().value(), report, report));
      return Optional.empty();
    }
    boolean vanishes = said.get().kind() == Kind.IDENTITY && !fields.has("expected");
    Optional<Text> expected =
        vanishes
            ? Optional.of(new Text("0", fields.place()))
            : prints ? fields.required("expected", "1.079x") : Optional.empty();
    Optional<Expectation> expectation =
        prints
            ? expected.flatMap(said.get()::expectation)
            : Optional.of(new Expectation.Unprinted());
    Map<String, String> cells =
        expected.map(text -> Map.of("value", text.value())).orElse(Map.of());
    return expectation.flatMap(
        each ->
            said.get()
                .unresolved(
                    id.get().value(),
                    form.group("sentence"),
                    each,
                    Optional.empty(),
                    cells,
                    id.get().place()));
  }
}
