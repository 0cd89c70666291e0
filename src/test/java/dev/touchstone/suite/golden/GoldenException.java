package dev.touchstone.suite.golden;

import dev.touchstone.suite.claim.Complaint;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Files of the golden folder cannot be read as what they should be: every complaint at once, for
 * people, who need no stack trace.
 */
public final class GoldenException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** As many as somebody may put right at once. */
  private static final int MOST = 300;

  private final transient List<Complaint> complaints;

  private GoldenException(String message, List<Complaint> complaints) {
    super(message, null, false, false);
    this.complaints = complaints;
  }

  public static GoldenException of(List<Complaint> complaints) {
    // A rule of a column may complain once for each row.
    List<Complaint> inOrder =
        complaints.stream()
            .distinct()
            .sorted(
                Comparator.comparing((Complaint each) -> each.place().file())
                    .thenComparing(each -> each.place().line())
                    .thenComparing(each -> each.place().column()))
            .toList();
    String title = inOrder.size() == 1 ? "" : inOrder.size() + " errors:\n";
    return new GoldenException(
        inOrder.stream().map(Complaint::toString).collect(Collectors.joining("\n", title, "")),
        inOrder);
  }

  /**
   * Adds a complaint to others.
   *
   * @throws GoldenException when they are enough
   */
  static void add(List<Complaint> complaints, Complaint complaint) {
    complaints.add(complaint);
    if (complaints.size() >= MOST) {
      throw of(complaints);
    }
  }

  /** What is wrong, file by file from top to bottom. */
  public List<Complaint> complaints() {
    return complaints;
  }
}
