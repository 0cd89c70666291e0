package dev.touchstone.suite.verdict;

import dev.touchstone.suite.claim.Claim;
import java.util.List;

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
    return claim.report().equals(report) && claim.part().filter(parts::contains).isPresent();
  }
}
