package dev.touchstone.suite.subject;

import static org.assertj.core.api.Assertions.assertThat;

import dev.touchstone.Seeds;
import dev.touchstone.corpus.Assets;
import dev.touchstone.corpus.Chunk;
import dev.touchstone.corpus.Chunks;
import dev.touchstone.corpus.Corpus;
import dev.touchstone.corpus.Tokenizer;
import dev.touchstone.intervention.Intervention;
import dev.touchstone.intervention.Materials;
import dev.touchstone.laboratory.Laboratory;
import dev.touchstone.laboratory.Subject;
import dev.touchstone.model.Checkpoint;
import dev.touchstone.model.Gpt2Config;
import dev.touchstone.model.WeightProcessing;
import dev.touchstone.statistics.LossSum;
import dev.touchstone.suite.experiment.exp06.CircuitInjection;
import dev.touchstone.suite.experiment.exp06.QueryKeyPca;
import dev.touchstone.suite.experiment.exp06.QueryKeyReplacement;
import dev.touchstone.suite.experiment.exp07.LowRankWriting;
import dev.touchstone.suite.experiment.exp07.ResidualWrites;
import dev.touchstone.suite.observation.Observables;
import dev.touchstone.suite.observation.Observation.Quantity;
import dev.touchstone.suite.reproduction.Agreement;
import dev.touchstone.suite.reproduction.AgreesWith;
import dev.touchstone.suite.training.Gpt2LookAlike;
import dev.touchstone.tensor.Compute;
import io.qameta.allure.Epic;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** The path of GPT-2 small's file, walked with a checkpoint of the same names and shapes. */
@Tag("gpt2-shaped")
@Epic("Agreement with TransformerLens")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@AgreesWith("itself: what changes nothing costs nothing")
class Gpt2ShapedIT {
  private static final String TEXT = "golden/corpus/embedded.txt";

  private Path folder;
  private Checkpoint checkpoint;

  @BeforeAll
  void write(@TempDir Path empty) throws IOException {
    folder = empty;
    checkpoint = Checkpoint.open(Gpt2LookAlike.write(folder, Assets.fromEnvironment()));
  }

  @Test
  void loadsProcessesAndMeasuresACheckpointOfGpt2sShape(Agreement agreement) {
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
      agreement
          .relative("loss of processed and stored weights", 1e-5)
          .compare("two chunks", baseline.sum(), unprocessed.sum());
      assertThat(LossSum.total(losses.get(ablation)).sum()).isNotEqualTo(baseline.sum());
    }
  }

  /** exp06's and exp07's check of themselves, over one chunk: all components are the model. */
  @Test
  void losesNothingWithAllComponents(Agreement agreement) throws IOException {
    Corpus text =
        Corpus.of("embedded", Files.readString(Path.of(TEXT)), Tokenizer.r50k()).firstTokens(1025);
    try (Laboratory laboratory = Laboratory.at(folder.resolve("all-components.sqlite"))) {
      Bench bench =
          Bench.of(
              new GivenModel(
                  "gpt2-shaped", checkpoint, new Vocabulary(Tokenizer.r50k(), "r50k"), text, text),
              laboratory,
              Compute.fromProperties());
      QueryKeyPca pca = new QueryKeyPca(bench);
      TestPerplexity test = TestPerplexity.whole(bench);
      Observables observables = new Observables();
      new QueryKeyReplacement(pca, new CircuitInjection(pca, test)).register(observables);
      new LowRankWriting(new ResidualWrites(bench), test).register(observables);
      assertThat(bench.test().all()).hasSize(1);
      var ratios = agreement.absolute("perplexity over the baseline's", 1e-5);
      for (String path :
          List.of(
              "exp06/injection/144/ratio",
              "exp07/low-rank/individual/768/ratio",
              "exp07/low-rank/shared/768/ratio")) {
        ratios.compare(path, number(observables, path), 1);
      }
      // What is the same whatever is kept would show nothing.
      assertThat(Math.abs(number(observables, "exp07/low-rank/shared/8/ratio") - 1))
          .isGreaterThan(1e-3);
      bench.subject().close();
    }
  }

  private static double number(Observables observables, String path) {
    return ((Quantity) observables.resolve(path).orElseThrow().get()).value();
  }

  private static Subject subject(
      Checkpoint checkpoint, WeightProcessing processing, Compute compute) {
    return new Subject("gpt2-shaped", "made for this test", checkpoint, processing, compute);
  }

  private static Chunks twoChunks() {
    Random random = new Random(Seeds.seed("Gpt2ShapedIT"));
    return new Chunks(
        "random tokens",
        1024,
        List.of(
            new Chunk(0, random.ints(1024, 0, 50257).toArray()),
            new Chunk(1024, random.ints(1024, 0, 50257).toArray())));
  }
}
