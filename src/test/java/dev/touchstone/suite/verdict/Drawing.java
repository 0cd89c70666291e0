package dev.touchstone.suite.verdict;

import dev.touchstone.suite.claim.Claim;
import java.util.List;
import java.util.Optional;

/**
 * A figure that a run has drawn.
 *
 * @param subject whose measurements it shows
 * @param file in the folder of the run's reports
 * @param caption what is to be seen
 * @param report the short name of the report whose figures stand beside
 * @param parts the parts of the report they stand in
 */
public record Drawing(
    String subject, String file, String caption, String report, List<String> parts) {
  public Drawing {
    parts = List.copyOf(parts);
  }

  /** Whether it draws what a claim is about. */
  public boolean shows(Claim claim) {
    return shows(claim.report(), claim.part());
  }

  /** Whether it draws what stands in a part of a report. */
  public boolean shows(String name, Optional<String> part) {
    return name.equals(report) && part.filter(parts::contains).isPresent();
  }
}
