package dev.touchstone.suite.verdict;

import dev.touchstone.corpus.Unavailable;
import dev.touchstone.statistics.Interval;
import dev.touchstone.suite.golden.ClaimCatalog;
import dev.touchstone.suite.golden.GoldenException;
import dev.touchstone.suite.observation.Losses;
import dev.touchstone.suite.observation.Observables;
import dev.touchstone.suite.observation.Observables.Arguments;
import dev.touchstone.suite.observation.Observation;
import dev.touchstone.suite.observation.Observatory;
import dev.touchstone.suite.observation.Tier;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A folder of claim files that a test writes, with a subject that can be observed. */
public final class GoldenFolder implements Observatory {
  /** Stands for the hash of anything. */
  static final String SHA_256 = "0123456789abcdef".repeat(4);

  private final Path folder;
  private final Observables observables =
      new Observables()
          .add("seen/{value:-?[0-9.]+}", path -> number(path.text("value")))
          .add("drawn/{value:[0-9.]+}/{low:[0-9.]+}-{high:[0-9.]+}", GoldenFolder::drawn)
          .add("named/{names:[A-Za-z0-9,]+}", path -> names(path.text("names")))
          .add("heads/zero/rank/{n:\\d+}/head", path -> names("L0H" + path.text("n")))
          .add("cumulative/zero-all/{heads:\\d+}/ratio", path -> number("9"))
          .add("cumulative/zero-all/within/{threshold:\\d\\.\\d}/heads", path -> number("20"))
          .add("series/{values:[-0-9.,]+}", path -> series(path.text("values")))
          .add(
              "absent",
              path -> {
                throw Unavailable.missing("the weights are not here", "run with -Dassets=DIR");
              })
          .add(
              "unasked",
              path -> {
                throw Unavailable.unlessAskedFor("it takes hours", "run with -Dlong");
              })
          .add(
              "failing",
              path -> {
                throw new IllegalStateException("the engine gives NaN");
              });

  public GoldenFolder(Path folder) {
    this.folder = folder;
  }

  private static Observation number(String text) {
    return Observation.quantity(Double.parseDouble(text));
  }

  private static Observation drawn(Arguments path) {
    return Observation.quantity(
        Double.parseDouble(path.text("value")),
        new Interval(Double.parseDouble(path.text("low")), Double.parseDouble(path.text("high"))));
  }

  private static Observation names(String text) {
    return new Observation.Names(List.of(text.split(",")));
  }

  private static Observation series(String text) {
    return new Observation.Series(List.of(text.split(",")).stream().map(Double::valueOf).toList());
  }

  @Override
  public List<String> subjects() {
    return List.of("gpt2", "corpus", "report");
  }

  @Override
  public Observables observables(String subject, Tier tier) {
    return observables;
  }

  public GoldenFolder write(String name, String yaml) {
    try {
      Files.writeString(folder.resolve(name), yaml);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return this;
  }

  public ClaimCatalog read() {
    return ClaimCatalog.read(folder, this);
  }

  public Judge judge() {
    return new Judge(read(), environment());
  }

  public Environment environment() {
    return environment(Optional.empty());
  }

  /** Where an earlier run is judged again. */
  public Environment replaying(EarlierRun earlier) {
    return environment(Optional.of(earlier));
  }

  private Environment environment(Optional<EarlierRun> replay) {
    return new Environment(
        replay.map(EarlierRun::device).orElse("cpu"),
        1e-5,
        this,
        subject -> replay.map(run -> run.subjectHash(subject)).orElse(SHA_256),
        () -> new Losses(0, 0),
        new Provenance(
            Optional.of(new Revision("0".repeat(40), true)),
            Map.of("a.yaml", SHA_256),
            SHA_256,
            2,
            () -> "none",
            () -> "0".repeat(16),
            () -> Map.of("text", SHA_256),
            replay));
  }

  /** The complaints of reading, each without the folder. */
  public List<String> complaints() {
    try {
      read();
      return List.of();
    } catch (GoldenException e) {
      String prefix = folder.toString().replace('\\', '/') + "/";
      return e.complaints().stream().map(each -> each.toString().replace(prefix, "")).toList();
    }
  }

  Path folder() {
    return folder;
  }
}
