package dev.touchstone.suite.verdict;

import dev.touchstone.suite.claim.Assessment;
import dev.touchstone.suite.claim.Basis;
import dev.touchstone.suite.claim.Claim;
import dev.touchstone.suite.claim.Statement;
import dev.touchstone.suite.observation.Losses;
import java.util.Optional;

/**
 * What another subject shows of a claim: information about generality, no verdict.
 *
 * @param subject the other one
 * @param asked the path that was observed; empty when nothing was
 * @param measured the measurement; empty when nothing was observed
 * @param reason why the answer is what it is
 * @param seconds how long the measurement took
 * @param losses where its losses came from; empty when nothing was observed
 */
public record Replica(
    Claim claim,
    OtherSubject subject,
    String asked,
    Answer answer,
    Optional<Assessment> measured,
    String reason,
    double seconds,
    Optional<Losses> losses) {

  /** What the subject answers. */
  public enum Answer {
    /** The statement is true of it too. */
    SHOWN("shows it"),
    /** The statement is not true of it. */
    NOT_SHOWN("does not show it"),
    /** A printed figure, which other weights cannot repeat: only their own is given. */
    FIGURE("figure only"),
    /** True of any model, which makes it no answer. */
    BY_CONSTRUCTION("by construction"),
    /** A statement about parts of the reports' subject, which no other has. */
    INCOMPARABLE("no counterpart"),
    /** Nothing was observed. */
    UNOBSERVED("not observed");

    private final String words;

    Answer(String words) {
      this.words = words;
    }

    /** For readers. */
    public String words() {
      return words;
    }
  }

  /** Where its losses came from, for readers; empty when nothing was observed. */
  public String source() {
    return losses.map(Losses::words).orElse("");
  }

  /** The path that was observed where it is not the claim's own; empty where it is. */
  public String counterpart() {
    return statement().basis() instanceof Basis.Measurement measurement
            && !measurement.path().equals(asked)
        ? asked
        : "";
  }

  /** What is claimed, as it reads of any subject. */
  public Statement statement() {
    return claim.elsewhere().statement();
  }
}
