package dev.touchstone.laboratory;

import dev.touchstone.Seeds;
import dev.touchstone.corpus.Chunk;
import dev.touchstone.corpus.Chunks;
import dev.touchstone.model.Checkpoint;
import dev.touchstone.model.WeightProcessing;
import dev.touchstone.tensor.Compute;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** The oracle's random GPT-2 of 2 layers and 3 heads, and random text for it. */
final class SmallGpt2 {
  static final Path FILE = Path.of("golden/oracle/weight-processing/raw.safetensors");

  private SmallGpt2() {}

  static Subject subject() {
    return subject(FILE);
  }

  static Subject subject(Path file) {
    Checkpoint checkpoint = Checkpoint.open(file);
    return new Subject(
        "small",
        checkpoint.sha256(),
        checkpoint,
        WeightProcessing.TRANSFORMER_LENS,
        Compute.fromProperties());
  }

  /** So many chunks of 16 random tokens. */
  static Chunks chunks(int count) {
    Random random = new Random(Seeds.seed("SmallGpt2") + count);
    List<Chunk> chunks = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      chunks.add(new Chunk(i * 16, random.ints(16, 0, 61).toArray()));
    }
    return new Chunks("random " + count, 16, chunks);
  }
}
