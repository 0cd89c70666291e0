package dev.touchstone.suite.soak;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.touchstone.corpus.Chunks;
import dev.touchstone.decomposition.AscentBudget;
import dev.touchstone.decomposition.Component;
import dev.touchstone.decomposition.ComponentModel;
import dev.touchstone.intervention.Intervention;
import dev.touchstone.intervention.Materials;
import dev.touchstone.laboratory.Laboratory;
import dev.touchstone.measurement.AttentionAblation;
import dev.touchstone.model.Checkpoint;
import dev.touchstone.model.Decoding;
import dev.touchstone.model.Generator;
import dev.touchstone.model.Gpt2;
import dev.touchstone.model.Hooks;
import dev.touchstone.model.LlamaSimpleMlp;
import dev.touchstone.suite.subject.Bench;
import dev.touchstone.tensor.Compute;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/**
 * Passes forward, a generation and passes backward, and a line for each thread that computed in
 * them: its name, a tab, and for how many hundredths of a second.
 *
 * <p>Something else loads PyTorch first, as a user's own code may.
 */
final class ThreadsOfPasses {
  private static final int ROUNDS = 2;

  private ThreadsOfPasses() {}

  /** The argument is a folder for the record. */
  public static void main(String[] folder) throws Exception {
    NDManager.newBaseManager().close();
    Compute compute = Compute.fromProperties();
    try (Laboratory laboratory = Laboratory.at(Path.of(folder[0], "laboratory.sqlite"));
        NDManager manager = compute.newManager()) {
      Bench bench = Bench.nano144(Path.of("golden"), laboratory, compute);
      AttentionAblation backward = backward(bench, manager);
      round(bench, backward, 0);
      ThreadTimes before = ThreadTimes.now();
      for (int round = 1; round <= ROUNDS; round++) {
        round(bench, backward, round);
      }
      ThreadTimes.now()
          .since(before)
          .ticks()
          .forEach((thread, ticks) -> System.out.println(thread + "\t" + ticks));
      bench.subject().close();
    }
  }

  private static AttentionAblation backward(Bench bench, NDManager manager) {
    Path folder = Path.of("golden/subjects/llama-nano");
    LlamaSimpleMlp target =
        LlamaSimpleMlp.load(Checkpoint.open(folder.resolve("model.safetensors")), manager);
    ComponentModel model =
        ComponentModel.load(
            Checkpoint.open(folder.resolve("decomposition.safetensors")), target, manager);
    int[] tokens =
        Arrays.stream(bench.validation().tokens())
            .filter(token -> token < target.config().vocabulary())
            .limit(target.config().context())
            .toArray();
    NDArray ids = Gpt2.ids(manager, List.of(tokens));
    return new AttentionAblation(model, ids, manager);
  }

  private static void round(Bench bench, AttentionAblation backward, int round) {
    Chunks chunks = bench.validation(1024, bench.config().context());
    bench
        .laboratory()
        .losses(
            bench.subject(),
            chunks,
            Stream.of("zero", "relu", "kernel")
                .map(kind -> Intervention.parse("%s(L%dH3)".formatted(kind, round)))
                .toList(),
            Materials.NONE);
    List<int[]> prompts =
        chunks.all().stream().map(chunk -> Arrays.copyOf(chunk.tokens(), 32)).toList();
    new Generator(bench.subject().model(), Hooks.NONE, true)
        .continuations(prompts, 1, 8, Decoding.GREEDY);
    backward.adversarial(
        List.of(new Component("h.0.attn.q_proj", 3)),
        new AscentBudget(5, 0.01f, 0, AscentBudget.Start.RANDOM),
        round);
  }
}
