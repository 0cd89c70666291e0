package dev.touchstone.suite.reproduction;

import ai.djl.ndarray.NDArray;
import dev.touchstone.corpus.Chunk;
import dev.touchstone.corpus.Chunks;
import dev.touchstone.corpus.Unavailable;
import dev.touchstone.laboratory.Rehearsal;
import dev.touchstone.laboratory.Subject;
import dev.touchstone.laboratory.Work;
import dev.touchstone.measurement.CrossEntropy;
import dev.touchstone.model.Gpt2;
import dev.touchstone.model.Hooks;
import dev.touchstone.suite.audit.Formula;
import dev.touchstone.suite.claim.Basis;
import dev.touchstone.suite.claim.Claim;
import dev.touchstone.suite.claim.Statement;
import dev.touchstone.suite.observation.Observables;
import dev.touchstone.suite.observation.Protocol;
import dev.touchstone.suite.observation.Tier;
import dev.touchstone.suite.subject.Bench;
import dev.touchstone.suite.verdict.Counterparts;
import dev.touchstone.tensor.Scope;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.function.Supplier;

/** Finds out what a run will measure, by asking for all of it where nothing is measured. */
final class Rehearsals {
  private static final String BESIDE =
      "timed or drawn from the model itself, which this does not count";

  private final Instruments instruments;
  private final Rehearsal rehearsal;
  private final Counterparts counterparts;
  private final List<Plan.Part> parts = new ArrayList<>();
  private final Map<String, Integer> beside = new TreeMap<>();

  private Rehearsals(Instruments instruments, String subject) {
    this.instruments = instruments;
    this.counterparts = new Counterparts(instruments.grid(subject));
    this.rehearsal = instruments.laboratory().rehearsal().orElseThrow();
  }

  /**
   * The plan of a run that judges claims about a subject over so much text, and measures them again
   * under every other protocol.
   *
   * @param tagged whether the run makes the tests of a tag: a report's name, or {@code sensitivity}
   */
  static Plan of(
      Instruments rehearsing,
      String subject,
      Tier asked,
      Collection<Claim> claims,
      Predicate<String> tagged) {
    Rehearsals all = new Rehearsals(rehearsing, subject);
    List<Claim> about =
        claims.stream()
            .filter(claim -> claim.subject().equals(subject) || Suite.isAsked(claim, subject))
            .filter(claim -> claim.on(subject).statement().tier().compareTo(asked) <= 0)
            .toList();
    List<String> reports =
        about.stream().map(Claim::report).distinct().filter(tagged).sorted().toList();
    for (Tier tier : Tier.values()) {
      for (String report : reports) {
        List<Claim> some =
            about.stream()
                .filter(
                    each ->
                        each.report().equals(report) && each.on(subject).statement().tier() == tier)
                .toList();
        String text =
            switch (tier) {
              case NONE -> "no text";
              case TWO_K -> "2048 tokens";
              case FULL -> "whole splits";
            };
        all.ask(report + ", " + text, some, Protocol.REPORTS, subject);
      }
    }
    for (Protocol protocol : Protocol.values()) {
      if (protocol != Protocol.REPORTS && tagged.test("sensitivity")) {
        all.ask("sensitivity: " + protocol.words(), about, protocol, subject);
      }
    }
    return new Plan(subject, all.parts, all.beside);
  }

  private void ask(String part, List<Claim> claims, Protocol protocol, String subject) {
    Work missing = rehearsal.missing();
    Work kept = rehearsal.kept();
    for (Claim claim : claims) {
      Statement statement = claim.on(subject).statement();
      if (statement.basis() instanceof Basis.Measurement measurement
          && protocol.concerns(measurement.path())) {
        Observables observables =
            instruments.experiments().observables(subject, statement.tier(), protocol);
        try {
          Formula.parse(counterparts.of(measurement.path()))
              .of(observables)
              .ifPresent(Supplier::get);
        } catch (Unavailable e) {
          miss(protocol, e.reason());
        } catch (RuntimeException random) {
          // Some of what is asked next cannot be asked of numbers that mean nothing.
          miss(protocol, BESIDE);
        }
      }
    }
    Plan.Part asked =
        new Plan.Part(part, rehearsal.missing().minus(missing), rehearsal.kept().minus(kept));
    if (asked.missing().gflop() > 0 || asked.kept().passes() > 0) {
      parts.add(asked);
    }
  }

  /** A claim is missed once, not again under each other protocol. */
  private void miss(Protocol protocol, String reason) {
    if (protocol == Protocol.REPORTS) {
      beside.merge(reason, 1, Integer::sum);
    }
  }

  /** How fast a pass goes here: the second of two, unmodified, over 2048 tokens. */
  static Plan.Speed speed(Bench bench) {
    Subject found = bench.subject();
    Chunks chunks = bench.validation(Tier.TWO_K);
    List<int[]> tokens = chunks.all().stream().map(Chunk::tokens).toList();
    Work work = Work.ofLosses(found.config(), 0, tokens.size(), chunks.length());
    try (Subject timed =
        new Subject(
            found.name(),
            found.sha256(),
            found.checkpoint(),
            found.processing(),
            found.compute())) {
      Gpt2 model = timed.model();
      double seconds = 0;
      for (int pass = 0; pass < 2; pass++) {
        long begun = System.nanoTime();
        Scope.measure(
            () -> {
              NDArray stream = model.embed(Gpt2.ids(model.manager(), tokens), 0);
              return CrossEntropy.perChunk(model, model.blocks(stream, 0, Hooks.NONE), tokens);
            });
        seconds = (System.nanoTime() - begun) / 1e9;
      }
      return new Plan.Speed(
          "a pass timed now on %s with %d threads"
              .formatted(found.compute().deviceName(), found.compute().threads()),
          work.gflop() / seconds);
    }
  }
}
