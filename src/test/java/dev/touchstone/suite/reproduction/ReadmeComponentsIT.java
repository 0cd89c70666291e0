package dev.touchstone.suite.reproduction;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.touchstone.corpus.Tokenizer;
import dev.touchstone.decomposition.Component;
import dev.touchstone.decomposition.ComponentModel;
import dev.touchstone.decomposition.Sampling;
import dev.touchstone.intervention.Intervention;
import dev.touchstone.measurement.AttentionAblation;
import dev.touchstone.measurement.PredictionChange;
import dev.touchstone.model.Checkpoint;
import dev.touchstone.model.LlamaSimpleMlp;
import dev.touchstone.tensor.Compute;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The README's lines of Java on components, as they stand there. */
@Tag("spd")
class ReadmeComponentsIT {
  @Test
  void ablatesAHeadAndComponents() {
    Path folder = Path.of("golden/subjects/llama-nano");
    try (NDManager manager = Compute.fromProperties().newManager()) {
      LlamaSimpleMlp target =
          LlamaSimpleMlp.load(Checkpoint.open(folder.resolve("model.safetensors")), manager);
      ComponentModel model =
          ComponentModel.load(
              Checkpoint.open(folder.resolve("decomposition.safetensors")), target, manager);
      int[] tokens =
          Tokenizer.r50kPrefix(1024).encode("The river was named after the river it flows into.");
      NDArray ids =
          manager.create(
              Arrays.stream(tokens).asLongStream().toArray(), new Shape(1, tokens.length));
      AttentionAblation ablation = new AttentionAblation(model, ids, manager);
      List<Component> components = Component.parseAll("h.0.attn.q_proj:3,h.1.attn.o_proj:0");

      PredictionChange head = ablation.heads(Intervention.parse("zero(L0H3@2,5)")).change();
      PredictionChange deterministic = ablation.deterministic(components).change();
      PredictionChange stochastic =
          ablation.stochastic(components, Sampling.CONTINUOUS, 10, 1).change();
      var adversarial = ablation.adversarial(components, 50, 0.01f, 1);
      PredictionChange worstCase = adversarial.adversarial().change();

      for (PredictionChange change : List.of(head, deterministic, stochastic, worstCase)) {
        System.out.println(change.fracTop1Changed() + " " + change.meanKlDivergence());
      }
      assertThat(List.of(head, deterministic, stochastic, worstCase))
          .allMatch(change -> change.positions() == tokens.length)
          .allMatch(change -> change.meanKlDivergence() > 0);
      assertThat(adversarial.ablated().losses()).hasSize(51);
    }
  }
}
