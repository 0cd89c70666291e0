package dev.touchstone.suite.experiment.exp10b;

import dev.touchstone.corpus.Chunks;
import dev.touchstone.corpus.Unavailable;
import dev.touchstone.intervention.Composition;
import dev.touchstone.intervention.Intervention;
import dev.touchstone.intervention.Linearization;
import dev.touchstone.intervention.Materials;
import dev.touchstone.intervention.MeanAblation;
import dev.touchstone.intervention.ZeroAblation;
import dev.touchstone.model.WeightProcessing;
import dev.touchstone.model.WeightProcessing.Step;
import dev.touchstone.statistics.LossSum;
import dev.touchstone.suite.observation.Protocol;
import dev.touchstone.suite.subject.Bench;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/** Measures a subject's losses under a protocol. */
record ProtocolLosses(Protocol protocol, Bench bench) {
  private static final String OTHER_TEXT = "other-text";

  /** What is scored where the reports score these chunks. */
  Chunks scored(Chunks chunks) {
    return protocol == Protocol.BEGIN_OF_TEXT ? chunks.after(bench.beginOfText()) : chunks;
  }

  /** The losses of the chunks under each intervention, by the intervention asked for. */
  Map<Intervention, List<LossSum>> measure(Chunks chunks, List<Intervention> interventions) {
    return switch (protocol) {
      case REPORTS, SIGNED_RANKING, INTERPOLATED_THRESHOLDS ->
          measure(WeightProcessing.TRANSFORMER_LENS, chunks, interventions);
      case VALUE_BIASES_KEPT -> withValueBiases(chunks, interventions);
      case MEANS_OF_OTHER_TEXT -> withOtherMeans(chunks, interventions);
      case BEGIN_OF_TEXT -> {
        leaveOut(interventions, part -> !(part instanceof ZeroAblation));
        yield measure(WeightProcessing.TRANSFORMER_LENS, chunks, interventions);
      }
    };
  }

  private Map<Intervention, List<LossSum>> measure(
      WeightProcessing processing, Chunks chunks, List<Intervention> interventions) {
    return bench
        .laboratory()
        .losses(bench.subject(processing), chunks, interventions, Materials.NONE);
  }

  private Map<Intervention, List<LossSum>> withValueBiases(
      Chunks chunks, List<Intervention> interventions) {
    leaveOut(interventions, Linearization.class::isInstance);
    Predicate<Intervention> zeroes =
        each -> parts(each).stream().anyMatch(ZeroAblation.class::isInstance);
    Map<Intervention, List<LossSum>> losses = new LinkedHashMap<>();
    losses.putAll(
        measure(
            WeightProcessing.TRANSFORMER_LENS.without(Step.FOLD_VALUE_BIASES),
            chunks,
            interventions.stream().filter(zeroes).toList()));
    losses.putAll(
        measure(
            WeightProcessing.TRANSFORMER_LENS,
            chunks,
            interventions.stream().filter(zeroes.negate()).toList()));
    return losses;
  }

  private Map<Intervention, List<LossSum>> withOtherMeans(
      Chunks chunks, List<Intervention> interventions) {
    Map<Intervention, Intervention> asked = new LinkedHashMap<>();
    interventions.forEach(each -> asked.put(otherMeans(each), each));
    boolean means = !List.copyOf(asked.keySet()).equals(interventions);
    Materials materials =
        means
            ? Materials.NONE.with(
                OTHER_TEXT, bench.laboratory().headMeans(bench.subject(), bench.besides(chunks)))
            : Materials.NONE;
    Map<Intervention, List<LossSum>> losses = new LinkedHashMap<>();
    bench
        .laboratory()
        .losses(bench.subject(), chunks, asked.keySet(), materials)
        .forEach((measured, sums) -> losses.put(asked.get(measured), sums));
    return losses;
  }

  private static Intervention otherMeans(Intervention intervention) {
    return Composition.of(
        parts(intervention).stream()
            .map(
                part ->
                    part instanceof MeanAblation mean
                        ? new MeanAblation(mean.heads(), OTHER_TEXT)
                        : part)
            .toArray(Intervention[]::new));
  }

  private static List<Intervention> parts(Intervention intervention) {
    return intervention instanceof Composition composition
        ? composition.parts()
        : List.of(intervention);
  }

  private void leaveOut(List<Intervention> interventions, Predicate<Intervention> costly) {
    if (interventions.stream().flatMap(each -> parts(each).stream()).anyMatch(costly)) {
      throw Unavailable.notSupported("Not measured again where " + protocol.words());
    }
  }
}
