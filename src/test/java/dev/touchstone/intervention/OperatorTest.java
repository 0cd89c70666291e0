package dev.touchstone.intervention;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.touchstone.model.Hooks;
import dev.touchstone.model.Site;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What each intervention does to small arrays, worked out by hand. */
class OperatorTest {
  private static final float PAST = Float.NEGATIVE_INFINITY;

  /** Of two layers with two heads of width 2. */
  private static final Materials MATERIALS =
      Materials.NONE
          .with("m", new HeadMeans(2, List.of(new float[] {1, 2, 3, 4}, new float[] {5, 6, 7, 8})))
          .with(
              "c", new QueryChange(2, 2, List.of(new float[4], change(1), change(10), change(100))))
          .with(
              "b",
              new WriteBasis(
                  List.of(new float[] {1, 0}, new float[] {0, 0}),
                  List.of(new float[] {0.6f, 0.8f, -0.8f, 0.6f}, new float[] {1, 0, 0, 1})));

  private final NDManager manager = NDManager.newBaseManager();

  @AfterEach
  void free() {
    manager.close();
  }

  private static float[] change(float scale) {
    return new float[] {scale, 2 * scale, 3 * scale, 4 * scale};
  }

  private NDArray array(Shape shape, float... values) {
    return manager.create(values, shape);
  }

  private static Hooks hooks(String text) {
    return Intervention.parse(text).hooks(MATERIALS);
  }

  private static void close(NDArray seen, double... expected) {
    float[] values = seen.toFloatArray();
    double[] doubles = new double[values.length];
    Arrays.setAll(doubles, i -> values[i]);
    assertThat(doubles).containsExactly(expected, within(1e-6));
  }

  /** Layer 0 has what is named, and layer 1 has not. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          zero(L0H1)       | Z
          zero(L0H1@0)     | SCORES, Z
          mean[m](L0H1)    | Z
          relu(L0H1)       | SCORES, PATTERN
          kernel(L0H1)     | QUERY, KEY, SCORES, PATTERN
          inject[c](L0H1)  | ATTENTION_INPUT, QUERY
          project[b:1](L0) | RESIDUAL_BEFORE, RESIDUAL_AFTER
          """)
  void looksWhereItHasToAndNowhereElse(String text, String sites) {
    Hooks hooks = hooks(text);
    NDArray activation = manager.ones(new Shape(1, 2, 2, 2));

    assertThat(Arrays.stream(Site.values()).filter(site -> hooks.sees(site, 0)))
        .map(Site::name)
        .containsExactly(sites.split(", "));
    for (Site site : Site.values()) {
      assertThat(hooks.sees(site, 1)).as("%s", site).isFalse();
      if (!hooks.sees(site, 0)) {
        assertThat(hooks.at(site, 0, activation)).as("%s", site).isSameAs(activation);
      }
      if (site != Site.PATTERN) {
        assertThat(hooks.at(site, 1, activation)).as("%s", site).isSameAs(activation);
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"relu, 0, 0, 0, 1", "l1, 0.1, 0, 0.25, 0.75", "identity, 0.1, 0, -0.25, 0.75"})
  void normalizesRowsOfWeights(String kind, double a, double b, double c, double d) {
    float first = kind.equals("relu") ? -1 : 1e-9f;
    Hooks hooks = hooks(kind + "(L0H1)");
    Shape shape = new Shape(1, 2, 2, 2);
    hooks.at(Site.SCORES, 0, array(shape, 9, 9, 9, 9, first, PAST, -1, 3));
    NDArray pattern = array(shape, 1, 0, 0.5f, 0.5f, 1, 0, 0.5f, 0.5f);
    int alive = manager.getManagedArrays().size();

    NDArray seen = hooks.at(Site.PATTERN, 0, pattern);

    close(seen, 1, 0, 0.5, 0.5, a, b, c, d);
    assertThat(manager.getManagedArrays()).as("what it made on the way").hasSize(alive);
  }

  @Test
  void rectifiesQueriesAndKeysForTheKernel() {
    Hooks hooks = hooks("kernel(L0H1)");
    Shape shape = new Shape(1, 1, 2, 2);

    close(hooks.at(Site.QUERY, 0, array(shape, -1, 2, -3, 4)), -1, 2, 0, 4);
    close(hooks.at(Site.KEY, 0, array(shape, -5, 6, 7, -8)), -5, 6, 7, 0);
    hooks.at(Site.SCORES, 0, array(new Shape(1, 2, 1, 2), 9, 9, 1, 3));
    close(hooks.at(Site.PATTERN, 0, array(new Shape(1, 2, 1, 2), 1, 0, 1, 0)), 1, 0, 0.25, 0.75);
  }

  @Test
  void setsHeadsToTheirMeans() {
    NDArray z = array(new Shape(1, 2, 2, 2), 10, 11, 12, 13, 14, 15, 16, 17);

    close(hooks("mean[m](L0H1)").at(Site.Z, 0, z), 10, 11, 3, 4, 14, 15, 3, 4);
    close(hooks("mean[m](L1H0)").at(Site.Z, 1, z), 5, 6, 12, 13, 5, 6, 16, 17);
  }

  @Test
  void doesSeveralThingsSideBySide() {
    NDArray z = array(new Shape(1, 1, 2, 2), 10, 11, 12, 13);

    close(hooks("mean[m](L0H1)+zero(L0H0)").at(Site.Z, 0, z), 0, 0, 3, 4);
    assertThat(hooks("baseline").at(Site.Z, 0, z)).isSameAs(z);
  }

  /** (1, 2) times the change [[1, 2], [3, 4]] is (7, 10). */
  @Test
  void addsTheInputTimesTheChangeToAQuery() {
    Hooks hooks = hooks("inject[c](L0H1,L1H0)");
    NDArray query = array(new Shape(1, 1, 2, 2), 20, 30, 40, 50);
    for (int layer = 0; layer < 2; layer++) {
      NDArray input = array(new Shape(1, 1, 2), 1, 2);
      assertThat(hooks.at(Site.ATTENTION_INPUT, layer, input)).isSameAs(input);
      close(
          hooks.at(Site.QUERY, layer, query),
          layer == 0 ? new double[] {20, 30, 47, 60} : new double[] {90, 130, 40, 50});
    }
    close(query, 20, 30, 40, 50);
  }

