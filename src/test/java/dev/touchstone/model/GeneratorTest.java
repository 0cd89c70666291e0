package dev.touchstone.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDManager;
import dev.touchstone.Seeds;
import dev.touchstone.intervention.Intervention;
import dev.touchstone.intervention.Materials;
import dev.touchstone.model.Decoding.Sampling;
import dev.touchstone.model.Generator.Continuations;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class GeneratorTest {
  private static final int VOCABULARY = 61;
  private static final List<int[]> PROMPTS = prompts(3, 5);

  private final NDManager manager = NDManager.newBaseManager();
  private final Gpt2 model =
      Gpt2.load(
          Checkpoint.open(Path.of("golden/oracle/weight-processing/raw.safetensors")),
          WeightProcessing.TRANSFORMER_LENS,
          manager);

  private static List<int[]> prompts(int count, int length) {
    Random random = new Random(Seeds.seed("GeneratorTest"));
    return IntStream.range(0, count)
        .mapToObj(i -> random.ints(length, 0, VOCABULARY).toArray())
        .toList();
  }

  private Generator generator(String intervention, boolean cached) {
    return new Generator(model, Intervention.parse(intervention).hooks(Materials.NONE), cached);
  }

  @AfterEach
  void free() {
    manager.close();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "baseline",
        "relu(L1H0,L1H2)",
        "l1(L0H1)",
        "identity(L1H1)",
        "kernel(L0H1,L1H0)",
        "relu(L0H0,L1H0)+zero(L1H1)"
      })
  void givesTheSameTokensWithACacheAsWithout(String intervention) {
    for (Decoding decoding : List.of(Decoding.GREEDY, new Sampling(0.8, 4))) {
      List<int[]> cached =
          generator(intervention, true).continuations(PROMPTS, 2, 11, decoding).tokens();
      List<int[]> anew =
          generator(intervention, false).continuations(PROMPTS, 2, 11, decoding).tokens();

      assertThat(cached).hasSize(6).containsExactly(anew.toArray(int[][]::new));
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void rejectsPromptsOfSeveralLengths(boolean cached) {
    List<int[]> ragged = List.of(new int[4], new int[6]);

    assertThatThrownBy(
            () -> generator("baseline", cached).continuations(ragged, 1, 2, Decoding.GREEDY))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("of one length, not of 4 and 6 tokens");
  }

  @Test
  void takesTheLikeliestTokenAtEveryStep() {
    int[] continuation =
        generator("baseline", true)
            .continuations(PROMPTS.subList(1, 2), 1, 4, Decoding.GREEDY)
            .tokens()
            .get(0);

    int[] text =
        IntStream.concat(IntStream.of(PROMPTS.get(1)), IntStream.of(continuation)).toArray();
    float[] logits = model.logits(Gpt2.ids(manager, List.of(text)), Hooks.NONE).toFloatArray();
    for (int position = 5; position < 9; position++) {
      int row = (position - 1) * VOCABULARY;
      int best =
          IntStream.range(0, VOCABULARY)
              .reduce((a, b) -> logits[row + b] > logits[row + a] ? b : a)
              .orElseThrow();
      assertThat(text[position]).isEqualTo(best);
    }
  }

  @Test
  void continuesEveryPromptOfABatchAsIfItWereAlone() {
    List<int[]> together =
        generator("relu(L1H0)", true).continuations(PROMPTS, 1, 8, Decoding.GREEDY).tokens();

    for (int i = 0; i < PROMPTS.size(); i++) {
      assertThat(
              generator("relu(L1H0)", true)
                  .continuations(PROMPTS.subList(i, i + 1), 1, 8, Decoding.GREEDY)
                  .tokens())
          .containsExactly(together.get(i));
    }
  }

  @Test
  void drawsTheSameFromASeedAndOtherwiseFromAnother() {
    int[][] first = draw(1);

    assertThat(draw(1)).isDeepEqualTo(first);
    assertThat(draw(2)[0]).isNotEqualTo(first[0]);
    assertThat(first[1]).as("a prompt's second copy").isNotEqualTo(first[0]);
  }

  private int[][] draw(long seed) {
    return generator("baseline", true)
        .continuations(PROMPTS, 2, 8, new Sampling(0.8, seed))
        .tokens()
        .toArray(int[][]::new);
  }

  @ParameterizedTest(name = "cached: {0}")
  @ValueSource(booleans = {true, false})
  void saysWhenTheContextIsFull(boolean cached) {
    Continuations beyond =
        generator("baseline", cached).continuations(PROMPTS, 1, 12, Decoding.GREEDY);
    Continuations within =
        generator("baseline", cached).continuations(PROMPTS, 1, 11, Decoding.GREEDY);

    assertThat(beyond.contextFull()).isTrue();
    assertThat(beyond.tokens()).allMatch(each -> each.length == 11);
    assertThat(within.contextFull()).isFalse();
    assertThat(within.tokens()).containsExactly(beyond.tokens().toArray(int[][]::new));
  }

  @Test
  void freesWhatItAllocates() {
    generator("relu(L1H0)", true).continuations(PROMPTS, 2, 3, Decoding.GREEDY);
    int held = model.manager().getManagedArrays().size();

    generator("relu(L1H0)", true).continuations(PROMPTS, 2, 9, new Sampling(1, 1));

    assertThat(model.manager().getManagedArrays()).hasSize(held);
  }
}
