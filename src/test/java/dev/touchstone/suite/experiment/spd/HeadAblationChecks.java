package dev.touchstone.suite.experiment.spd;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import dev.touchstone.intervention.Intervention;
import dev.touchstone.intervention.Materials;
import dev.touchstone.intervention.ZeroAblation;
import dev.touchstone.measurement.AttentionAblation;
import dev.touchstone.measurement.Capture;
import dev.touchstone.measurement.PredictionChange;
import dev.touchstone.model.Head;
import dev.touchstone.model.Hooks;
import dev.touchstone.model.LlamaSimpleMlp;
import dev.touchstone.model.Site;
import dev.touchstone.suite.experiment.spd.LlamaNano.DecomposedModel;
import dev.touchstone.suite.observation.Experiment;
import dev.touchstone.suite.observation.Observables;
import dev.touchstone.suite.observation.Observation;
import dev.touchstone.tensor.Scope;
import java.util.Arrays;
import java.util.function.ToDoubleBiFunction;

/** spd, head ablation: what silencing a head leaves alone, and what it takes. */
final class HeadAblationChecks implements Experiment {
  private static final int[] CHOSEN = {3, 10, 41};

  private final LlamaNano nano;

  HeadAblationChecks(LlamaNano nano) {
    this.nano = nano;
  }

  @Override
  public void register(Observables observables) {
    observables
        .add("spd/heads/own-patterns", a -> worst(HeadAblationChecks::ownPatterns))
        .add("spd/heads/at-positions/elsewhere", a -> worst((s, h) -> atPositions(s, h, false)))
        .add("spd/heads/at-positions/chosen", a -> worst((s, h) -> atPositions(s, h, true)))
        .add("spd/heads/contribution", a -> worst(HeadAblationChecks::contribution))
        .add(
            "spd/heads/grouped-query",
            a -> Observation.quantity(nano.worst(HeadAblationChecks::groupedQuery)))
        .add("spd/heads/fused-attention", a -> againstRecorded("logits.fused", Hooks.NONE))
        .add(
            "spd/heads/hook-z",
            a ->
                againstRecorded(
                    "lens.silenced", Intervention.parse("zero(L0H3)").hooks(Materials.NONE)))
        .add("spd/heads/zeroed-patterns", a -> worst(HeadAblationChecks::zeroedPattern))
        .add("spd/heads/zeroed-queries/kl", a -> Observation.quantity(zeroedQueries()));
  }

  private Observation worst(ToDoubleBiFunction<DecomposedModel, Head> error) {
    return Observation.quantity(
        nano.worst(
            subject ->
                Head.all(subject.config().layers(), subject.config().heads()).stream()
                    .mapToDouble(head -> error.applyAsDouble(subject, head))
                    .max()
                    .orElseThrow()));
  }

  private static double ownPatterns(DecomposedModel subject, Head head) {
    AttentionAblation.Outcome outcome = subject.ablation().heads(ZeroAblation.of(head));
    return Difference.largest(
        outcome.ablated().patterns().get(head.layer()),
        outcome.baseline().patterns().get(head.layer()));
  }

  private static double atPositions(DecomposedModel subject, Head head, boolean chosen) {
    return Scope.measure(
        () -> {
          NDArray some =
              output(subject, head, ZeroAblation.of(head).at(CHOSEN).hooks(Materials.NONE));
          Hooks reference = chosen ? ZeroAblation.of(head).hooks(Materials.NONE) : Hooks.NONE;
          NDArray expected = output(subject, head, reference);
          double largest = 0;
          for (int position = 0; position < LlamaNano.LENGTH; position++) {
            int at = position;
            if (chosen == Arrays.stream(CHOSEN).anyMatch(each -> each == at)) {
              String row = ":, " + position;
              largest = Math.max(largest, Difference.largest(some.get(row), expected.get(row)));
            }
          }
          return largest;
        });
  }

  private static NDArray output(DecomposedModel subject, Head head, Hooks hooks) {
    return captured(subject, hooks, Site.ATTENTION_OUTPUT).at(Site.ATTENTION_OUTPUT, head.layer());
  }

