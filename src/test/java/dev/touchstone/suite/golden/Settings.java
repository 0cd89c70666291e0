package dev.touchstone.suite.golden;

import dev.touchstone.suite.claim.Severity;
import dev.touchstone.suite.golden.GoldenFile.Text;
import dev.touchstone.suite.observation.Tier;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What a file, a table or a column says once for all the claims in it, unless they say otherwise.
 */
record Settings(
    Optional<String> part,
    Optional<String> subject,
    Tier tier,
    Severity severity,
    boolean hardwareBound,
    Optional<String> original,
    Optional<String> reasonNotEvaluated) {
  private static final List<String> KEYS =
      List.of(
          "part",
          "subject",
          "tier",
          "severity",
          "hardware-bound",
          "original",
          "reason-not-evaluated");

  /** The keys of a mapping that may hold settings beside its own. */
  static List<String> keysAnd(String... own) {
    return Stream.concat(Stream.of(own), KEYS.stream()).toList();
  }

  static Settings none() {
    return new Settings(
        Optional.empty(),
        Optional.empty(),
        Tier.NONE,
        Severity.NORMAL,
        false,
        Optional.empty(),
        Optional.empty());
  }

  /** These where the fields say nothing, and the fields' where they do. */
  Settings with(Fields fields) {
    return new Settings(
        fields.text("part").map(Text::value).or(() -> part),
        fields.text("subject").map(Text::value).or(() -> subject),
        fields.word("tier", Tier::of, Tier.words()).orElse(tier),
        fields.word("severity", Severity::of, Severity.words()).orElse(severity),
        fields.flag("hardware-bound").orElse(hardwareBound),
        fields.text("original").map(Text::value).or(() -> original),
        fields.text("reason-not-evaluated").map(Text::value).or(() -> reasonNotEvaluated));
  }
}
