package dev.touchstone.reproduction;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.touchstone.corpus.Assets;
import dev.touchstone.corpus.Chunk;
import dev.touchstone.corpus.Chunks;
import dev.touchstone.intervention.Intervention;
import dev.touchstone.intervention.Materials;
import dev.touchstone.laboratory.Laboratory;
import dev.touchstone.laboratory.Subject;
import dev.touchstone.measurement.LossSum;
import dev.touchstone.model.Checkpoint;
import dev.touchstone.model.Gpt2Config;
import dev.touchstone.model.WeightProcessing;
import dev.touchstone.subject.Gpt2LookAlike;
import dev.touchstone.tensor.Compute;
import io.qameta.allure.Epic;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The path of GPT-2 small's file, walked with a checkpoint of the same names and shapes. */
@Tag("gpt2-shaped")
@Epic("Agreement with TransformerLens")
class Gpt2ShapedIT {
  @TempDir Path folder;

  @Test
  void loadsProcessesAndMeasuresACheckpointOfGpt2sShape() throws Exception {
    Checkpoint checkpoint = Checkpoint.open(Gpt2LookAlike.write(folder, Assets.fromEnvironment()));
    assertThat(Gpt2Config.of(checkpoint)).isEqualTo(Gpt2LookAlike.CONFIG);
    Compute compute = Compute.fromProperties();
    Chunks chunks = twoChunks();
    try (Laboratory laboratory = Laboratory.at(folder.resolve("laboratory.sqlite"));
        Subject processed = subject(checkpoint, WeightProcessing.TRANSFORMER_LENS, compute);
        Subject stored = subject(checkpoint, WeightProcessing.NONE, compute)) {
      Intervention ablation = Intervention.parse("zero(L11H8)");

      Map<Intervention, List<LossSum>> losses =
          laboratory.losses(
              processed, chunks, List.of(Intervention.BASELINE, ablation), Materials.NONE);

      LossSum baseline = LossSum.total(losses.get(Intervention.BASELINE));
      assertThat(baseline.count()).isEqualTo(2046);
      // Processing leaves the logits as they are but for a constant per position.
      LossSum unprocessed = LossSum.total(laboratory.losses(stored, chunks, Intervention.BASELINE));
      assertThat(baseline.sum()).isCloseTo(unprocessed.sum(), within(1e-5 * unprocessed.sum()));
      assertThat(LossSum.total(losses.get(ablation)).sum()).isNotEqualTo(baseline.sum());
    }
  }

  private static Subject subject(
      Checkpoint checkpoint, WeightProcessing processing, Compute compute) {
    return new Subject("gpt2-shaped", "made for this test", checkpoint, processing, compute);
  }

  private static Chunks twoChunks() {
    Random random = new Random(1);
    return new Chunks(
        "random tokens",
        1024,
        List.of(
            new Chunk(0, random.ints(1024, 0, 50257).toArray()),
            new Chunk(1024, random.ints(1024, 0, 50257).toArray())));
  }
}
