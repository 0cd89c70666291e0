package dev.touchstone.suite.reproduction;

import dev.touchstone.corpus.Unavailable;
import dev.touchstone.suite.figure.FigureData;
import dev.touchstone.suite.observation.Tier;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SortedMap;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * The page that says what remains of exp06's and exp07's conclusions when what they hang on is
 * changed: the processing and scale of W_QK, the seed of k-means, the positions the writes are
 * taken at.
 */
final class WhatConclusionsHangOn {
  private static final List<Integer> THRESHOLDS = List.of(50, 80, 90, 95);
  private static final List<String> VARIANTS =
      List.of("folded/own-norm", "unfolded/own-norm", "folded/unit-norm", "unfolded/unit-norm");
  private static final List<Integer> CLUSTERS = List.of(4, 8, 12, 16, 32, 64);
  private static final List<String> SAMPLES =
      List.of("first", "first-without-0", "spread", "spread-without-0");
  private static final List<String> WHAT = List.of("block", "attention", "mlp");
  private static final int LAYERS = 12;

  private final List<FigureData> subjects;
  private final StringBuilder page = new StringBuilder();

  private WhatConclusionsHangOn(List<FigureData> subjects) {
    this.subjects = subjects;
  }

  /** The page, of every subject as far as it is here. */
  static String page(List<FigureData> subjects) {
    WhatConclusionsHangOn made = new WhatConclusionsHangOn(subjects);
    made.say(
        """
        # What exp06's and exp07's conclusions hang on

        Every number below was measured in the run that wrote this page, unless it says "printed". What needs GPT-2
        itself and is not here says so.
        """);
    made.thresholdsOfCircuits();
    made.seedsOfClusters();
    made.positionsOfWrites();
    made.printedNorms();
    return made.page.toString();
  }

  private void say(String format, Object... values) {
    page.append(values.length == 0 ? format : String.format(Locale.ROOT, format, values));
  }

  private void table(String... columns) {
    page.append('\n');
    row(List.of(columns));
    page.append("|---|").append("--:|".repeat(columns.length - 1)).append('\n');
  }

  private void row(List<String> cells) {
    page.append("| ").append(String.join(" | ", cells)).append(" |\n");
  }

  /** What can be said of each subject, or why nothing can. */
  private void ofEach(Consumer<FigureData> account) {
    for (FigureData shown : subjects) {
      say("\n### %s\n", shown.subject());
      int before = page.length();
      try {
        account.accept(shown);
      } catch (Unavailable notHere) {
        page.setLength(before);
        say("\nNot measured: %s\n", notHere.getMessage());
      }
    }
  }

  private void thresholdsOfCircuits() {
    say(
        """

        ## exp06, 6A: how the components of W_QK are counted

        The report folds the layer norms into W_Q and W_K and takes every head's W_QK at its own norm, so that a few
        large heads weigh most. Components needed, of 144:
        """);
    ofEach(
        shown -> {
          table("W_QK", "50%", "80%", "90%", "95%", "variance in the first 3");
          List<Integer> ninety = new ArrayList<>();
          List<Double> three = new ArrayList<>();
          for (String variant : VARIANTS) {
            String path = "exp06/variants/" + variant;
            List<String> cells =
                new ArrayList<>(List.of(variant.replace('-', ' ').replace("/", ", ")));
            THRESHOLDS.forEach(
                threshold -> cells.add(count(shown, path + "/components/" + threshold)));
            three.add(shown.number(Tier.NONE, path + "/cumulative-variance/3"));
            cells.add(percent(three.get(three.size() - 1)));
            ninety.add((int) shown.number(Tier.NONE, path + "/components/90"));
            row(cells);
          }
          int least = ninety.stream().min(Integer::compare).orElseThrow();
          int most = ninety.stream().max(Integer::compare).orElseThrow();
          say(
              "\n**What remains.** That 16-32 components do not hold 90%% %s: the count is %d as the report"
                  + " takes it and between %d and %d over all four. The first three components hold %s as the"
                  + " report takes it, %s without folding and %s at unit norm.\n",
              least > 32
                  ? "remains whichever way W_QK is taken"
                  : "does not remain in every variant",
              ninety.get(0),
              least,
              most,
              percent(three.get(0)),
              percent(three.get(1)),
              percent(three.get(2)));
        });
  }

