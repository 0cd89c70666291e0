package dev.touchstone.measurement;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.touchstone.Seeds;
import dev.touchstone.intervention.Deferred;
import dev.touchstone.intervention.Donors;
import dev.touchstone.intervention.HeadMeans;
import dev.touchstone.intervention.HeadSet;
import dev.touchstone.intervention.Intervention;
import dev.touchstone.intervention.Material;
import dev.touchstone.intervention.Materials;
import dev.touchstone.intervention.MeanPatterns;
import dev.touchstone.intervention.TokenMeans;
import dev.touchstone.model.Checkpoint;
import dev.touchstone.model.Gpt2;
import dev.touchstone.model.Head;
import dev.touchstone.model.Hooks;
import dev.touchstone.model.Site;
import dev.touchstone.model.TokenIds;
import dev.touchstone.model.WeightProcessing;
import dev.touchstone.statistics.LossSum;
import dev.touchstone.tensor.Scope;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.apache.commons.math3.stat.descriptive.rank.Median;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Resampled outputs, token-wise means, frozen patterns and optimal constants, by their definitions.
 */
class OtherAblationsTest {
  private static final int LENGTH = 8;
  private static final int HEADS = 3;
  private static final int WIDTH = 24;

  private final NDManager manager = NDManager.newBaseManager();
  private final Gpt2 model =
      Gpt2.load(
          Checkpoint.open(Path.of("golden/oracle/weight-processing/raw.safetensors")),
          WeightProcessing.TRANSFORMER_LENS,
          manager);
  private final Random random = new Random(Seeds.seed("OtherAblationsTest"));

  /** Few different tokens, so that some come again. */
  private final List<int[]> text = texts(5);

  @AfterEach
  void free() {
    manager.close();
  }

  private List<int[]> texts(int count) {
    return IntStream.range(0, count).mapToObj(i -> random.ints(LENGTH, 0, 9).toArray()).toList();
  }

  /** An activation of each layer under an intervention. */
  private List<NDArray> seen(Site wanted, List<int[]> sequences, String line, Materials materials) {
    List<NDArray> seen = new ArrayList<>();
    Intervention intervention = Intervention.parse(line);
    Hooks own = intervention.hooks(intervention.over(sequences, materials, model, manager));
    Hooks look =
        (site, layer, activation) -> {
          if (site == wanted) {
            seen.add(Scope.keep(activation.duplicate(), manager));
          }
          return activation;
        };
    model.watch(sequences, own.then(look));
    return seen;
  }

  private static void same(NDArray one, NDArray other) {
    assertThat(one.getShape()).isEqualTo(other.getShape());
    assertThat(one.sub(other).abs().max().getFloat()).isLessThan(1e-5f);
  }

  @Test
  void givesAHeadItsOutputsOnTheDonorsOnly() {
    Donors donors = Donors.drawn(text, 7);
    List<NDArray> resampled =
        seen(Site.Z, text, "resample[d](L1H2)", Materials.NONE.with("d", donors));
    List<NDArray> unmodified = seen(Site.Z, text, "baseline", Materials.NONE);
    List<NDArray> given =
        seen(Site.Z, text.stream().map(donors::of).toList(), "baseline", Materials.NONE);

    same(resampled.get(1).get(":, :, 2"), given.get(1).get(":, :, 2"));
    same(resampled.get(1).get(":, :, 0:2"), unmodified.get(1).get(":, :, 0:2"));
    same(resampled.get(0), unmodified.get(0));
    assertThat(resampled.get(1).sub(unmodified.get(1)).abs().max().getFloat()).isPositive();
  }

  @Test
  void preparesEveryPartOfAComposition() {
    Materials donors = Materials.NONE.with("d", donors());
    List<NDArray> apart = seen(Site.Z, text, "resample[d](L0H1)+resample[d](L1H2)", donors);
    List<NDArray> together = seen(Site.Z, text, "resample[d](L0H1,L1H2)", donors);

    for (int layer = 0; layer < together.size(); layer++) {
      same(apart.get(layer), together.get(layer));
    }
  }

