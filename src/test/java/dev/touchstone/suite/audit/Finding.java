package dev.touchstone.suite.audit;

import java.util.List;
import java.util.stream.Collectors;

/**
 * What the audit found of a claim: whether it agrees with the other figures the reports print.
 *
 * @param remarks one for each of the claim's rules that says something, as the digits are printed
 * @param whereTruncated whether it contradicts others only because digits are taken to be rounded:
 *     if they had been cut off, all could be right
 */
public record Finding(List<Remark> remarks, boolean whereTruncated) {
  private static final int FIGURES_SHOWN = 12;

  /**
   * What one rule comes to.
   *
   * @param contradiction whether the printed digits cannot all be right
   * @param sentence what the figures imply and how far apart they are, without a full stop
   * @param evidence the figures read
   */
  public record Remark(boolean contradiction, String sentence, List<Evidence> evidence) {
    public Remark {
      evidence = List.copyOf(evidence);
    }

    /** The sentence with the figures it is about. */
    public String account() {
      String shown =
          evidence.stream()
              .limit(FIGURES_SHOWN)
              .map(figure -> figure.text() + " in " + figure.id())
              .collect(Collectors.joining(", "));
      int further = evidence.size() - FIGURES_SHOWN;
      return sentence
          + (shown.isEmpty() ? "" : " (" + shown)
          + (further > 0 ? " and " + further + " more" : "")
          + (shown.isEmpty() ? "." : ").");
    }
  }

  /**
   * A printed figure that a rule reads.
   *
   * @param id where it is printed: a claim's, of a key the row's
   * @param text as printed
   * @param meant both ends of what rounds to it; empty for what stands for itself alone
   */
  public record Evidence(String id, String text, String meant) {}

  public Finding {
    remarks = List.copyOf(remarks);
  }

  /** Whether the claim contradicts other printed figures. */
  public boolean isContradiction() {
    return remarks.stream().anyMatch(Remark::contradiction);
  }

  /** Whether no rule says anything about the claim. */
  public boolean isSilent() {
    return remarks.isEmpty();
  }

  /** What tells: of a contradiction only the remarks that show it. */
  public List<Remark> telling() {
    return remarks.stream().filter(remark -> remark.contradiction() || !isContradiction()).toList();
  }

  /** The sentences; of a contradiction only those that show it. */
  public String account() {
    return telling().stream().map(Remark::account).collect(Collectors.joining(" "));
  }
}
