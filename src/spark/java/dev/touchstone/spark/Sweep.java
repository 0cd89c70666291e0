package dev.touchstone.spark;

import dev.touchstone.corpus.Unavailable;
import dev.touchstone.laboratory.Engine;
import dev.touchstone.laboratory.Laboratory;
import dev.touchstone.suite.audit.Formula;
import dev.touchstone.suite.claim.Basis;
import dev.touchstone.suite.claim.Claim;
import dev.touchstone.suite.experiment.EveryObservable;
import dev.touchstone.suite.golden.ClaimCatalog;
import dev.touchstone.suite.observation.Observables;
import dev.touchstone.suite.observation.Tier;
import java.nio.file.Path;
import java.util.stream.Stream;

/**
 * All that exp10b says of GPT-2 over 2048 tokens, asked of nano144: every head zeroed, at its mean
 * and linearized, and the cumulative curves. A process of its own, so that it can be killed.
 */
final class Sweep {
  private Sweep() {}

  /** Arguments: the record, and the cluster's address if there is one. */
  public static void main(String[] args) {
    Engine engine = args.length > 1 ? new SparkCluster().at(args[1]) : Engine.here();
    Laboratory laboratory = Laboratory.at(Path.of(args[0]), engine);
    try (EveryObservable all = new EveryObservable(laboratory)) {
      long begun = System.nanoTime();
      ask(all);
      System.out.printf(
          "%d computed, %d reused, %.1f s%n",
          laboratory.computed(), laboratory.reused(), (System.nanoTime() - begun) / 1e9);
    }
  }

  private static void ask(EveryObservable all) {
    Observables observables = all.observables("nano144", Tier.TWO_K);
    ClaimCatalog.read(Path.of("golden/claims"), all).claims().stream()
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
}