  /** NumPy's RandomState(7) and (8), int(random_sample() * 4) five times. */
  @ParameterizedTest
  @CsvSource({"7, 0 3 1 2 3", "8, 3 3 3 2 0"})
  void drawsDonorsAsNumPyDoes(int seed, String drawn) {
    Donors donors = Donors.drawn(text, seed);
    String[] indices = drawn.split(" ");
    for (int i = 0; i < 5; i++) {
      List<int[]> others = new ArrayList<>(text);
      others.remove(i);
      assertThat(donors.of(text.get(i))).isEqualTo(others.get(Integer.parseInt(indices[i])));
    }
  }

  @Test
  void tellsOtherDonorsApart() {
    assertThat(Donors.drawn(text, 7).fingerprint())
        .matches("[0-9a-f]{16}")
        .isEqualTo(Donors.drawn(text, 7).fingerprint())
        .isNotEqualTo(Donors.drawn(text, 8).fingerprint())
        .isNotEqualTo(Donors.drawn(text.subList(0, 4), 7).fingerprint());
  }

  @Test
  void hasDonorsForWhatTheyWereDrawnForOnly() {
    assertThatThrownBy(() -> Donors.drawn(List.of(text.get(0), text.get(0).clone()), 1))
        .hasMessage(
            "there is no other sequence to take outputs from: resampling needs at least two");
    assertThatThrownBy(() -> Donors.drawn(text, 1).of(new int[LENGTH]))
        .hasMessage("no donor was drawn for a sequence of 8 tokens that is resampled");
    assertThatThrownBy(
            () -> Intervention.parse("resample[d](L1H2)").hooks(Materials.NONE.with("d", donors())))
        .hasMessageStartingWith("no outputs of heads for these sequences called \"d\" was given");
    assertThatThrownBy(() -> seen(Site.Z, text, "resample[e](L1H2)", Materials.NONE))
        .hasMessage("no material called \"e\" was given; there are []");
    assertThatThrownBy(
            () -> seen(Site.Z, text, "tokenmean[d](L1H2)", Materials.NONE.with("d", donors())))
        .hasMessageStartingWith("no outputs of heads for these sequences called \"d\" was given");
  }

  private Donors donors() {
    return Donors.drawn(text, 1);
  }

  @Test
  void givesAHeadItsMeanOverThePositionsOfAToken() {
    TokenMeans means = new Reference(model, text).tokenMeans();
    int[] scored = {text.get(2)[5], 60, text.get(0)[0], text.get(2)[5], 60, 0, 60, 60};
    NDArray z =
        seen(Site.Z, List.of(scored), "tokenmean[text](L1H1)", Materials.NONE.with("text", means))
            .get(1);
    float[] all = new float[5 * LENGTH * WIDTH];
    System.arraycopy(
        seen(Site.Z, text, "baseline", Materials.NONE).get(1).toFloatArray(),
        0,
        all,
        0,
        all.length);

    for (int position : new int[] {0, 2, 3}) {
      assertThat(z.get("0, " + position + ", 1").toFloatArray())
          .containsExactly(mean(all, scored[position]), within(1e-6f));
    }
    assertThat(z.get("0, 1, 1").toFloatArray()).containsExactly(mean(all, -1), within(1e-6f));
    same(
        z.get("0, :, 2"),
        seen(Site.Z, List.of(scored), "baseline", Materials.NONE).get(1).get("0, :, 2"));
  }

  /** Of head 1 over the positions of a token, or over all when it is negative. */
  private float[] mean(float[] z, int token) {
    float[] sum = new float[WIDTH / HEADS];
    int count = 0;
    for (int i = 0; i < 5 * LENGTH; i++) {
      if (token < 0 || text.get(i / LENGTH)[i % LENGTH] == token) {
        count++;
        for (int j = 0; j < sum.length; j++) {
          sum[j] += z[i * WIDTH + sum.length + j];
        }
      }
    }
    for (int j = 0; j < sum.length; j++) {
      sum[j] /= count;
    }
    return sum;
  }

  @Test
  void averagesOverAllPositionsWhereTokensDoNotCount() {
    HeadMeans means = new Reference(model, text).means();
    NDArray z = seen(Site.Z, text, "mean[text](L0H1)", Materials.NONE.with("text", means)).get(0);
    NDArray own = seen(Site.Z, text, "baseline", Materials.NONE).get(0);

    same(z.get("3, 4, 1"), own.get(":, :, 1").mean(new int[] {0}).mean(new int[] {0}));
    same(z.get(":, :, 0"), own.get(":, :, 0"));
  }

