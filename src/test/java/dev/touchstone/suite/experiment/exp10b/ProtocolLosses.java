package dev.touchstone.suite.experiment.exp10b;

import dev.touchstone.corpus.Chunks;
import dev.touchstone.corpus.Unavailable;
import dev.touchstone.intervention.Composition;
import dev.touchstone.intervention.HeadSet;
import dev.touchstone.intervention.Intervention;
import dev.touchstone.intervention.Linearization;
import dev.touchstone.intervention.Material;
import dev.touchstone.intervention.Materials;
import dev.touchstone.intervention.MeanAblation;
import dev.touchstone.intervention.OutputAblation;
import dev.touchstone.intervention.OutputAblation.Kind;
import dev.touchstone.intervention.PatternAblation;
import dev.touchstone.intervention.ZeroAblation;
import dev.touchstone.model.Gpt2Config;
import dev.touchstone.model.WeightProcessing;
import dev.touchstone.model.WeightProcessing.Step;
import dev.touchstone.statistics.LossSum;
import dev.touchstone.suite.observation.Protocol;
import dev.touchstone.suite.observation.Tier;
import dev.touchstone.suite.subject.Bench;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;

/** Measures a subject's losses under a protocol. */
record ProtocolLosses(Protocol protocol, Bench bench) {
  private static final String OTHER_TEXT = "other-text";
  private static final String SEED = "1";
  private static final int STEPS = 2;

  /** Layers times d_model squared: GPT-2 small has 7 million, nano144 a quarter of one. */
  private static final long SMALL = 1_000_000;

  private static final double STEP_SIZE = 0.15;

  /** What is scored where the reports score these chunks. */
  Chunks scored(Chunks chunks) {
    if (protocol.onShortText()) {
      return bench.beginning();
    }
    return protocol == Protocol.BEGIN_OF_TEXT ? chunks.after(bench.beginOfText()) : chunks;
  }

  /** The losses of the chunks under each intervention, by the intervention asked for. */
  Map<Intervention, List<LossSum>> measure(Chunks chunks, List<Intervention> interventions) {
    return switch (protocol) {
      case REPORTS, SIGNED_RANKING, INTERPOLATED_THRESHOLDS ->
          measure(WeightProcessing.TRANSFORMER_LENS, chunks, interventions);
      case SHORT_TEXT -> {
        if (chunks.all().size() == bench.validation(Tier.TWO_K).all().size()) {
          throw Unavailable.notSupported("The 2K text is as short");
        }
        leaveOut(interventions, Linearization.class::isInstance);
        yield measure(WeightProcessing.TRANSFORMER_LENS, chunks, interventions);
      }
      case RESAMPLED ->
          instead(
              chunks,
              interventions,
              heads -> new OutputAblation(Kind.RESAMPLE, heads, SEED),
              Materials.NONE);
      case REFERENCE_MEANS ->
          instead(
              chunks,
              interventions,
              heads -> new MeanAblation(heads, OTHER_TEXT),
              named(bench.laboratory().headMeans(bench.subject(), bench.following(chunks))));
      case TOKEN_MEANS ->
          instead(
              chunks,
              interventions,
              heads -> new OutputAblation(Kind.TOKENMEAN, heads, OTHER_TEXT),
              named(bench.laboratory().tokenMeans(bench.subject(), bench.following(chunks))));
      case OPTIMAL_CONSTANTS -> {
        Gpt2Config config = bench.subject().config();
        if ((long) config.layers() * config.width() * config.width() > SMALL
            && Tier.asked() != Tier.FULL) {
          throw Unavailable.unlessAskedFor(
              "Fitting a constant to each head takes more passes than everything else over 2048 tokens",
              "mvn verify -Ppaper-full");
        }
        yield instead(
            chunks,
            interventions,
            heads -> new OutputAblation(Kind.OPTIMAL, heads, OTHER_TEXT),
            named(bench.laboratory().optimalConstants(bench.subject(), chunks, STEPS, STEP_SIZE)));
      }
      case FROZEN_PATTERNS ->
          instead(
              chunks,
              interventions,
              heads -> new PatternAblation(heads, OTHER_TEXT),
              named(bench.laboratory().patterns(bench.subject(), bench.following(chunks))));
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

  /** With something else in the place of zero- and mean-ablation. */
  private Map<Intervention, List<LossSum>> instead(
      Chunks chunks,
      List<Intervention> interventions,
      Function<HeadSet, Intervention> other,
      Materials materials) {
    leaveOut(interventions, Linearization.class::isInstance);
    return replaced(
        chunks,
        interventions,
        part ->
            other.apply(
                part instanceof MeanAblation mean ? mean.heads() : ((ZeroAblation) part).heads()),
        materials);
  }

  private Map<Intervention, List<LossSum>> withOtherMeans(
      Chunks chunks, List<Intervention> interventions) {
    boolean means =
        interventions.stream()
            .flatMap(each -> parts(each).stream())
            .anyMatch(MeanAblation.class::isInstance);
    return replaced(
        chunks,
        interventions,
        part ->
            part instanceof MeanAblation mean ? new MeanAblation(mean.heads(), OTHER_TEXT) : part,
        means
            ? named(bench.laboratory().headMeans(bench.subject(), bench.besides(chunks)))
            : Materials.NONE);
  }

  /** The losses of interventions, with other parts in the place of theirs. */
  private Map<Intervention, List<LossSum>> replaced(
      Chunks chunks,
      List<Intervention> interventions,
      UnaryOperator<Intervention> part,
      Materials materials) {
    Map<Intervention, Intervention> measured = new LinkedHashMap<>();
    for (Intervention each : interventions) {
      measured.put(
          each, Composition.of(parts(each).stream().map(part).toArray(Intervention[]::new)));
    }
    Map<Intervention, List<LossSum>> all =
        bench.laboratory().losses(bench.subject(), chunks, measured.values(), materials);
    Map<Intervention, List<LossSum>> losses = new LinkedHashMap<>();
    measured.forEach((asked, done) -> losses.put(asked, all.get(done)));
    return losses;
  }

  private static Materials named(Material material) {
    return Materials.NONE.with(OTHER_TEXT, material);
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
