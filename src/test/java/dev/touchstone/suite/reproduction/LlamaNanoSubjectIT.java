package dev.touchstone.suite.reproduction;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.touchstone.Seeds;
import dev.touchstone.corpus.Chunk;
import dev.touchstone.corpus.Chunking;
import dev.touchstone.corpus.Corpus;
import dev.touchstone.corpus.Tokenizer;
import dev.touchstone.decomposition.ComponentModel;
import dev.touchstone.decomposition.Sampling;
import dev.touchstone.measurement.PredictionChange;
import dev.touchstone.model.Hooks;
import dev.touchstone.model.LlamaSimpleMlp;
import dev.touchstone.tensor.Scope;
import dev.touchstone.tensor.SeededArrays;
import io.qameta.allure.Allure;
import io.qameta.allure.Epic;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Whether llama-nano and its decomposition are worth ablating. */
@Tag("spd")
@Epic("Embedded subjects")
@ExtendWith(Fixtures.class)
class LlamaNanoSubjectIT {
  private static final int CHUNKS = 16;

  private final NDManager manager;
  private final LlamaSimpleMlp target;
  private final ComponentModel model;

  LlamaNanoSubjectIT(DecomposedLlama llama) {
    manager = llama.manager();
    target = llama.target();
    model = llama.model();
  }

  private Corpus text() throws IOException {
    return Corpus.of(
        "embedded",
        Files.readString(Path.of("golden/corpus/embedded.txt")),
        Tokenizer.r50kPrefix(target.config().vocabulary()));
  }

  /** The embedded text's first chunks, none of which the training saw, one sequence each. */
  private List<NDArray> chunks() throws IOException {
    return text().chunks(Chunking.every(target.config().context())).all().stream()
        .limit(CHUNKS)
        .map(this::ids)
        .toList();
  }

  private NDArray ids(Chunk chunk) {
    long[] ids = Arrays.stream(chunk.tokens()).asLongStream().toArray();
    return manager.create(ids, new Shape(1, ids.length)).duplicate();
  }

  @Test
  void predictsTextBetterThanAnyUnigramModel() throws IOException {
    double loss =
        chunks().stream()
            .mapToDouble(
                ids ->
                    Scope.measure(
                        () -> {
                          NDArray targets = ids.get(":, 1:").reshape(-1, 1);
                          return target
                              .logits(ids, Hooks.NONE)
                              .get(0)
                              .get(":-1")
                              .logSoftmax(1)
                              .gather(targets, 1)
                              .mean()
                              .neg()
                              .getFloat();
                        }))
            .average()
            .orElseThrow();
    double unigram = unigramEntropy();
    show("perplexity %.2f; the text's own unigrams have %.2f", Math.exp(loss), Math.exp(unigram));
    assertThat(loss).isLessThan(unigram - 1);
  }

  /** Of the same tokens under their own frequencies: no unigram model does better. */
  private double unigramEntropy() throws IOException {
    int[] tokens = text().firstTokens(CHUNKS * target.config().context()).tokens();
    Map<Integer, Long> counts =
        IntStream.of(tokens).boxed().collect(Collectors.groupingBy(t -> t, Collectors.counting()));
    return counts.values().stream()
        .mapToDouble(count -> -count * Math.log(count / (double) tokens.length) / tokens.length)
        .sum();
  }

  @Test
  void sumsToTheWeights() {
    double deltas = 0;
    double weights = 0;
    for (String module : target.config().modules()) {
      deltas += model.weightDelta(module).square().sum().getFloat();
      weights += target.weights().get(module + ".weight").square().sum().getFloat();
    }
    double error = Math.sqrt(deltas / weights);
    show("the components miss %.2e of the weights' norm", error);
    assertThat(error).isLessThan(1e-3);
  }

  @Test
  void reconstructsPredictionsUnderStochasticMasksWithFewImportantComponents() throws IOException {
    double divergence = 0;
    double important = 0;
    SeededArrays random = new SeededArrays(Seeds.seed("LlamaNanoSubjectIT"));
    for (NDArray ids : chunks()) {
      try (NDManager passing = manager.newSubManager()) {
        Map<String, NDArray> importances = model.importances(ids, passing);
        var masks =
            Sampling.masks(importances, Sampling.CONTINUOUS.sources(importances, random, passing));
        divergence +=
            Scope.measure(
                () ->
                    PredictionChange.between(
                                target.logits(ids, Hooks.NONE),
                                model.logits(ids, masks, Hooks.NONE))
                            .meanKlDivergence()
                        / CHUNKS);
        for (NDArray importance : importances.values()) {
          important += importance.gt(0f).sum().getLong() / (double) (ids.size() * CHUNKS);
        }
      }
    }
    int components = model.components().values().stream().mapToInt(parts -> parts.count()).sum();
    show(
        "masked reconstruction KL %.4f nats; %.1f of %d components important at a position",
        divergence, important, components);
    assertThat(divergence).isLessThan(0.1);
    assertThat(important).isLessThan(0.5 * components);
  }

  private static void show(String form, Object... numbers) {
    String line = String.format(Locale.ROOT, form, numbers);
    Allure.addAttachment("measured", line);
  }
}
