package dev.touchstone.measurement;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.touchstone.Seeds;
import dev.touchstone.model.Checkpoint;
import dev.touchstone.model.Gpt2;
import dev.touchstone.model.Hooks;
import dev.touchstone.model.WeightProcessing;
import dev.touchstone.statistics.LossSum;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ContinuationsTest {
  private static final Random RANDOM = new Random(Seeds.seed("ContinuationsTest"));

  private static List<int[]> texts(int count, int length) {
    return IntStream.range(0, count).mapToObj(i -> RANDOM.ints(length, 0, 61).toArray()).toList();
  }

  private static Gpt2 model(NDManager manager) {
    return Gpt2.load(
        Checkpoint.open(Path.of("golden/oracle/weight-processing/raw.safetensors")),
        WeightProcessing.TRANSFORMER_LENS,
        manager);
  }

  @Test
  void areOfOneLengthAndAsManyForEachPrompt() {
    try (NDManager manager = NDManager.newBaseManager()) {
      Gpt2 model = model(manager);
      List<int[]> ragged = List.of(new int[2], new int[4]);

      assertThatThrownBy(() -> CrossEntropy.ofContinuations(model, ragged, texts(2, 3)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("of one length, not of 2 and 4 tokens");
      assertThatThrownBy(() -> CrossEntropy.ofContinuations(model, texts(2, 3), ragged))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("of one length, not of 3 and 5 tokens");
      assertThatThrownBy(() -> CrossEntropy.ofContinuations(model, texts(2, 3), texts(3, 3)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("3 continuations are not as many for each of 2 prompts");
    }
  }

  /** Five and three tokens are as many as twice four. */
  @Test
  void areNotTakenForThoseOfAnotherStream() {
    try (NDManager manager = NDManager.newBaseManager()) {
      Gpt2 model = model(manager);
      NDArray stream = model.embed(Gpt2.ids(manager, texts(2, 4)), 0);

      for (List<int[]> chunks :
          List.of(List.of(new int[5], new int[3]), texts(2, 5), texts(1, 4))) {
        assertThatThrownBy(() -> CrossEntropy.perChunk(model, stream, chunks))
            .isInstanceOf(IllegalArgumentException.class);
      }
      assertThatThrownBy(() -> CrossEntropy.perChunk(model, stream, texts(2, 5)))
          .hasMessageStartingWith("a stream of shape (2, 4, ")
          .hasMessageEndingWith(" is not that of 2 chunks of 5 tokens");
    }
  }

  @Test
  void sumUpToTheLossOfAChunk() {
    try (NDManager manager = NDManager.newBaseManager()) {
      Gpt2 model = model(manager);
      List<int[]> chunks = texts(2, 6);
      NDArray stream = model.blocks(model.embed(Gpt2.ids(manager, chunks), 0), 0, Hooks.NONE);

      List<LossSum> sums = CrossEntropy.perChunk(model, stream, chunks);

      assertThat(sums).hasSize(2);
      for (int i = 0; i < 2; i++) {
        int[] chunk = chunks.get(i);
        double[] losses =
            CrossEntropy.ofContinuations(
                    model,
                    List.of(new int[] {chunk[0]}),
                    List.of(Arrays.copyOfRange(chunk, 1, chunk.length)))
                .get(0);
        assertThat(sums.get(i).count()).isEqualTo(5);
        assertThat(sums.get(i).sum()).isCloseTo(DoubleStream.of(losses).sum(), within(1e-4));
      }
    }
  }

  /** The definition, from whole logits in double precision. */
  @ParameterizedTest(name = "after {0} tokens")
  @ValueSource(ints = {1, 6})
  void areScoredTokenByTokenGivenTheirPrompt(int known) {
    try (NDManager manager = NDManager.newBaseManager()) {
      Gpt2 model = model(manager);
      List<int[]> prompts = texts(2, known);
      List<int[]> continuations = texts(6, 5);

      List<double[]> losses = CrossEntropy.ofContinuations(model, prompts, continuations);

      for (int i = 0; i < 6; i++) {
        int[] text =
            IntStream.concat(IntStream.of(prompts.get(i / 3)), IntStream.of(continuations.get(i)))
                .toArray();
        float[] logits = model.logits(Gpt2.ids(manager, List.of(text)), Hooks.NONE).toFloatArray();
        for (int token = 0; token < 5; token++) {
          int row = (known - 1 + token) * 61;
          double exponentials =
              IntStream.range(0, 61).mapToDouble(each -> Math.exp(logits[row + each])).sum();
          assertThat(losses.get(i)[token])
              .isCloseTo(
                  Math.log(exponentials) - logits[row + continuations.get(i)[token]], within(1e-5));
        }
      }
    }
  }
}
