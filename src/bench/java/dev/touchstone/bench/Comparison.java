package dev.touchstone.bench;

import com.fasterxml.jackson.databind.JsonNode;
import dev.touchstone.corpus.Chunk;
import dev.touchstone.intervention.Intervention;
import dev.touchstone.laboratory.Subject;
import dev.touchstone.statistics.LossSum;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * Touchstone and TransformerLens in turns on the same interventions and chunks: TransformerLens as
 * it is installed, and with memory allocated as it is for Touchstone.
 *
 * @param sweeps Touchstone's
 */
record Comparison(Sweeps sweeps, List<Intervention> interventions, Figures figures) {
  static final String OURS = "comparison/touchstone";
  static final String INSTALLED = "comparison/transformer-lens/as-installed";
  static final String ALLOCATOR = "comparison/transformer-lens/same-allocator";
  static final String RATIO = "/times-touchstone";

  /** What float error may make of a loss on the way through two implementations. */
  private static final double SAME_LOSS = 1e-4;

  /**
   * Measures.
   *
   * @return what TransformerLens says of itself
   * @throws IllegalStateException when its losses are others, so that it did something else
   */
  JsonNode measure(Path python, int rounds) throws Exception {
    Subject subject = sweeps.subject();
    Map<String, List<Double>> seconds = new LinkedHashMap<>();
    try (Peer installed = Peer.start(python, subject, false);
        Peer allocator = Peer.start(python, subject, true)) {
      Map<String, Peer> peers = new LinkedHashMap<>();
      peers.put(INSTALLED, installed);
      peers.put(ALLOCATOR, allocator);
      // What is done for the first time only does not count.
      sweeps.anew(List.of(Intervention.BASELINE));
      for (Peer peer : peers.values()) {
        peer.ask(tokens(), List.of(Intervention.BASELINE.toString()));
      }
      for (int round = 0; round < rounds; round++) {
        Sweeps.Timed ours = sweeps.anew(interventions);
        add(seconds, OURS, ours.seconds());
        for (var peer : peers.entrySet()) {
          Peer.Answer theirs = peer.getValue().ask(tokens(), names());
          add(seconds, peer.getKey(), theirs.seconds());
          figures.add(peer.getKey() + "/loss", difference(ours, theirs), "relative difference");
          figures.addBest(
              peer.getKey() + "/matrix-product/" + (round + 1),
              Figures.rates(MatrixProduct.GFLOP, theirs.products()),
              "GFLOP/s");
          figures.add(peer.getKey() + "/memory", theirs.peak(), "MB");
        }
      }
      seconds.forEach((name, runs) -> figures.addMedian(name, runs, "s a pass and chunk"));
      peers.keySet().forEach(peer -> addRatio(peer, seconds.get(peer), seconds.get(OURS)));
      return installed.description();
    }
  }

  private void add(Map<String, List<Double>> seconds, String name, double whole) {
    seconds
        .computeIfAbsent(name, first -> new ArrayList<>())
        .add(whole / (interventions.size() * sweeps.chunks().all().size()));
  }

  private void addRatio(String peer, List<Double> theirs, List<Double> ours) {
    figures.add(
        peer + RATIO,
        figures.value(peer) / figures.value(OURS),
        "times Touchstone's",
        IntStream.range(0, ours.size())
            .mapToObj(round -> theirs.get(round) / ours.get(round))
            .toList());
  }

  /** The largest relative difference of a chunk's loss. */
  private double difference(Sweeps.Timed ours, Peer.Answer theirs) {
    double largest = 0;
    for (int i = 0; i < interventions.size(); i++) {
      List<LossSum> losses = ours.losses().get(interventions.get(i));
      for (int chunk = 0; chunk < losses.size(); chunk++) {
        double expected = theirs.losses().get(i).get(chunk);
        double difference = Math.abs(losses.get(chunk).sum() - expected) / expected;
        if (!(difference <= SAME_LOSS)) {
          throw new IllegalStateException(
              ("under %s chunk %d has a loss of %s with Touchstone and of %s with TransformerLens:"
                      + " they do not do the same, so their times say nothing")
                  .formatted(interventions.get(i), chunk, losses.get(chunk).sum(), expected));
        }
        largest = Math.max(largest, difference);
      }
    }
    return largest;
  }

  private List<int[]> tokens() {
    return sweeps.chunks().all().stream().map(Chunk::tokens).toList();
  }

  private List<String> names() {
    return interventions.stream().map(Intervention::toString).toList();
  }
}