  private void seedsOfClusters() {
    say(
        """

        ## exp06, 6C: one run of k-means, and twenty

        Ten restarts each, seeds 42 to 61, as scikit-learn clusters from each of them; the report's is seed 42 alone.
        Heads replaced, the size of the largest cluster and inertia need the weights alone; ratios are to the baseline
        over the first 2048 tokens of the test text.
        """);
    ofEach(
        shown -> {
          table(
              "clusters",
              "replaced",
              "largest, seed 42",
              "largest, 20 seeds",
              "inertia, seed 42",
              "inertia, 20 seeds");
          for (int k : CLUSTERS) {
            String path = "exp06/clusters/" + k;
            row(
                List.of(
                    "" + k,
                    count(shown, path + "/replaced-heads"),
                    count(shown, path + "/largest-cluster"),
                    spread(shown.series(Tier.NONE, path + "/seeds/largest-cluster"), "%.0f"),
                    number(shown.number(Tier.NONE, path + "/inertia")),
                    spread(shown.series(Tier.NONE, path + "/seeds/inertia"), "%.5g")));
          }
        });
    ofEach(this::costsOfClusters);
  }

  private void costsOfClusters(FigureData shown) {
    SortedMap<String, Double> printed = printedMagnitudes(shown);
    table("clusters", "ratio, 20 seeds: least", "median", "most", "printed, of gpt2");
    for (int k : CLUSTERS) {
      List<Double> ratios = sorted(shown.series(Tier.FULL, "exp06/clusters/" + k + "/seeds/ratio"));
      row(
          List.of(
              "" + k,
              ratio(ratios.get(0)),
              ratio(median(ratios)),
              ratio(ratios.get(ratios.size() - 1)),
              printed.containsKey("" + k) ? ratio(printed.get("" + k)) : ""));
    }
    List<Double> four = shown.series(Tier.FULL, "exp06/clusters/4/seeds/ratio");
    List<Double> eight = shown.series(Tier.FULL, "exp06/clusters/8/seeds/ratio");
    long worse = IntStream.range(0, four.size()).filter(i -> eight.get(i) > four.get(i)).count();
    say(
        "\n**What remains.** 8 clusters cost more than 4 in %d of %d seeds, so %s.\n",
        worse,
        four.size(),
        worse == four.size()
            ? "it is no accident of the seed"
            : worse == 0 ? "it does not happen here" : "whether it happens hangs on the seed");
  }

  private static SortedMap<String, Double> printedMagnitudes(FigureData shown) {
    return shown.printed("exp06", Tier.FULL, Pattern.compile("exp06/clusters/(\\d+)/ratio"));
  }

  private void positionsOfWrites() {
    say(
        """

        ## exp07: the positions the writes are taken at

        The report takes the first 1000 positions of one stretch of text and explains layer 2's single component by a
        fixed bias and layer 11's three by writing toward the unembedding. A bias that is the same at every position goes
        with the mean, which PCA subtracts: it can hold no variance. What can is one position unlike all others. The first
        position of a chunk is such a one, since attention there sees nothing but itself. K is the number of components
        for 90%%: at the report's positions, without the first of each chunk, at 1000 positions evenly spaced over all
        chunks, and at 1000 of those without the first of each chunk.
        """
            .replace("%%", "%"));
    ofEach(
        shown -> {
          for (String what : WHAT) {
            writes(shown, what);
          }
          whatRemains(shown);
        });
  }

  private void writes(FigureData shown, String what) {
    table(
        what,
        "variance at position 0",
        "K",
        "K without position 0",
        "K, spread",
        "K, spread, without position 0");
    for (int layer = 0; layer < LAYERS; layer++) {
      List<String> cells = new ArrayList<>();
      cells.add("layer " + layer);
      cells.add(
          percent(
              shown.number(
                  Tier.TWO_K, "exp07/sample/first/position-0-share/" + what + "/" + layer)));
      for (String sample : SAMPLES) {
        cells.add("" + components(shown, sample, what, layer, 90));
      }
      row(cells);
    }
  }

  private void whatRemains(FigureData shown) {
    say("\n**What remains.**\n");
    concentrated(shown, "block", 2, "layer 2's writes concentrate");
    concentrated(shown, "mlp", 2, "layer 2's MLP writes concentrate");
    concentrated(shown, "block", 11, "layer 11's writes concentrate");
    concentrated(shown, "attention", 11, "layer 11's attention writes concentrate");
    say(
        "- Middle layers (3-8) need, of %d dimensions, %s components for 90%%.\n",
        (int) shown.number(Tier.TWO_K, "exp07/pooled/columns"),
        SAMPLES.stream()
            .map(sample -> middle(shown, sample) + " (" + sample.replace('-', ' ') + ")")
            .collect(Collectors.joining(", ")));
    List<String> lower =
        SAMPLES.stream()
            .filter(
                sample ->
                    IntStream.rangeClosed(3, 8)
                        .allMatch(
                            layer ->
                                components(shown, sample, "attention", layer, 90)
                                    < components(shown, sample, "mlp", layer, 90)))
            .toList();
    say(
        "- That attention needs fewer components than the MLP in every middle layer holds in %d of the %d"
            + " samples.\n",
        lower.size(), SAMPLES.size());
    say(
        "- All layers together need %s.\n",
        SAMPLES.stream()
            .map(
                sample ->
                    count(shown, Tier.FULL, "exp07/sample/" + sample + "/components/shared/90")
                        + " ("
                        + sample.replace('-', ' ')
                        + ")")
            .collect(Collectors.joining(", ")));
  }

