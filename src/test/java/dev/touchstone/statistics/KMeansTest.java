package dev.touchstone.statistics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Collections;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/**
 * What no subject's heads come to, against scikit-learn 1.9.1: from given centres {@code KMeans(k,
 * init=centres, n_init=1)}. The rest HeadClustersTest holds to it.
 */
class KMeansTest {
  private static final double[][] POINTS = {
    {0, 0}, {1, 0}, {0, 2}, {10, 10}, {11, 10}, {10, 13}, {40, 3}
  };

  @Test
  void givesAnEmptyClusterThePointFarthestFromItsCentre() {
    KMeans means = KMeans.of(POINTS, new double[][] {{0, 0}, {10, 10}, {500, 500}});

    assertThat(means.labels()).containsExactly(0, 0, 0, 1, 1, 1, 2);
    assertThat(means.inertia()).isCloseTo(10, within(1e-12));
    assertThat(means.centres()[2]).containsExactly(new double[] {40, 3}, within(1e-12));
  }

  @Test
  void takesThatPointFromAClusterThatGoesOn() {
    KMeans means = KMeans.of(POINTS, new double[][] {{0, 1}, {12, 9}, {500, 500}, {41, 3}});

    assertThat(means.labels()).containsExactly(0, 0, 0, 1, 1, 2, 3);
    assertThat(means.inertia()).isCloseTo(3.8333333333333335, within(1e-12));
    assertThat(means.centres()[1]).containsExactly(new double[] {10.5, 10}, within(1e-12));
  }

  /** Every point lies at a centre, so none is far from its own. */
  @Test
  void givesAnEmptyClusterTheCentreOfTheLargestWhenNoPointIsFar() {
    double[][] points = {{-4}, {-4}, {2}, {2}, {2}, {2}};

    KMeans means = KMeans.of(points, new double[][] {{-4}, {2}, {500}});

    assertThat(means.labels()).containsExactly(0, 0, 1, 1, 1, 1);
    assertThat(means.centres()).isDeepEqualTo(new double[][] {{-4}, {2}, {2}});
    assertThat(means.inertia()).isZero();
  }

  @Test
  void takesTheFirstOfClustersThatAreEquallyLarge() {
    double[][] points = {{-4}, {-4}, {4}, {4}};

    KMeans means = KMeans.of(points, new double[][] {{-4}, {4}, {500}});

    assertThat(means.centres()).isDeepEqualTo(new double[][] {{-4}, {4}, {-4}});
  }

  @Test
  void putsAPointBetweenTwoCentresIntoTheFirst() {
    KMeans means = KMeans.of(new double[][] {{-1}, {1}, {0}}, new double[][] {{-1}, {1}});

    assertThat(means.labels()).containsExactly(0, 1, 0);
    assertThat(means.centres()).isDeepEqualTo(new double[][] {{-0.5}, {1}});
    assertThat(means.inertia()).isEqualTo(0.5);
  }

  /** After 17 of the 20 iterations that it takes until no point changes its cluster. */
  @Test
  void endsWhenTheCentresAreAtRest() {
    double[][] points =
        IntStream.range(0, 200)
            .mapToObj(i -> new double[] {1000 + Math.pow(i, 1.5)})
            .toArray(double[][]::new);

    KMeans means = KMeans.of(points, new double[][] {{1000}, {1001}, {1002}, {1003}});

    assertThat(IntStream.range(0, 4).mapToObj(c -> Collections.frequency(means.labels(), c)))
        .containsExactly(66, 49, 42, 43);
    assertThat(means.inertia()).isCloseTo(8165627.541342801, within(1e-4));
    assertThat(means.centres()[2]).containsExactly(new double[] {3388.9552822428377}, within(1e-9));
  }

  @Test
  void makesAsManyClustersAsThereAreDifferentPoints() {
    KMeans means = KMeans.of(new double[][] {{1}, {2}, {2}}, 2, 42);

    assertThat(means.inertia()).isZero();
    assertThat(means.labels().get(1)).isEqualTo(means.labels().get(2));
    assertThat(means.labels().get(0)).isNotEqualTo(means.labels().get(1));
  }

  /** Without a tolerance rounding takes the other of two, and scikit-learn does not here. */
  @Test
  void takesTheFirstOfCandidatesThatTie() {
    double[][] points =
        IntStream.range(0, 30)
            .mapToObj(i -> new double[] {Math.sin(17 * i * i), Math.cos(25 * i * i * i)})
            .toArray(double[][]::new);

    KMeans means = KMeans.of(points, 14, 42);

    assertThat(means.labels())
        .containsExactly(
            8, 11, 2, 9, 4, 3, 9, 5, 6, 4, 12, 0, 3, 4, 10, 7, 3, 5, 5, 11, 10, 4, 8, 10, 8, 8, 1,
            0, 6, 13);
    assertThat(means.inertia()).isCloseTo(0.5515681722733663, within(1e-12));
  }

  @Test
  void refusesMoreClustersThanDifferentPoints() {
    assertThatThrownBy(() -> KMeans.of(new double[][] {{1}, {2}, {2}}, 3, 42))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("fewer than 3 of the points differ; choose fewer clusters");
  }
}
