package dev.touchstone.suite.experiment.exp10d;

import dev.touchstone.corpus.Chunk;
import dev.touchstone.corpus.Chunks;
import dev.touchstone.intervention.Materials;
import dev.touchstone.model.Generator;
import dev.touchstone.model.Gpt2;
import dev.touchstone.suite.experiment.exp10b.ReluConditions;
import dev.touchstone.suite.observation.Tier;
import dev.touchstone.suite.subject.Bench;
import java.util.Arrays;
import java.util.List;

/**
 * What the generating experiments of exp10d's part P share (docs/protocol.md, section 5). A context
 * shorter than GPT-2's scales their lengths: all are divided by the least power of two with which
 * the longest text, P2's 128 tokens and three times 64 more, fits. That is 1 for 1024 positions and
 * 4 for nano144's 128.
 */
public record GenerationSetup(Bench bench, ReluConditions conditions) {
  private static final int LONGEST = 128 + 3 * 64;

  /** A length of the report in the subject's scale. */
  int scaled(int tokens) {
    int divisor = 1;
    while (LONGEST / divisor > bench.config().context()) {
      divisor *= 2;
    }
    return tokens / divisor;
  }

  /** The first tokens of each of the first chunks of the whole validation text. */
  Chunks prompts(int count, int tokens) {
    Chunks chunks = bench.validation(Tier.FULL);
    int length = scaled(tokens);
    return new Chunks(
        chunks.corpus(),
        length,
        chunks.all().stream()
            .limit(count)
            .map(chunk -> new Chunk(chunk.start(), Arrays.copyOf(chunk.tokens(), length)))
            .toList());
  }

  /** What generates under a condition. */
  Generator generator(String condition, boolean cached) {
    Gpt2 model = bench.subject().model();
    return new Generator(model, conditions.named(condition).hooks(Materials.NONE), cached);
  }

  static List<int[]> tokens(Chunks prompts) {
    return prompts.all().stream().map(Chunk::tokens).toList();
  }
}
