package dev.touchstone.measurement;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.Shape;
import dev.touchstone.measurement.PromptPair.Direction;
import dev.touchstone.measurement.PromptPair.Prediction;
import dev.touchstone.model.Checkpoint;
import dev.touchstone.model.Gpt2;
import dev.touchstone.model.Head;
import dev.touchstone.model.HeadGrid;
import dev.touchstone.model.Hooks;
import dev.touchstone.model.Site;
import dev.touchstone.model.Transformer;
import dev.touchstone.model.WeightProcessing;
import dev.touchstone.tensor.SeededArrays;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class PatchingTest {
  /** They differ from position 2 on. */
  private static final int[] CLEAN = {5, 6, 7, 8, 9};

  private static final int[] CORRUPTED = {5, 6, 3, 8, 1};
  private static final int ANSWER = 20;
  private static final int FOIL = 30;

  private final NDManager manager = NDManager.newBaseManager();
  private final Gpt2 gpt2 =
      Gpt2.load(
          Checkpoint.open(Path.of("golden/oracle/weight-processing/raw.safetensors")),
          WeightProcessing.TRANSFORMER_LENS,
          manager);
  private final PromptPair prompts = new PromptPair(gpt2, CLEAN, CORRUPTED, ANSWER, FOIL);

  @AfterEach
  void free() {
    prompts.close();
    manager.close();
  }

  /** Heads that average what stands before them, whatever that is: two layers of two. */
  private static final class Linear implements Transformer {
    private static final int WIDTH = 6;

    private final NDManager manager;
    private final NDArray embedding;
    private final NDArray average;
    private final List<NDArray> values;
    private final List<NDArray> outputs;
    private final NDArray unembedding;

    Linear(NDManager manager) {
      this.manager = manager;
      SeededArrays draw = new SeededArrays(3);
      embedding = draw.normal(manager, new Shape(40, WIDTH), 1);
      values = List.of(square(draw), square(draw));
      outputs = List.of(square(draw), square(draw));
      unembedding = draw.normal(manager, new Shape(WIDTH, 40), 1);
      float[] before = new float[25];
      for (int i = 0; i < 25; i++) {
        before[i] = i % 5 <= i / 5 ? 1f / (1 + i / 5) : 0;
      }
      average = manager.create(before, new Shape(5, 5)).duplicate();
    }

    private NDArray square(SeededArrays draw) {
      return draw.normal(manager, new Shape(WIDTH, WIDTH), 1);
    }

    @Override
    public HeadGrid config() {
      return new HeadGrid() {
        @Override
        public int layers() {
          return 2;
        }

        @Override
        public int heads() {
          return 2;
        }

        @Override
        public int width() {
          return WIDTH;
        }
      };
    }

    @Override
    public NDManager manager() {
      return manager;
    }

    @Override
    public NDArray logits(NDArray ids, Hooks hooks) {
      NDArray stream = embedding.get(ids);
      for (int layer = 0; layer < 2; layer++) {
        NDArray z = average.matMul(stream.matMul(values.get(layer))).reshape(1, 5, 2, WIDTH / 2);
        NDArray seen = hooks.at(Site.Z, layer, z).reshape(1, 5, WIDTH);
        stream = stream.add(seen.matMul(outputs.get(layer)));
      }
      return stream.matMul(unembedding);
    }
  }

  @ParameterizedTest
  @EnumSource
  void attributionIsExactWhereAllIsLinear(Direction direction) {
    try (PromptPair linear = new PromptPair(new Linear(manager), CLEAN, CORRUPTED, ANSWER, FOIL)) {
      double unpatched = unpatched(linear, direction).logitDifference();

      Map<Head, Double> changes = new AttributionPatching(linear, direction).changes();

      assertThat(changes.keySet()).containsExactlyElementsOf(Head.all(2, 2));
      changes.forEach(
          (head, change) -> {
            Prediction patched = new ActivationPatching(linear, direction).of(Place.of(head));
            assertThat(Math.abs(change)).isGreaterThan(0.01);
            assertThat(change)
                .as("%s", head)
                .isCloseTo(patched.logitDifference() - unpatched, within(1e-4));
          });
    }
  }

  private static Prediction unpatched(PromptPair prompts, Direction direction) {
    return direction == Direction.NOISING ? prompts.clean() : prompts.corrupted();
  }

  /** What raises the logit difference has a positive sign, whichever prompt it is put into. */
  @Test
  void attributionOfLastHeadsHasTheSignOfWhatTheyWrite() {
    try (PromptPair linear = new PromptPair(new Linear(manager), CLEAN, CORRUPTED, ANSWER, FOIL)) {
      Map<Head, Double> denoising = new AttributionPatching(linear, Direction.DENOISING).changes();
      Map<Head, Double> noising = new AttributionPatching(linear, Direction.NOISING).changes();
      for (Head head : Head.all(2, 2)) {
        assertThat(denoising.get(head)).isCloseTo(-noising.get(head), within(1e-4));
      }
      Place[] last = {Place.of(new Head(1, 0)), Place.of(new Head(1, 1))};
      double raised =
          new ActivationPatching(linear, Direction.DENOISING).of(last).logitDifference()
              - linear.corrupted().logitDifference();
      assertThat(denoising.get(new Head(1, 0)) + denoising.get(new Head(1, 1)))
          .isCloseTo(raised, within(1e-4));
    }
  }

  /** (f(z + h d) - f(z - h d)) / 2h of a head's output z and what it differs by, d. */
  @ParameterizedTest
  @EnumSource
  void attributionIsTheSlopeTowardsTheOtherPrompt(Direction direction) {
    Map<Head, Double> changes = new AttributionPatching(prompts, direction).changes();
    double step = 1.0 / 128;
    changes.forEach(
        (head, change) -> {
          double slope =
              (towards(head, direction, step) - towards(head, direction, -step)) / (2 * step);
          assertThat(change).as("%s", head).isCloseTo(slope, within(2e-3));
        });
    assertThat(changes.values()).anyMatch(change -> Math.abs(change) > 0.1);
  }

  private double towards(Head head, Direction direction, double share) {
    Hooks some =
        (site, layer, activation) -> {
          NDArray moved = activation.duplicate();
          if (layer == head.layer()) {
            NDArray difference =
                prompts.from(direction, Site.Z, layer).sub(prompts.into(direction, Site.Z, layer));
            NDIndex own = new NDIndex(":, :, " + head.index());
            moved.set(own, moved.get(own).add(difference.get(own).mul(share)));
          }
          return moved;
        };
    return prompts.predicted(direction, some.only(Site.Z)).logitDifference();
  }

  @Test
  void predictionsAreOfTheLastTokensLogits() {
    NDArray clean = gpt2.logits(Gpt2.ids(manager, List.of(CLEAN)), Hooks.NONE).get("0, 4");
    NDArray corrupted = gpt2.logits(Gpt2.ids(manager, List.of(CORRUPTED)), Hooks.NONE).get("0, 4");
    double divergence = 0;
    double[] p = probabilities(clean.toFloatArray());
    double[] q = probabilities(corrupted.toFloatArray());
    for (int token = 0; token < p.length; token++) {
      divergence += p[token] * Math.log(p[token] / q[token]);
    }

    assertThat(prompts.clean().logitDifference())
        .isCloseTo(clean.getFloat(ANSWER) - clean.getFloat(FOIL), within(1e-5));
    assertThat(prompts.clean().divergence()).isCloseTo(0, within(1e-6));
    assertThat(prompts.corrupted().logitDifference())
        .isCloseTo(corrupted.getFloat(ANSWER) - corrupted.getFloat(FOIL), within(1e-5));
    assertThat(prompts.corrupted().divergence()).isCloseTo(divergence, within(1e-5));
  }

  private static double[] probabilities(float[] logits) {
    double[] exponentials = new double[logits.length];
    double sum = 0;
    for (int i = 0; i < logits.length; i++) {
      exponentials[i] = Math.exp(logits[i]);
      sum += exponentials[i];
    }
    for (int i = 0; i < logits.length; i++) {
      exponentials[i] /= sum;
    }
    return exponentials;
  }

  @Test
  void theWholeOfTheOtherPromptIsTheOtherPrompt() {
    Place all = Place.of(Site.RESIDUAL_BEFORE, 0);
    same(new ActivationPatching(prompts, Direction.DENOISING).of(all), prompts.clean());
    same(new ActivationPatching(prompts, Direction.NOISING).of(all), prompts.corrupted());
    Place[] differing = {
      Place.of(Site.RESIDUAL_BEFORE, 1).at(2),
      Place.of(Site.RESIDUAL_BEFORE, 1).at(3),
      Place.of(Site.RESIDUAL_BEFORE, 1).at(4)
    };
    same(new ActivationPatching(prompts, Direction.DENOISING).of(differing), prompts.clean());
  }

  @ParameterizedTest
  @EnumSource(names = {"QUERY", "KEY", "VALUE", "PATTERN", "Z"})
  void whatIsTheSameInBothChangesNothing(Site site) {
    Place before = Place.of(site, new Head(0, 1)).at(1);
    Place after = Place.of(site, new Head(0, 1)).at(4);
    ActivationPatching patching = new ActivationPatching(prompts, Direction.NOISING);
    same(patching.of(before), prompts.clean());
    assertThat(patching.of(after).divergence()).isGreaterThan(1e-5);
  }

  /** No head comes after the last layer's, so there a head's only path is the direct one. */
  @Test
  void aPathFromTheLastLayerIsAllThereIs() {
    for (int head = 0; head < 3; head++) {
      Place sender = Place.of(new Head(1, head));
      same(
          new PathPatching(prompts, Direction.NOISING).toLogits(sender),
          new ActivationPatching(prompts, Direction.NOISING).of(sender));
    }
  }

  /** A receiver that does not come after the sender gets nothing new. */
  @Test
  void aPathBackwardsCarriesNothing() {
    PathPatching paths = new PathPatching(prompts, Direction.NOISING);
    Place sender = Place.of(new Head(0, 2));
    same(paths.of(sender, List.of(Place.of(Site.QUERY, new Head(0, 1)))), prompts.clean());
    assertThat(paths.of(sender, List.of(Place.of(Site.VALUE, new Head(1, 1)))).divergence())
        .isGreaterThan(1e-6);
    assertThat(paths.toLogits(sender))
        .isNotEqualTo(new ActivationPatching(prompts, Direction.NOISING).of(sender));
  }

  private static void same(Prediction one, Prediction other) {
    assertThat(one.logitDifference()).isCloseTo(other.logitDifference(), within(1e-5));
    assertThat(one.divergence()).isCloseTo(other.divergence(), within(1e-6));
  }

  @Test
  void refusesPairsThatAreNone() {
    assertThatThrownBy(() -> new PromptPair(gpt2, CLEAN, new int[] {1, 2}, ANSWER, FOIL))
        .hasMessageContaining("of one length, not of 5 and 2 tokens");
    assertThatThrownBy(() -> new PromptPair(gpt2, CLEAN, CORRUPTED, 61, FOIL))
        .hasMessage(
            "there is no token 61 to answer with: the model's vocabulary goes from 0 to 60");
    assertThatThrownBy(() -> new PromptPair(gpt2, CLEAN, CORRUPTED, ANSWER, -1))
        .hasMessageStartingWith("there is no token -1 to answer with");
    new PromptPair(gpt2, CLEAN, CORRUPTED, 0, 60).close();
    assertThatThrownBy(
            () ->
                new PathPatching(prompts, Direction.NOISING)
                    .of(Place.of(new Head(0, 0)), List.of(Place.of(new Head(1, 0)))))
        .hasMessage("L1H0 Z is what a head gives: name its QUERY, KEY or VALUE as the receiver");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          Z          | 2 | 0 | 0 | there is no L2H0 Z@0: the model has 2 layers of 3 heads
          Z          | 1 | 3 | 0 | there is no L1H3 Z@0: the model has 2 layers of 3 heads
          Z          | 1 | 2 | 5 | L1H2 Z@5 is at no position of prompts of 5 tokens
          MLP_OUTPUT | 0 |   | 9 | L0 MLP_OUTPUT@9 is at no position of prompts of 5 tokens
          """)
  void refusesPlacesThatAreNotThere(
      Site site, int layer, Integer head, int position, String message) {
    Place place =
        (head == null ? Place.of(site, layer) : Place.of(site, new Head(layer, head))).at(position);
    assertThatThrownBy(() -> new ActivationPatching(prompts, Direction.NOISING).of(place))
        .hasMessage(message);
  }

  @Test
  void aPlaceSaysItsHeadWhereThereAreHeads() {
    assertThatThrownBy(() -> Place.of(Site.PATTERN, 0)).hasMessage("PATTERN has heads: say which");
    assertThatThrownBy(() -> Place.of(Site.MLP_OUTPUT, new Head(0, 0)))
        .hasMessage("MLP_OUTPUT has no heads: leave the head out");
    assertThatThrownBy(() -> Place.of(new Head(0, 0)).at(-1))
        .hasMessage("position -1 is below 0; count from 0");
    assertThat(Place.of(new Head(0, 2)).at(0)).hasToString("L0H2 Z@0");
  }
}
