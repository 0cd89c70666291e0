package dev.touchstone.laboratory;

import dev.touchstone.corpus.Chunk;
import dev.touchstone.corpus.Chunking;
import dev.touchstone.corpus.Chunks;
import dev.touchstone.corpus.Corpus;
import dev.touchstone.corpus.Tokenizer;
import dev.touchstone.intervention.Intervention;
import dev.touchstone.intervention.Materials;
import dev.touchstone.model.Checkpoint;
import dev.touchstone.model.Head;
import dev.touchstone.model.WeightProcessing;
import dev.touchstone.statistics.LossSum;
import dev.touchstone.tensor.Compute;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * A program that measures into a record and says of each loss that it is kept, once it is; {@link
 * KilledAndStarvedIT} kills it.
 */
final class MeasuringRun {
  static final String READY = "ready";
  static final String KEPT = "kept";
  static final String HOLDING = "holding";

  /** What it returns when it ends with a sentence. */
  static final int REFUSED = 3;

  private static final int LAYERS = 12;

  /** What it measures. */
  enum Work {
    /**
     * The embedded model on embedded text: head means, three heads of each layer, continuations.
     */
    NANO144(LAYERS + 1) {
      @Override
      void measure(Laboratory laboratory, Subject subject, int step) {
        if (step > LAYERS) {
          laboratory.candidates(
              subject, embedded(64, 32), Intervention.BASELINE, new Candidates(2, 4, 0.8), 2);
          return;
        }
        int layer = step - 1;
        losses(
            laboratory,
            subject,
            embedded(256, 128),
            List.of(
                "zero(L%dH%d)".formatted(layer, layer),
                "mean(L%dH%d)".formatted(layer, (layer + 4) % LAYERS),
                "relu(L%dH%d)".formatted(layer, (layer + 8) % LAYERS)));
      }

      @Override
      Subject subject() {
        Path file = Path.of("golden/subjects/nano144/model.safetensors");
        Checkpoint checkpoint = Checkpoint.open(file);
        return new Subject(
            "nano144",
            checkpoint.sha256(),
            checkpoint,
            WeightProcessing.TRANSFORMER_LENS,
            Compute.fromProperties());
      }

      @Override
      Chunks sample() {
        return embedded(16, 16);
      }

      private Chunks embedded(int tokens, int length) {
        try {
          String text = Files.readString(Path.of("golden/corpus/embedded.txt")).substring(0, 4000);
          return Corpus.of("embedded", text, Tokenizer.r50kPrefix(4096))
              .firstTokens(tokens)
              .chunks(Chunking.every(length));
        } catch (IOException e) {
          throw new IllegalArgumentException("the repository's text cannot be read", e);
        }
      }
    },

    /** A made-up model of six heads on random texts of 1 to 32 chunks. */
    SMALL(32) {
      @Override
      void measure(Laboratory laboratory, Subject subject, int step) {
        losses(
            laboratory,
            subject,
            SmallGpt2.chunks(step),
            Head.all(2, 3).stream().map("zero(%s)"::formatted).toList());
      }

      @Override
      Subject subject() {
        return SmallGpt2.subject();
      }

      @Override
      Chunks sample() {
        return SmallGpt2.chunks(1);
      }
    };

    private final int steps;

    Work(int steps) {
      this.steps = steps;
    }

    /** Measures one part of it; they count from 1. */
    abstract void measure(Laboratory laboratory, Subject subject, int step);

    abstract Subject subject();

    abstract Chunks sample();
  }

  private MeasuringRun() {}

  private static void losses(
      Laboratory laboratory, Subject subject, Chunks chunks, List<String> interventions) {
    Map<Intervention, List<LossSum>> losses =
        laboratory.losses(
            subject,
            chunks,
            interventions.stream().map(Intervention::parse).toList(),
            Materials.NONE);
    losses.forEach(
        (intervention, sums) -> {
          for (int i = 0; i < sums.size(); i++) {
            Chunk chunk = chunks.all().get(i);
            LossSum sum = sums.get(i);
            System.out.printf(
                "%s %s %d %016X%016X .%n",
                KEPT,
                intervention,
                chunk.key(),
                Double.doubleToRawLongBits(sum.sum()),
                Double.doubleToRawLongBits(sum.count()));
          }
        });
  }

  /**
   * Gets ready, so that what then takes time is measuring, and waits for a line with the record's
   * path.
   *
   * @param args the work, another record to get ready with, and, if it is to hold still some time,
   *     after how many steps
   */
  public static void main(String[] args) throws IOException {
    Work work = Work.valueOf(args[0]);
    try (Subject subject = work.subject()) {
      try (Laboratory warming = Laboratory.at(Path.of(args[1]))) {
        warming.losses(subject, work.sample(), Intervention.parse("zero(L1H1)+relu(L1H2)"));
      }
      System.out.println(READY);
      BufferedReader orders = new BufferedReader(new InputStreamReader(System.in));
      String record = orders.readLine();
      if (record == null) {
        return;
      }
      try (Laboratory laboratory = Laboratory.at(Path.of(record))) {
        for (int step = 1; step <= work.steps; step++) {
          work.measure(laboratory, subject, step);
          if (args.length > 2 && step == Integer.parseInt(args[2])) {
            System.out.println(HOLDING);
            orders.readLine();
          }
        }
        System.out.printf("computed %d reused %d%n", laboratory.computed(), laboratory.reused());
      }
    } catch (IllegalStateException e) {
      System.err.println(e.getMessage());
      System.exit(REFUSED);
    }
  }
}
