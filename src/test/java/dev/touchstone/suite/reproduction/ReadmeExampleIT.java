package dev.touchstone.suite.reproduction;

import static org.assertj.core.api.Assertions.assertThat;

import dev.touchstone.corpus.Chunking;
import dev.touchstone.corpus.Chunks;
import dev.touchstone.corpus.Corpus;
import dev.touchstone.corpus.Tokenizer;
import dev.touchstone.intervention.Intervention;
import dev.touchstone.laboratory.Laboratory;
import dev.touchstone.laboratory.Subject;
import dev.touchstone.model.Checkpoint;
import dev.touchstone.model.Gpt2Config;
import dev.touchstone.model.WeightProcessing;
import dev.touchstone.statistics.LossSum;
import dev.touchstone.tensor.Compute;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The README's lines of Java, as they stand there. */
@Tag("nano144")
class ReadmeExampleIT {
  @TempDir Path folder;

  @Test
  void ablatesAHeadAndPrintsThePerplexity() throws IOException {
    Map<String, Double> perplexities = new LinkedHashMap<>();

    Compute compute = Compute.fromProperties();
    Checkpoint checkpoint = Checkpoint.open(Path.of("golden/subjects/nano144/model.safetensors"));
    Corpus text =
        Corpus.of(
            "mine",
            Files.readString(Path.of("golden/corpus/embedded.txt")),
            Tokenizer.r50kPrefix(4096));
    Chunks chunks = text.chunks(Chunking.every(Gpt2Config.of(checkpoint).context()));
    try (Laboratory laboratory = Laboratory.at(folder.resolve("mine.sqlite"));
        Subject subject =
            new Subject(
                "mine",
                checkpoint.sha256(),
                checkpoint,
                WeightProcessing.TRANSFORMER_LENS,
                compute)) {
      for (String line :
          List.of("baseline", "zero(L0H8)", "mean(L0H8)", "relu(L3H1,L5H0)+zero(L1H1)")) {
        perplexities.put(
            line,
            LossSum.total(laboratory.losses(subject, chunks, Intervention.parse(line)))
                .perplexity());
      }
    }

    perplexities.forEach((line, perplexity) -> System.out.println(line + " " + perplexity));
    assertThat(perplexities.values()).doesNotHaveDuplicates().allMatch(p -> p > 1 && p < 1000);
  }
}