  @ParameterizedTest
  @ValueSource(ints = {LENGTH, LENGTH - 3})
  void freezesAPatternAtItsMean(int length) {
    MeanPatterns patterns = new Reference(model, text).patterns();
    List<int[]> scored = texts(2).stream().map(each -> Arrays.copyOf(each, length)).toList();
    Materials materials = Materials.NONE.with("text", patterns);
    NDArray frozen = seen(Site.PATTERN, scored, "pattern[text](L1H2)", materials).get(1);
    NDArray own = seen(Site.PATTERN, scored, "baseline", Materials.NONE).get(1);
    NDArray mean =
        seen(Site.PATTERN, text, "baseline", Materials.NONE).get(1).get(":, 2").mean(new int[] {0});

    for (int sequence = 0; sequence < 2; sequence++) {
      same(frozen.get(sequence).get(2), mean.get("0:" + length + ", 0:" + length));
    }
    same(frozen.get(":, 0:2"), own.get(":, 0:2"));
    NDArray z = seen(Site.Z, scored, "pattern[text](L1H2)", materials).get(1).get("1, :, 2");
    NDArray values = seen(Site.VALUE, scored, "baseline", Materials.NONE).get(1).get("1, :, 2");
    same(z, mean.get("0:" + length + ", 0:" + length).matMul(values));
  }

  @Test
  void hasPatternsOfNoLongerSequencesThanItAveraged() {
    Materials materials = Materials.NONE.with("text", new Reference(model, text).patterns());
    assertThatThrownBy(
            () -> seen(Site.Z, List.of(new int[LENGTH + 1]), "pattern[text](L1H2)", materials))
        .hasMessage("patterns were averaged over sequences of 8 tokens, and one of 9 is longer");
  }

  @Test
  void makesADeferredMaterialWhenAPassNeedsIt() {
    List<String> asked = new ArrayList<>();
    Material deferred =
        new Deferred(
            "abc",
            () -> {
              asked.add("asked");
              return new Reference(model, text).patterns();
            });
    Materials materials = Materials.NONE.with("text", deferred).with("d", donors());

    assertThat(materials.get("text").fingerprint()).isEqualTo("abc");
    seen(Site.PATTERN, text, "resample[d](L0H0)", materials);
    assertThat(asked).isEmpty();
    same(
        seen(Site.PATTERN, text, "pattern[text](L0H0)+resample[d](L1H0)", materials).get(0),
        seen(
                Site.PATTERN,
                text,
                "pattern[text](L0H0)",
                Materials.NONE.with("text", new Reference(model, text).patterns()))
            .get(0));
    assertThat(asked).hasSize(1);
  }

  @Test
  void tellsMaterialsApartByTheirNumbers() {
    Reference one = new Reference(model, text);
    Reference other = new Reference(model, text.subList(0, 4));
    assertThat(one.tokenMeans().fingerprint())
        .isEqualTo(one.tokenMeans().fingerprint())
        .isNotEqualTo(other.tokenMeans().fingerprint());
    assertThat(one.patterns().fingerprint()).isNotEqualTo(other.patterns().fingerprint());
    TokenMeans means = one.tokenMeans();
    int[] shifted = IntStream.of(means.tokens()).map(token -> token + 1).toArray();
    assertThat(new TokenMeans(shifted, means.byLayer(), means.overall()).fingerprint())
        .isNotEqualTo(means.fingerprint());
  }

  private double loss(String line, HeadMeans constants) {
    Intervention intervention = Intervention.parse(line);
    Hooks hooks = intervention.hooks(Materials.NONE.with("fit", constants));
    NDArray stream = model.blocks(model.embed(TokenIds.of(manager, text), 0), 0, hooks);
    LossSum all = LossSum.total(CrossEntropy.perChunk(model, stream, text));
    return all.sum() / all.count();
  }

  private static HeadSet set(String... heads) {
    return HeadSet.of(Arrays.stream(heads).map(Head::parse).toList());
  }

