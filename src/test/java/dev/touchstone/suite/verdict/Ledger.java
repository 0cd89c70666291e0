package dev.touchstone.suite.verdict;

import dev.touchstone.suite.claim.Claim;
import dev.touchstone.suite.golden.ClaimCatalog;
import dev.touchstone.suite.golden.Fields;
import dev.touchstone.suite.golden.GoldenException;
import dev.touchstone.suite.golden.GoldenFile;
import dev.touchstone.suite.golden.GoldenFile.Text;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.format.DateTimeParseException;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.yaml.snakeyaml.nodes.Node;

/**
 * What is known not to hold, so that a run fails when something changes and not before.
 *
 * <pre>
 * - claim: exp06:t02:r06:c1
 *   verdict: INCONSISTENT
 *   measured: 89.37%
 *   reason: 6A needs 82 components for 90%
 *   date: 2026-11-22
 * </pre>
 */
public final class Ledger {
  private static final List<String> KEYS =
      List.of("claim", "verdict", "measured", "reason", "date");

  private final Map<String, Entry> entries;

  private Ledger(Map<String, Entry> entries) {
    this.entries = entries;
  }

  /**
   * One claim that is known not to hold.
   *
   * @param claim its id
   * @param verdict refuted or inconsistent
   * @param measured what was measured, in words; empty where nothing was
   * @param reason why it does not hold, as far as it is understood
   * @param date when it was recorded
   */
  public record Entry(
      String claim, Outcome verdict, String measured, String reason, LocalDate date) {}

  /** Where a verdict stands to what is known. */
  public sealed interface Standing {
    /** In one word: {@code holds}, {@code known}, {@code open} or {@code conflict}. */
    default String word() {
      return getClass().getSimpleName().toLowerCase(Locale.ROOT);
    }

    /** It holds, and nothing else was known. */
    record Holds() implements Standing {}

    /** It does not hold, as is known. */
    record Known(Entry entry) implements Standing {}

    /** It could not be judged, which contradicts nothing. */
    record Open() implements Standing {}

    /**
     * It is not what is known.
     *
     * @param sentence what differs and what to do about it
     */
    record Conflict(String sentence) implements Standing {}
  }

  /**
   * Reads the ledger.
   *
   * @throws GoldenException with every complaint about it, an entry for an unknown claim among them
   */
  public static Ledger read(Path file, ClaimCatalog catalog) {
    return GoldenFile.read(
        file,
        (source, root) -> {
          Map<String, Entry> entries = new LinkedHashMap<>();
          read(source, root, catalog, entries);
          return () -> new Ledger(entries);
        });
  }

  private static void read(
      GoldenFile source, Node root, ClaimCatalog catalog, Map<String, Entry> entries) {
    for (Node node : source.members(root, "the ledger").orElse(List.of())) {
      Optional<Fields> fields = Fields.of(source, node, "an entry", KEYS);
      Optional<Text> claim = fields.flatMap(each -> each.required("claim", "exp06:t02:r06:c1"));
      fields
          .flatMap(each -> entry(source, each, claim, catalog))
          .ifPresent(
              entry -> {
                if (entries.put(entry.claim(), entry) != null) {
                  source.complain(
                      claim.orElseThrow().place(), entry.claim() + " is in the ledger twice");
                }
              });
    }
  }

  private static Optional<Entry> entry(
      GoldenFile source, Fields fields, Optional<Text> claim, ClaimCatalog catalog) {
    List<String> verdicts =
        Arrays.stream(Outcome.values()).filter(Outcome::isNegative).map(Outcome::name).toList();
    fields.required("verdict", "REFUTED");
    Optional<Outcome> verdict =
        fields.word(
            "verdict",
            text -> verdicts.contains(text) ? Optional.of(Outcome.valueOf(text)) : Optional.empty(),
            verdicts);
    Optional<Text> reason = fields.required("reason", "the table was made with other weights");
    fields.required("date", "2026-11-22");
    Optional<LocalDate> date = fields.value("date", Ledger::date);
    claim.ifPresent(text -> catalog.require(source, text));
    if (claim.isEmpty() || verdict.isEmpty() || reason.isEmpty() || date.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        new Entry(
            claim.get().value(),
            verdict.get(),
            fields.text("measured").map(Text::value).orElse(""),
            reason.get().value(),
            date.get()));
  }

  private static LocalDate date(String text) {
    try {
      return LocalDate.parse(text);
    } catch (DateTimeParseException e) {
      throw new IllegalArgumentException("\"" + text + "\" is no date such as 2026-11-22", e);
    }
  }

  /** What is known of a claim. */
  public Optional<Entry> entry(Claim claim) {
    return Optional.ofNullable(entries.get(claim.id()));
  }

  /**
   * Where a verdict stands.
   *
   * @param strict whether what is known not to hold conflicts too
   */
  public Standing standing(Verdict verdict, boolean strict) {
    Optional<Entry> entry = entry(verdict.claim());
    Outcome outcome = verdict.outcome();
    if (outcome == Outcome.NOT_EVALUATED) {
      return new Standing.Open();
    }
    if (outcome.isNegative()) {
      if (entry.isEmpty()) {
        return new Standing.Conflict(
            "It is not in the ledger. If the claim is transcribed as printed and the verdict is"
                + " right, record it in golden/ledger.yaml:\n"
                + proposal(verdict));
      }
      if (entry.get().verdict() != outcome) {
        return new Standing.Conflict(
            "The ledger knows it as %s since %s (%s)."
                .formatted(entry.get().verdict(), entry.get().date(), entry.get().reason()));
      }
      return strict
          ? new Standing.Conflict("It is known, and -Dtouchstone.strict lets nothing known pass.")
          : new Standing.Known(entry.get());
    }
    return entry
        .<Standing>map(
            known ->
                new Standing.Conflict(
                    "The ledger knows it as %s since %s (%s); it is so no longer: take it out of the ledger."
                        .formatted(known.verdict(), known.date(), known.reason())))
        .orElseGet(Standing.Holds::new);
  }

  private static String proposal(Verdict verdict) {
    String measured =
        verdict
            .measured()
            .map(each -> "  measured: \"" + each.measured().replace("\"", "\\\"") + "\"\n")
            .orElse("");
    return "- claim: %s\n  verdict: %s\n%s  reason: ...\n  date: %s\n"
        .formatted(verdict.claim().id(), verdict.outcome(), measured, LocalDate.now());
  }
}