  /** The write (3, 1) less the mean (1, 0) is (2, 1), of which (0.6, 0.8) holds 2. */
  @Test
  void keepsOfAWriteWhatLiesAlongTheBasis() {
    NDArray before = array(new Shape(1, 1, 2), 1, 1);
    NDArray after = array(new Shape(1, 1, 2), 4, 2);
    Hooks one = hooks("project[b:1](L0)");
    Hooks both = hooks("project[b:2](L0)");
    for (Hooks hooks : List.of(one, both)) {
      assertThat(hooks.at(Site.RESIDUAL_BEFORE, 0, before)).isSameAs(before);
    }

    close(one.at(Site.RESIDUAL_AFTER, 0, after), 1 + 1 + 2 * 0.6, 1 + 0 + 2 * 0.8);
    close(both.at(Site.RESIDUAL_AFTER, 0, after), 4, 2);
    close(after, 4, 2);
  }

  @Test
  void refusesMoreComponentsThanTheBasisHas() {
    Hooks hooks = hooks("project[b:3](L0)");
    NDArray stream = array(new Shape(1, 1, 2), 1, 1);
    hooks.at(Site.RESIDUAL_BEFORE, 0, stream);

    assertThatThrownBy(() -> hooks.at(Site.RESIDUAL_AFTER, 0, stream))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("the basis has 2 components, not 3");
  }

  @Test
  void saysWhichMaterialsItNeeds() {
    Intervention all =
        Intervention.parse("inject[c](L0H0)+mean[m](L0H1)+project[b:1](L0)+zero(L1H1)");

    assertThat(all.materials()).containsExactlyInAnyOrder("b", "c", "m");
    assertThat(MATERIALS.get("m")).isInstanceOf(HeadMeans.class);
    assertThatThrownBy(() -> Intervention.parse("mean[c](L0H1)").hooks(MATERIALS))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("no head means called \"c\" was given; there are [");
    assertThatThrownBy(() -> Intervention.parse("project[m:1](L0)").hooks(MATERIALS))
        .hasMessageStartingWith("no basis of writes called \"m\" was given");
    assertThatThrownBy(() -> Intervention.parse("inject[x](L0H0)").hooks(MATERIALS))
        .hasMessageStartingWith("no change of W_Q called \"x\" was given");
    assertThatThrownBy(() -> Materials.NONE.get("x"))
        .hasMessage("no material called \"x\" was given; there are []");
  }

  /**
   * SHA-256 of each array's length, int32, and numbers, float32, big-endian, by Python's hashlib.
   */
  @Test
  void materialsAreToldApartByAllTheirNumbers() {
    List<float[]> arrays = List.of(new float[] {1.5f, -2}, new float[] {0.25f});
    List<float[]> others = List.of(new float[] {1.5f}, new float[] {-2, 0.25f});

    assertThat(new HeadMeans(1, arrays).fingerprint()).isEqualTo("50f1301878314ead");
    assertThat(new WriteBasis(arrays.subList(0, 1), arrays.subList(1, 2)).fingerprint())
        .isEqualTo("50f1301878314ead");
    assertThat(new QueryChange(1, 1, others).fingerprint()).isEqualTo("107f7dba274e3dfa");
  }
}
