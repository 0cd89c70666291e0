package dev.touchstone.corpus;

import java.util.Optional;

/**
 * Something the suite can do without, and says so. What goes wrong while measuring is no such
 * thing.
 */
public final class Unavailable extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final Kind kind;
  private final String reason;
  private final String remedy;

  /** Why it is not to be had. */
  public enum Kind {
    /** It is not on this machine, and a command supplies it. */
    MISSING,
    /** It takes long, and a command asks for it. */
    NOT_ASKED_FOR,
    /** No command supplies it. */
    NOT_SUPPORTED
  }

  private Unavailable(Kind kind, String reason, String remedy) {
    super(
        remedy.isEmpty()
            ? reason
            : reason + (reason.endsWith(".") ? " " : ". ") + "Supply it with: " + remedy);
    this.kind = kind;
    this.reason = reason;
    this.remedy = remedy;
  }

  /**
   * Something that is not on this machine.
   *
   * @param reason one sentence: what is missing and where it was looked for
   * @param remedy the one command that supplies it
   */
  public static Unavailable missing(String reason, String remedy) {
    return new Unavailable(Kind.MISSING, reason, remedy);
  }

  /** Something that a run with leave to download supplies. */
  public static Unavailable untilDownloaded(String reason) {
    return missing(reason, "mvn verify -Dtouchstone.download");
  }

  /**
   * Something that takes long.
   *
   * @param reason one sentence: what it takes
   * @param remedy the one command that asks for it
   */
  public static Unavailable unlessAskedFor(String reason, String remedy) {
    return new Unavailable(Kind.NOT_ASKED_FOR, reason, remedy);
  }

  /**
   * Something that no command supplies.
   *
   * @param reason one sentence: why there is no such thing
   */
  public static Unavailable notSupported(String reason) {
    return new Unavailable(Kind.NOT_SUPPORTED, reason, "");
  }

  /** Why it is not to be had. */
  public Kind kind() {
    return kind;
  }

  /** One sentence: what is missing and where it was looked for. */
  public String reason() {
    return reason;
  }

  /** The one command that supplies it; empty of what none does. */
  public Optional<String> remedy() {
    return Optional.of(remedy).filter(command -> !command.isEmpty());
  }
}
