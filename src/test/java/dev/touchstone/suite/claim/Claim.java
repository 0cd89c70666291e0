package dev.touchstone.suite.claim;

import java.util.List;
import java.util.Optional;

/**
 * One thing a report says.
 *
 * @param id a cell's ({@code exp06:t01:r03:c1}) or a sentence's ({@code exp06:p05}), with a suffix
 *     where one source makes several claims ({@code exp06:p05/pc1})
 * @param source the cells and sentences it stands in
 * @param report the report's short name
 * @param part the part of the report, {@code 6A}
 * @param statement what it says of its subject
 * @param tolerance where the claim states its own
 * @param subject the model or text it is about
 * @param severity how much falls with it
 * @param elsewhere what it comes to on another subject
 * @param hardwareBound whether the figure is an absolute speed of the reporter's machine
 * @param original which state of what the report describes it is true to
 * @param construction why no model could change the verdict; empty for what a measurement decides
 * @param place where it is written
 */
public record Claim(
    String id,
    List<String> source,
    String report,
    Optional<String> part,
    Statement statement,
    Optional<Tolerance> tolerance,
    String subject,
    Severity severity,
    Elsewhere elsewhere,
    boolean hardwareBound,
    Optional<String> original,
    Optional<String> construction,
    Place place) {
  /** The subject of what the reports work out by formulas: neither weights nor text. */
  public static final String FORMULAS = "report";

  public Claim {
    source = List.copyOf(source);
  }

  /** What it comes to on a subject: itself on its own. */
  public Elsewhere on(String other) {
    return other.equals(subject) ? new Elsewhere(statement, Optional.empty()) : elsewhere;
  }

  /** Report, part and statement: {@code exp06 6A: 90% of the variance needs 82 components}. */
  public String displayName() {
    return report + part.map(each -> " " + each).orElse("") + ": " + statement.text();
  }
}
