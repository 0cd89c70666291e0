package dev.touchstone.spark;

import dev.touchstone.corpus.Assets;
import dev.touchstone.corpus.Unavailable;
import dev.touchstone.laboratory.Engine;
import dev.touchstone.laboratory.Laboratory;
import dev.touchstone.suite.audit.Formula;
import dev.touchstone.suite.claim.Basis;
import dev.touchstone.suite.claim.Claim;
import dev.touchstone.suite.experiment.Experiments;
import dev.touchstone.suite.golden.ClaimCatalog;
import dev.touchstone.suite.observation.Observables;
import dev.touchstone.suite.observation.Observatory;
import dev.touchstone.suite.observation.Tier;
import dev.touchstone.tensor.Compute;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * All that exp10b says of GPT-2 over 2048 tokens, asked of nano144: every head zeroed, at its mean
 * and linearized, and the cumulative curves. A process of its own, so that it can be killed.
 */
final class Sweep {
  private static final Path GOLDEN = Path.of("golden");
  private static final String SUBJECT = "nano144";

  private Sweep() {}

  /** Arguments: the record, and the cluster's address if there is one. */
  public static void main(String[] args) {
    Compute compute = Compute.fromProperties();
    Engine engine = args.length > 1 ? new SparkCluster().at(args[1]) : Engine.here();
    try (Laboratory laboratory = Laboratory.at(Path.of(args[0]), engine)) {
      long begun = System.nanoTime();
      ask(laboratory, compute);
      System.out.printf(
          "%d computed, %d reused, %.1f s%n",
          laboratory.computed(), laboratory.reused(), (System.nanoTime() - begun) / 1e9);
    }
  }

  private static void ask(Laboratory laboratory, Compute compute) {
    Experiments experiments =
        new Experiments(Assets.fromEnvironment(), GOLDEN, laboratory, compute);
    Observables observables = experiments.observables(SUBJECT, Tier.TWO_K);
    ClaimCatalog.read(GOLDEN.resolve("claims"), observatory(experiments)).claims().stream()
        .filter(claim -> claim.report().equals("exp10b"))
        .flatMap(Sweep::paths)
        .distinct()
        .forEach(
            path -> {
              try {
                Formula.parse(path).of(observables).orElseThrow().get();
              } catch (Unavailable e) {
                // Of the report's own subject only.
              }
            });
  }

  private static Stream<String> paths(Claim claim) {
    return claim.elsewhere().statement().basis() instanceof Basis.Measurement measurement
        ? Stream.of(measurement.path())
        : Stream.empty();
  }

  private static Observatory observatory(Experiments experiments) {
    return new Observatory() {
      @Override
      public List<String> subjects() {
        return Stream.concat(experiments.subjects().stream(), Stream.of("corpus", "report"))
            .toList();
      }

      @Override
      public Observables observables(String subject, Tier tier) {
        return experiments.observables(
            experiments.subjects().contains(subject) ? subject : SUBJECT, tier);
      }
    };
  }
}
