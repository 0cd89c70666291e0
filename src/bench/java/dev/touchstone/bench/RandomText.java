package dev.touchstone.bench;

import dev.touchstone.corpus.Chunk;
import dev.touchstone.corpus.Chunks;
import dev.touchstone.model.Gpt2Config;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;

/** Seeded random tokens, as many as a model's context holds in each chunk. */
final class RandomText {
  private static final int SEED = 1;

  private RandomText() {}

  static List<int[]> sequences(Gpt2Config config, int count) {
    Random random = new Random(SEED);
    return IntStream.range(0, count)
        .mapToObj(chunk -> random.ints(config.context(), 0, config.vocabulary()).toArray())
        .toList();
  }

  static Chunks chunks(Gpt2Config config, int count) {
    List<int[]> sequences = sequences(config, count);
    return new Chunks(
        "random tokens",
        config.context(),
        IntStream.range(0, count)
            .mapToObj(chunk -> new Chunk(chunk * config.context(), sequences.get(chunk)))
            .toList());
  }
}
