package dev.touchstone.corpus;

/** Something the suite can do without, and says so: it is not on this machine. */
public final class Unavailable extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final String reason;
  private final String remedy;

  /**
   * @param reason one sentence: what is missing and where it was looked for
   * @param remedy the one command that supplies it
   */
  public Unavailable(String reason, String remedy) {
    super(reason + " Supply it with: " + remedy);
    this.reason = reason;
    this.remedy = remedy;
  }

  /** Something that a run with leave to download supplies. */
  public static Unavailable untilDownloaded(String reason) {
    return new Unavailable(reason, "mvn verify -Dtouchstone.download");
  }

  /** One sentence: what is missing and where it was looked for. */
  public String reason() {
    return reason;
  }

  /** The one command that supplies it. */
  public String remedy() {
    return remedy;
  }
}
