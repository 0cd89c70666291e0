package dev.touchstone.suite.verdict;

import dev.touchstone.suite.observation.Losses;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Which run it is: all that its verdicts can depend on.
 *
 * @param started in UTC, to the second
 * @param seconds how long it took
 * @param revision of the source; empty where Git does not tell
 * @param claims the SHA-256 of each claim file, by its name
 * @param ledger the SHA-256 of the ledger
 * @param numerics a hash over the code that a pass can depend on; empty when nothing was measured
 * @param subjects the SHA-256 of the weights of which something was measured, by the subject's name
 * @param texts the SHA-256 of the texts that were read, by name
 * @param engine name and version of what computed; empty when nothing was measured
 * @param device {@code cpu}, {@code gpu0}, {@code mps}
 * @param threads that an operation uses on a CPU
 * @param java its version
 * @param system operating system and architecture
 * @param losses where chunk losses came from
 * @param replay what was judged again; empty where it was measured
 */
public record Identity(
    String started,
    double seconds,
    Optional<Revision> revision,
    Map<String, String> claims,
    String ledger,
    String numerics,
    Map<String, String> subjects,
    Map<String, String> texts,
    String engine,
    String device,
    int threads,
    String java,
    String system,
    Losses losses,
    Optional<Source> replay) {

  /**
   * An earlier run, by the file it left.
   *
   * @param file as it was named
   * @param run which run that was
   */
  public record Source(String file, String sha256, Identity run) {
    /** For readers. */
    public String words() {
      return "%s of %s (commit %s)".formatted(file, run.started, run.commit());
    }
  }

  /** The commit that ran, and whether it was changed, for readers. */
  public String commit() {
    return revision.map(Revision::words).orElse("unknown");
  }

  /** All of it for readers, by what it is. */
  public Map<String, String> facts() {
    Map<String, String> facts = new LinkedHashMap<>();
    facts.put("started", started);
    facts.put("took", Math.round(seconds) + " s");
    replay.ifPresent(
        source -> {
          facts.put("replay", "judged again from " + source.words() + ", nothing was measured");
          facts.put("replayed file", source.sha256());
        });
    facts.put("commit", commit());
    facts.put("device", device);
    facts.put("threads", Integer.toString(threads));
    facts.put("java", java);
    facts.put("system", system);
    if (!engine.isEmpty()) {
      facts.put("engine", engine);
      facts.put("numerics", numerics);
    }
    if (losses.measured() + losses.recorded() > 0) {
      facts.put("chunk losses measured in this run", Long.toString(losses.measured()));
      facts.put("chunk losses of earlier runs, from the record", Long.toString(losses.recorded()));
    }
    subjects.forEach((name, sha256) -> facts.put("subject " + name, sha256));
    texts.forEach((name, sha256) -> facts.put("text " + name, sha256));
    claims.forEach((name, sha256) -> facts.put("claims " + name, sha256));
    facts.put("ledger", ledger);
    return facts;
  }
}