  @Test
  void findsConstantsThatCostLessThanMeansDo() {
    HeadMeans means = new Reference(model, text).means();
    List<HeadSet> sets = List.of(set("L0H0"), set("L1H2"), set("L0H1", "L1H0", "L1H1"));

    List<OptimalConstants> fits = OptimalConstants.fit(model, text, sets, means, 12, 0.2);

    assertThat(fits).extracting(OptimalConstants::heads).containsExactlyElementsOf(sets);
    for (OptimalConstants fit : fits) {
      assertThat(fit.start())
          .isCloseTo(loss("mean[fit](" + fit.heads() + ")", means), within(1e-5));
      assertThat(fit.loss()).isLessThan(fit.start() - 0.01);
      assertThat(loss("optimal[fit](" + fit.heads() + ")", fit.constants()))
          .isCloseTo(fit.loss(), within(1e-5));
      assertThat(means.with(fit.heads(), fit.constants()).fingerprint())
          .isEqualTo(fit.constants().fingerprint());
    }
    OptimalConstants alone =
        OptimalConstants.fit(model, text, sets.subList(1, 2), means, 12, 0.2).get(0);
    assertThat(alone.loss()).isCloseTo(fits.get(1).loss(), within(1e-4));
  }

  /** So small a step gains, and turns no gradient: each coordinate goes as far as Adam would. */
  @ParameterizedTest
  @CsvSource({"1, 1", "2, 1.5", "4, 2.5"})
  void fallsAlongHalfACosine(int steps, double lengths) {
    HeadMeans means = new Reference(model, text).means();
    List<HeadSet> sets = List.of(set("L0H0"), set("L1H2"));
    for (OptimalConstants fit : OptimalConstants.fit(model, text, sets, means, steps, 1e-3)) {
      assertThat(fit.loss()).isLessThan(fit.start());
      assertThat(median(moved(means, fit.constants(), fit.heads().heads().get(0))))
          .isCloseTo(lengths * 1e-3, within(2e-5));
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3, 4})
  void fitsEachHeadByItself(int together) {
    Reference reference = new Reference(model, text);
    HeadMeans means = reference.means();

    HeadMeans found = OptimalConstants.ofEachHead(reference, together, 1, 1e-3);

    for (Head head : Head.all(2, HEADS)) {
      assertThat(median(moved(means, found, head))).isCloseTo(1e-3, within(2e-5));
      HeadSet alone = HeadSet.of(List.of(head));
      OptimalConstants fit =
          OptimalConstants.fit(model, text, List.of(alone), means, 1, 1e-3).get(0);
      assertThat(loss("optimal[fit](" + head + ")", found)).isCloseTo(fit.loss(), within(1e-5));
    }
  }

  /** How far each of a head's constants is from its mean. */
  private static double[] moved(HeadMeans means, HeadMeans constants, Head head) {
    int width = WIDTH / HEADS;
    float[] from = means.byLayer().get(head.layer());
    float[] to = constants.byLayer().get(head.layer());
    return IntStream.range(head.index() * width, (head.index() + 1) * width)
        .mapToDouble(i -> Math.abs(to[i] - from[i]))
        .toArray();
  }

  private static double median(double[] values) {
    return new Median().evaluate(values);
  }

  /** A step that leads away is not kept, and without one there are the means. */
  @Test
  void neverEndsAboveTheMeans() {
    HeadMeans means = new Reference(model, text).means();
    List<HeadSet> each = Head.all(2, 3).stream().map(head -> HeadSet.of(List.of(head))).toList();
    for (OptimalConstants fit : OptimalConstants.fit(model, text, each, means, 0, 1)) {
      assertThat(fit.loss()).isEqualTo(fit.start());
      assertThat(fit.constants().fingerprint()).isEqualTo(means.fingerprint());
    }
    List<OptimalConstants> far = OptimalConstants.fit(model, text, each, means, 2, 1000);
    assertThat(far).anyMatch(fit -> fit.loss() == fit.start());
    for (OptimalConstants fit : far) {
      assertThat(fit.loss()).isLessThanOrEqualTo(fit.start());
      assertThat(loss("optimal[fit](" + fit.heads() + ")", fit.constants()))
          .isCloseTo(fit.loss(), within(1e-5));
    }
    assertThatThrownBy(() -> OptimalConstants.fit(model, text, List.of(set("L2H0")), means, 1, 1))
        .hasMessage("there is no head L2H0: the model's are L0H0 to L1H2");
  }
}
