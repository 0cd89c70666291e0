package dev.touchstone.decomposition;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.touchstone.statistics.KMeans;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.StreamSupport;
import org.apache.commons.math3.util.MathArrays;

/** What {@code golden/oracle/clusters.py} recorded of a subject's heads, and holding ours to it. */
public record ScikitLearnClusters(JsonNode recorded) {
  private static final Path ORACLE = Path.of("golden/oracle");

  /** Of {@code nano144} or {@code gpt2}. */
  public static ScikitLearnClusters of(String subject) {
    return new ScikitLearnClusters(read(subject, "clusters"));
  }

  /** nano144's PCA coefficients that were clustered, to the last bit, [head][20]. */
  public static double[][] coefficientsOfNano144() {
    return StreamSupport.stream(
            read("nano144", "coefficients").get("coefficients").spliterator(), false)
        .map(
            row ->
                Arrays.stream(row.textValue().split(" "))
                    .mapToDouble(Double::parseDouble)
                    .toArray())
        .toArray(double[][]::new);
  }

  /** The hash of the weights. */
  public String sha256() {
    return recorded.at("/model/sha256").textValue();
  }

  /**
   * Holds the labels, centres, inertia and middle heads of all seeds to scikit-learn's.
   *
   * @param coefficients [head][20]
   * @param tolerance relative: of inertia to itself, of centres to the longest one
   */
  public void agreeOn(double[][] coefficients, int k, double tolerance) {
    for (int seed = 42; seed < 62; seed++) {
      JsonNode theirs = recorded.at("/clusters/" + k + "/" + seed);
      KMeans means = KMeans.of(coefficients, k, seed);
      String what = k + " clusters, seed " + seed;
      assertThat(means.labels()).as(what).isEqualTo(integers(theirs.get("labels")));
      List<Integer> middle = integers(theirs.get("middle"));
      assertThat(HeadClusters.of(coefficients, means).representative())
          .as(what)
          .isEqualTo(means.labels().stream().map(middle::get).toList());
      double inertia = theirs.get("inertia").doubleValue();
      assertThat(means.inertia()).as(what).isCloseTo(inertia, within(tolerance * inertia));
      agree(what, means.centres(), theirs.get("centres"), tolerance);
    }
  }

  private static void agree(String what, double[][] centres, JsonNode theirs, double tolerance) {
    double longest = Arrays.stream(centres).mapToDouble(MathArrays::safeNorm).max().orElseThrow();
    assertThat(theirs).as(what).hasSize(centres.length);
    for (int c = 0; c < centres.length; c++) {
      assertThat(weighed(centres[c]))
          .as(what + ", centre " + c)
          .isCloseTo(theirs.get(c).doubleValue(), within(tolerance * longest));
    }
  }

  /** The sum of the coordinates, the n-th divided by n, as a centre is recorded. */
  private static double weighed(double[] centre) {
    return IntStream.range(0, centre.length).mapToDouble(i -> centre[i] / (i + 1)).sum();
  }

  private static List<Integer> integers(JsonNode listed) {
    return Arrays.stream(listed.textValue().split(" ")).map(Integer::valueOf).toList();
  }

  private static JsonNode read(String subject, String what) {
    try {
      return new ObjectMapper()
          .readTree(ORACLE.resolve(subject + "/" + subject + "-" + what + ".json").toFile());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