  private static Capture captured(DecomposedModel subject, Hooks hooks, Site... sites) {
    Capture capture = new Capture(subject.keeper(), sites);
    Scope.compute(
        () -> subject.model().target().logits(subject.ids(), hooks.then(capture.hooks())));
    return capture;
  }

  /** What is gone from the attention output, against z of the head through its part of W_O. */
  private static double contribution(DecomposedModel subject, Head head) {
    return Scope.measure(
        () -> {
          int width = subject.config().headWidth();
          String part = head.index() * width + ":" + (head.index() + 1) * width;
          NDArray z = captured(subject, Hooks.NONE, Site.Z).at(Site.Z, head.layer());
          NDArray weight =
              subject.model().target().weights().get("h." + head.layer() + ".attn.o_proj.weight");
          NDArray own = z.get(":, :, " + head.index()).matMul(weight.get(":, " + part).transpose());
          NDArray gone =
              output(subject, head, Hooks.NONE)
                  .sub(output(subject, head, ZeroAblation.of(head).hooks(Materials.NONE)));
          return Difference.relative(gone, own);
        });
  }

  private static double groupedQuery(DecomposedModel subject) {
    return Scope.measure(
        () -> {
          Capture capture = captured(subject, Hooks.NONE, Site.QUERY, Site.KEY, Site.VALUE, Site.Z);
          double largest = 0;
          for (int layer = 0; layer < subject.config().layers(); layer++) {
            AttentionByHand hand =
                AttentionByHand.of(
                    subject.config(),
                    LlamaNano.numbers(capture.at(Site.QUERY, layer)),
                    LlamaNano.numbers(capture.at(Site.KEY, layer)),
                    LlamaNano.numbers(capture.at(Site.VALUE, layer)));
            largest = Math.max(largest, Difference.largest(capture.at(Site.Z, layer), hand.z()));
          }
          return largest;
        });
  }

  /** Zeroing the pattern instead of z: the same nothing goes through o_proj. */
  private static double zeroedPattern(DecomposedModel subject, Head head) {
    return Scope.measure(
        () -> {
          LlamaSimpleMlp target = subject.model().target();
          Hooks pattern = zeroed(Site.PATTERN, head);
          return Difference.largest(
              target.logits(subject.ids(), pattern),
              target.logits(subject.ids(), ZeroAblation.of(head).hooks(Materials.NONE)));
        });
  }

  /** Zeroes a head at a site whose axis of heads is the second. */
  private static Hooks zeroed(Site wanted, Head head) {
    return (site, layer, activation) -> {
      if (site != wanted || layer != head.layer()) {
        return activation;
      }
      int axis = site == Site.PATTERN ? 1 : 2;
      int heads = (int) activation.getShape().get(axis);
      float[] mask = new float[heads];
      Arrays.fill(mask, 1);
      mask[head.index()] = 0;
      NDArray others =
          activation
              .getManager()
              .create(mask, axis == 1 ? new Shape(heads, 1, 1) : new Shape(heads, 1));
      return activation.mul(others);
    };
  }

  /**
   * KL between zeroing heads' outputs and zeroing their queries, before attention, which leaves an
   * average of the values: mean over positions and heads of llama-nano.
   */
  private double zeroedQueries() {
    DecomposedModel subject = nano.trained();
    LlamaSimpleMlp target = subject.model().target();
    return Head.all(subject.config().layers(), subject.config().heads()).stream()
        .mapToDouble(
            head ->
                Scope.measure(
                    () ->
                        PredictionChange.between(
                                target.logits(
                                    subject.ids(), ZeroAblation.of(head).hooks(Materials.NONE)),
                                target.logits(subject.ids(), zeroed(Site.QUERY, head)))
                            .meanKlDivergence()))
        .average()
        .orElseThrow();
  }

  /** Largest difference of the logits from what {@code golden/oracle} recorded. */
  private Observation againstRecorded(String tensor, Hooks hooks) {
    Oracle oracle = Oracle.open(nano.golden());
    DecomposedModel subject = nano.trained();
    return Scope.measure(
        () -> {
          NDArray ids = oracle.ids(subject.keeper());
          NDArray logits = subject.model().target().logits(ids, hooks);
          return Observation.quantity(
              Difference.largest(
                  oracle.everyFourth(logits), oracle.tensor(subject.keeper(), tensor)));
        });
  }
}
