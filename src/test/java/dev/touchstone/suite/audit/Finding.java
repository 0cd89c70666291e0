package dev.touchstone.suite.audit;

import java.util.List;
import java.util.stream.Collectors;

/**
 * What the audit found of a claim: whether it agrees with the other figures the reports print.
 *
 * @param remarks one for each of the claim's rules that says something, as the digits are printed
 */
public record Finding(List<Remark> remarks) {
  /**
   * What one rule comes to.
   *
   * @param contradiction whether the printed digits cannot all be right
   * @param sentence which figures, what they imply and how far apart
   */
  public record Remark(boolean contradiction, String sentence) {}

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

  /** The sentences; of a contradiction only those that show it. */
  public String account() {
    return remarks.stream()
        .filter(remark -> remark.contradiction() || !isContradiction())
        .map(Remark::sentence)
        .collect(Collectors.joining(" "));
  }
}