  private void concentrated(FigureData shown, String what, int layer, String claim) {
    int with = components(shown, "first", what, layer, 90);
    int without = components(shown, "first-without-0", what, layer, 90);
    double share =
        shown.number(Tier.TWO_K, "exp07/sample/first/position-0-share/" + what + "/" + layer);
    say(
        "- That %s: K is %d, and %d without position 0, which holds %s of the variance; %s.\n",
        claim,
        with,
        without,
        percent(share),
        without > 2 * with
            ? "so the concentration is position 0's"
            : "so whatever concentration there is does not hang on position 0");
  }

  private String middle(FigureData shown, String sample) {
    List<Integer> counts =
        IntStream.rangeClosed(3, 8)
            .mapToObj(layer -> components(shown, sample, "block", layer, 90))
            .sorted()
            .toList();
    return counts.get(0) + "-" + counts.get(counts.size() - 1);
  }

  /** What GPT-2's printed norms allow, where its file is not here. */
  private void printedNorms() {
    say(
        """

        ## exp07: what the printed norms of GPT-2 say

        Computed from 7A's printed means and deviations alone (`golden/claims/exp07.yaml`), nothing measured: if one of
        the 1000 positions made all of a layer's spread and the 999 others wrote equally long, how long that one write
        would be, and what share of the layer's squared norms it would hold. At layers 1 and 2 that is as much as the one
        component that 7B prints holds there. At layer 11 it is not: the mean write may be most of the norm there, and
        what position 0 holds of the rest cannot be told without the model.
        """);
    FigureData shown = subjects.get(0);
    SortedMap<String, Double> mean = printed(shown, "exp07/norm/(\\d+)/mean");
    SortedMap<String, Double> deviation = printed(shown, "exp07/norm/(\\d+)/std");
    table(
        "layer",
        "printed mean",
        "printed deviation",
        "the one write's norm",
        "its share of squared norms",
        "printed K (50%)");
    SortedMap<String, Double> half = printed(shown, "exp07/components/block/(\\d+)/50");
    for (int layer = 0; layer < LAYERS; layer++) {
      String key = "" + layer;
      double others = mean.get(key) - deviation.get(key) / Math.sqrt(999);
      double one = others + deviation.get(key) * 1000 / Math.sqrt(999);
      row(
          List.of(
              key,
              number(mean.get(key)),
              number(deviation.get(key)),
              number(one),
              percent(one * one / (one * one + 999 * others * others)),
              "%.0f".formatted(half.get(key))));
    }
  }

  private static SortedMap<String, Double> printed(FigureData shown, String pattern) {
    return shown.printed("exp07", Tier.TWO_K, Pattern.compile(pattern));
  }

  private static int components(
      FigureData shown, String sample, String what, int layer, int percent) {
    return (int)
        shown.number(
            sample.startsWith("spread") ? Tier.FULL : Tier.TWO_K,
            "exp07/sample/" + sample + "/components/" + what + "/" + layer + "/" + percent);
  }

  private static String count(FigureData shown, String path) {
    return count(shown, Tier.NONE, path);
  }

  private static String count(FigureData shown, Tier tier, String path) {
    return "" + (int) shown.number(tier, path);
  }

  private static List<Double> sorted(List<Double> values) {
    return values.stream().sorted().toList();
  }

  private static double median(List<Double> sorted) {
    return (sorted.get((sorted.size() - 1) / 2) + sorted.get(sorted.size() / 2)) / 2;
  }

  /** Least to most. */
  private static String spread(List<Double> values, String format) {
    List<Double> sorted = sorted(values);
    return Stream.of(sorted.get(0), sorted.get(sorted.size() - 1))
        .map(value -> String.format(Locale.ROOT, format, value))
        .distinct()
        .collect(Collectors.joining(" to "));
  }

  private static String number(double value) {
    return String.format(Locale.ROOT, "%.5g", value);
  }

  private static String ratio(double value) {
    return String.format(Locale.ROOT, "%.4gx", value);
  }

  private static String percent(double share) {
    return String.format(Locale.ROOT, "%.1f%%", 100 * share);
  }
}
