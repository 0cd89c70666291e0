package dev.touchstone.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/** How a next token is chosen among what a model says of each. */
public sealed interface Decoding {
  /** The likeliest token; of equally likely ones the one with the lowest id. */
  Decoding GREEDY = new Greedy();

  /** See {@link #GREEDY}. */
  record Greedy() implements Decoding {
    @Override
    public Chooser forSequences(int sequences) {
      return logits -> logits.argMax(1).toType(DataType.INT64, false).toLongArray();
    }
  }

  /**
   * Tokens at random, with probability softmax(logits / temperature).
   *
   * @param temperature above 0
   * @param seed of all randomness: each sequence of a batch draws from a stream of its own
   */
  record Sampling(double temperature, long seed) implements Decoding {
    /** Temperature 0 would divide by it. */
    public Sampling {
      if (!(temperature > 0)) {
        throw new IllegalArgumentException(
            "a temperature of " + temperature + " draws nothing; give one above 0");
      }
    }

    @Override
    public Chooser forSequences(int sequences) {
      SplittableRandom seeds = new SplittableRandom(seed);
      SplittableRandom[] streams =
          IntStream.range(0, sequences)
              .mapToObj(i -> seeds.split())
              .toArray(SplittableRandom[]::new);
      return logits -> {
        float[] weights = logits.div((float) temperature).softmax(1).toFloatArray();
        int vocabulary = weights.length / sequences;
        return IntStream.range(0, sequences)
            .mapToLong(i -> draw(weights, i * vocabulary, vocabulary, streams[i].nextDouble()))
            .toArray();
      };
    }

    /** Where the cumulative sum of the weights passes a number in [0, 1). */
    private static int draw(float[] weights, int from, int count, double number) {
      double sum = 0;
      int lastPossible = 0;
      for (int i = 0; i < count; i++) {
        float weight = weights[from + i];
        if (weight > 0) {
          sum += weight;
          lastPossible = i;
          if (sum > number) {
            return i;
          }
        }
      }
      // Float32 probabilities may sum to a little less than the number drawn.
      return lastPossible;
    }
  }

  /**
   * Several decodings of the same prompts in one batch: of the continuations of a prompt the first
   * ones are the first decoding's, and so on.
   *
   * @param copies continuations of a prompt for each decoding
   */
  record SideBySide(List<? extends Decoding> decodings, int copies) implements Decoding {
    public SideBySide {
      decodings = List.copyOf(decodings);
    }

    @Override
    public Chooser forSequences(int sequences) {
      int prompts = sequences / decodings.size() / copies;
      List<Chooser> choosers =
          decodings.stream().map(each -> each.forSequences(prompts * copies)).toList();
      return logits -> {
        NDArray byPrompt = logits.reshape(prompts, choosers.size(), copies, -1);
        long[] chosen = new long[sequences];
        for (int i = 0; i < choosers.size(); i++) {
          NDArray own = byPrompt.get(":, " + i).reshape(prompts * copies, -1);
          long[] tokens = choosers.get(i).next(own);
          for (int prompt = 0; prompt < prompts; prompt++) {
            int to = (prompt * choosers.size() + i) * copies;
            System.arraycopy(tokens, prompt * copies, chosen, to, copies);
          }
        }
        return chosen;
      };
    }
  }

  /** Begins a batch of so many sequences. */
  Chooser forSequences(int sequences);

  /** Chooses the next token of every sequence of a batch, step by step. */
  @FunctionalInterface
  interface Chooser {
    /**
     * @param logits [sequence, vocabulary]
     * @return a token id per sequence
     */
    long[] next(NDArray logits);
  }
}
