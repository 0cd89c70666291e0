package dev.touchstone.suite.verdict;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import dev.touchstone.corpus.Unavailable;
import dev.touchstone.runtime.Sha256;
import dev.touchstone.suite.claim.Basis;
import dev.touchstone.suite.claim.Claim;
import dev.touchstone.suite.golden.InputException;
import dev.touchstone.suite.observation.Observation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** A run that is over, as the {@code verdicts.json} that it left tells. */
public final class EarlierRun {
  /** Bytes, forty times what a run leaves. */
  private static final long LARGEST = 20_000_000;

  private final Identity.Source source;
  private final Map<String, StoredVerdict> verdicts = new LinkedHashMap<>();
  private final Set<String> others = new HashSet<>();

  private EarlierRun(Identity.Source source, JsonNode root) throws IOException {
    this.source = source;
    for (JsonNode row : root.get("verdicts")) {
      StoredVerdict verdict = RunFormat.JSON.treeToValue(row, StoredVerdict.class);
      verdicts.put(verdict.claim(), verdict);
    }
    root.get("unasked").forEach(claim -> others.add(claim.textValue()));
    root.get("failures").forEach(failure -> others.add(failure.get("claim").textValue()));
  }

  /**
   * Reads a run's file.
   *
   * @param property that names the file
   * @throws InputException when it is none
   */
  public static EarlierRun read(Path file, String property) {
    try {
      if (Files.size(file) > LARGEST) {
        throw new InputException(
            "%s has more than %d bytes; name the verdicts.json of a run".formatted(file, LARGEST));
      }
      byte[] content = Files.readAllBytes(file);
      JsonNode root = RunFormat.JSON.readTree(content);
      check(root, file);
      Identity run = RunFormat.JSON.treeToValue(root.get("run"), Identity.class);
      return new EarlierRun(new Identity.Source(file.toString(), Sha256.of(content), run), root);
    } catch (NoSuchFileException e) {
      throw new InputException(
          "%s names %s, which is not there; name the verdicts.json of a run, for instance -D%s=reports/verdicts.json"
              .formatted(property, file, property));
    } catch (JsonProcessingException e) {
      throw new InputException(
          "%s is no JSON (line %d): %s; name the verdicts.json of a run"
              .formatted(file, e.getLocation().getLineNr(), e.getOriginalMessage()));
    } catch (IOException e) {
      throw new InputException(
          file + " cannot be read (" + e + "); name the verdicts.json of a run");
    }
  }

  private static void check(JsonNode root, Path file) {
    JsonNode version = root.path("version");
    if (version.asInt() != RunFormat.VERSION) {
      throw new InputException(
          "%s is no run of version %d, the only one that is read here (it has %s); leave it by a run of this Touchstone"
              .formatted(
                  file,
                  RunFormat.VERSION,
                  version.isMissingNode() ? "no version" : "version " + version));
    }
    List<String> complaints = RunFormat.complaints(root);
    if (!complaints.isEmpty()) {
      throw new InputException(
          "%s is not what docs/verdicts.schema.json says of a run: %s%s"
              .formatted(
                  file,
                  complaints.get(0),
                  complaints.size() == 1 ? "" : " (and " + (complaints.size() - 1) + " more)"));
    }
  }

  /** Which run it was, and the file. */
  public Identity.Source source() {
    return source;
  }

  /** Where it measured, or the run did that it judged again. */
  public String device() {
    return source.run().device();
  }

  /** The hash of the weights of which it measured something; empty where it did not. */
  public String subjectHash(String subject) {
    return source.run().subjects().getOrDefault(subject, "");
  }

  /**
   * What it saw of a claim.
   *
   * @throws Unavailable when it saw nothing, or something else than the claim now asks for
   */
  public Observation observation(Claim claim) {
    StoredVerdict stored = verdict(claim.id()).orElseThrow(() -> missing("says nothing of it"));
    StoredObservation seen =
        stored.observation().orElseThrow(() -> stored.unavailable(source.file()));
    String asked =
        claim.statement().basis() instanceof Basis.Measurement measurement
            ? measurement.path()
            : "";
    List<String> then = stored.observed();
    List<String> now = List.of(asked, claim.subject(), claim.statement().tier().word());
    if (!then.equals(now)) {
      throw missing(
          "has a measurement of %s, and the claim is now about %s"
              .formatted(String.join(", ", then), String.join(", ", now)));
    }
    return seen.observation();
  }

  private Unavailable missing(String what) {
    return Unavailable.missing(source.file() + " " + what, "mvn verify");
  }

  Optional<StoredVerdict> verdict(String claim) {
    return Optional.ofNullable(verdicts.get(claim));
  }

  /** Whether the claim files had a claim then, judged or not. */
  boolean knew(String claim) {
    return verdicts.containsKey(claim) || others.contains(claim);
  }

  /** Every claim that the claim files had. */
  Set<String> claims() {
    Set<String> claims = new HashSet<>(others);
    claims.addAll(verdicts.keySet());
    return claims;
  }
}
