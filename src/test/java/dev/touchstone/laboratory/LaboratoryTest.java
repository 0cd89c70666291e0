package dev.touchstone.laboratory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import dev.touchstone.corpus.Chunk;
import dev.touchstone.corpus.Chunks;
import dev.touchstone.intervention.Deferred;
import dev.touchstone.intervention.Donors;
import dev.touchstone.intervention.Intervention;
import dev.touchstone.intervention.Material;
import dev.touchstone.intervention.Materials;
import dev.touchstone.model.CheckpointException;
import dev.touchstone.model.Gpt2;
import dev.touchstone.model.Gpt2Config;
import dev.touchstone.model.Head;
import dev.touchstone.model.Hooks;
import dev.touchstone.model.Site;
import dev.touchstone.model.WeightProcessing;
import dev.touchstone.statistics.LossSum;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LaboratoryTest {
  private static final Chunks CHUNKS = SmallGpt2.chunks(5);

  @TempDir Path folder;

  private Path record() {
    return folder.resolve("laboratory.sqlite");
  }

  @Test
  void measuresTheCrossEntropyOfTheNextToken() {
    try (Laboratory laboratory = Laboratory.at(record());
        Subject subject = SmallGpt2.subject()) {
      List<LossSum> losses = laboratory.losses(subject, CHUNKS, Intervention.BASELINE);

      assertThat(losses).hasSize(5);
      for (int i = 0; i < 5; i++) {
        assertThat(losses.get(i).count()).isEqualTo(15);
        assertThat(losses.get(i).sum())
            .isCloseTo(
                lossFromLogits(subject.model(), CHUNKS.all().get(i), Hooks.NONE), within(1e-4));
      }
    }
  }

  /** Whole passes, in which the hooks see every site, and no layer's attention is shared. */
  @ParameterizedTest
  @ValueSource(strings = {"zero(L0H1)", "zero(L1H0,L1H2)", "zero(L1H1@3)", "relu(L1H0)+zero(L1H2)"})
  void measuresWhatTheInterventionsHooksDo(String text) {
    Intervention intervention = Intervention.parse(text);
    Hooks own = intervention.hooks(Materials.NONE);
    Hooks everywhere = own::at;
    List<Intervention> others =
        Stream.of("zero(L0H0)", "zero(L1H0)").map(Intervention::parse).toList();
    try (Laboratory laboratory = Laboratory.at(record());
        Subject subject = SmallGpt2.subject()) {
      List<Intervention> all = new ArrayList<>(others);
      all.add(intervention);
      List<LossSum> losses =
          laboratory.losses(subject, CHUNKS, all, Materials.NONE).get(intervention);
      for (int i = 0; i < 5; i++) {
        assertThat(losses.get(i).sum())
            .isCloseTo(
                lossFromLogits(subject.model(), CHUNKS.all().get(i), everywhere), within(1e-4));
      }
    }
  }

  /** Its donors are drawn of the chunks that are scored, and known by the seed. */
  @Test
  void resamplesFromTheOtherChunks() {
    Intervention resampled = Intervention.parse("resample[3](L1H1)");
    List<int[]> texts = CHUNKS.all().stream().map(Chunk::tokens).toList();
    Donors donors = Donors.drawn(texts, 3);
    try (Laboratory laboratory = Laboratory.at(record());
        Subject subject = SmallGpt2.subject()) {
      List<LossSum> losses = laboratory.losses(subject, CHUNKS, resampled);
      for (int i = 0; i < 5; i++) {
        List<int[]> one = texts.subList(i, i + 1);
        Materials own =
            resampled.over(
                one, Materials.NONE.with("3", donors), subject.model(), subject.model().manager());
        assertThat(losses.get(i).sum())
            .isCloseTo(
                lossFromLogits(subject.model(), CHUNKS.all().get(i), resampled.hooks(own)),
                within(1e-4));
      }
      assertThat(laboratory.losses(subject, CHUNKS, Intervention.parse("resample[4](L1H1)")))
          .isNotEqualTo(losses);
      assertThat(laboratory.computed()).isEqualTo(10);
      Materials given = Materials.NONE.with("3", Donors.drawn(texts, 4));
      laboratory.losses(subject, CHUNKS, List.of(resampled), given);
      assertThat(laboratory.computed()).isEqualTo(15);
    }
  }

  /** And what is kept of them needs no model. */
  @Test
  void makesMeansOfTokensAndPatternsWhenSomethingIsToBeMeasured() {
    Chunks reference = SmallGpt2.chunks(3);
    List<Intervention> some =
        Stream.of("tokenmean[tokens](L1H1)", "pattern[patterns](L0H2)")
            .map(Intervention::parse)
            .toList();
    List<Map<Intervention, List<LossSum>>> measured = new ArrayList<>();
    for (boolean first : new boolean[] {true, false}) {
      try (Laboratory laboratory = Laboratory.at(record());
          Subject subject = SmallGpt2.subject()) {
        Materials materials =
            Materials.NONE
                .with("tokens", laboratory.tokenMeans(subject, reference))
                .with("patterns", laboratory.patterns(subject, reference));
        assertThat(materials.get("tokens").fingerprint())
            .matches("[0-9a-f]{16}")
            .isNotEqualTo(materials.get("patterns").fingerprint())
            .isNotEqualTo(laboratory.tokenMeans(subject, CHUNKS).fingerprint());
        measured.add(laboratory.losses(subject, CHUNKS, some, materials));
        assertThat(subject.loaded()).isEqualTo(first);
      }
    }
    assertThat(measured.get(0)).isEqualTo(measured.get(1));
    assertThat(measured.get(0).values()).doesNotHaveDuplicates();
  }

  /** As an experiment does that measures its heads in one call and its curves in others. */
  @Test
  void makesAMaterialOnceForOneCallAfterTheOther() {
    Chunks reference = SmallGpt2.chunks(3);
    try (Laboratory laboratory = Laboratory.at(record());
        Subject subject = SmallGpt2.subject()) {
      Material constants = made(laboratory.optimalConstants(subject, reference, 1, 0.1));

      assertThat(made(laboratory.optimalConstants(subject, reference, 1, 0.1))).isSameAs(constants);
      assertThat(made(laboratory.optimalConstants(subject, reference, 2, 0.1)))
          .isNotSameAs(constants);
      assertThat(made(laboratory.optimalConstants(subject, reference, 1, 0.1)))
          .isNotSameAs(constants);
    }
  }

  private static Material made(Material deferred) {
    return ((Deferred) deferred).made().get();
  }

  @Test
  void countsInARehearsalWhatItThenMeasures() {
    List<Intervention> some =
        Stream.of("baseline", "zero(L1H2)", "mean(L0H1)").map(Intervention::parse).toList();
    List<Intervention> more = new ArrayList<>(some);
    more.add(Intervention.parse("relu(L1H0)"));
    Chunks prompts = new Chunks("prompts", 8, halves());
    Candidates wanted = new Candidates(2, 3, 0.8);
    try (Laboratory laboratory = Laboratory.at(record());
        Subject subject = SmallGpt2.subject()) {
      laboratory.losses(subject, CHUNKS, some, Materials.NONE);
    }
    Rehearsal rehearsal;
    try (Laboratory rehearsing = Laboratory.rehearsing(record());
        Subject subject = SmallGpt2.subject().rehearsed()) {
      assertThat(rehearsing.losses(subject, CHUNKS, more, Materials.NONE)).hasSize(4);
      // What is asked for again is counted once.
      rehearsing.losses(subject, CHUNKS, more, Materials.NONE);
      rehearsing.candidates(subject, prompts, Intervention.BASELINE, wanted, 2);
      rehearsal = rehearsing.rehearsal().orElseThrow();
      assertThatThrownBy(subject::model).hasMessageContaining("rehearsal");
    }
    Work fromLayer1 = Work.ofLosses(SmallGpt2.subject().config(), 1, 5, 16);
    assertThat(rehearsal.missing().passes()).isEqualTo(5);
    assertThat(rehearsal.missing().gflop()).isGreaterThan(fromLayer1.gflop());
    assertThat(rehearsal.kept().passes()).isEqualTo(15);

    try (Laboratory laboratory = Laboratory.at(record());
        Subject subject = SmallGpt2.subject()) {
      laboratory.losses(subject, CHUNKS, more, Materials.NONE);
      assertThat(laboratory.computed()).isEqualTo(5);
      assertThat(laboratory.reused()).isEqualTo(15);
    }
  }

  /** What is made when a pass needs it counts when one would, and once. */
  @Test
  void countsInARehearsalWhatMaterialsTakeToMake() {
    Chunks reference = new Chunks("reference", 8, halves());
    int chunks = reference.all().size();
    try (Laboratory rehearsing = Laboratory.rehearsing(record());
        Subject subject = SmallGpt2.subject().rehearsed()) {
      Gpt2Config config = subject.config();
      Rehearsal rehearsal = rehearsing.rehearsal().orElseThrow();
      Materials materials =
          Materials.NONE
              .with("tokens", rehearsing.tokenMeans(subject, reference))
              .with("patterns", rehearsing.patterns(subject, reference))
              .with("fit", rehearsing.optimalConstants(subject, reference, 3, 0.1));
      assertThat(rehearsal.missing()).isEqualTo(Work.NONE);

      Stream.of("tokenmean[tokens](L1H1)", "tokenmean[tokens](L1H0)", "optimal[fit](L1H1)")
          .map(Intervention::parse)
          .forEach(each -> rehearsing.losses(subject, CHUNKS, List.of(each), materials));

      int heads = config.layers() * config.heads();
      assertThat(rehearsal.missing().passes()).isEqualTo(3 * 5 + chunks + 7L * heads * chunks);
      double whole = Work.ofLosses(config, 0, chunks, 8).gflop();
      double back = 0;
      for (int layer = 0; layer < config.layers(); layer++) {
        back += 3 * config.heads() * Work.ofLosses(config, layer, chunks, 8).gflop();
      }
      double losses = 3 * Work.ofLosses(config, 1, 5, 16).gflop();
      double means = Work.ofBlocks(config, chunks, 8).gflop();
      assertThat(rehearsal.missing().gflop())
          .isCloseTo(losses + means + 4 * heads * whole + back, within(1e-12));
      assertThat(rehearsal.steps()).hasSize(5);
    }
  }

  /** In a rehearsal, too, hooks may set what a block ends with against what it began with. */
  @Test
  void showsARehearsalsHooksActivationsOfTheRightShape() {
    List<Long> sizes = new ArrayList<>();
    Hooks look =
        new Hooks() {
          private NDArray before;

          @Override
          public NDArray at(Site site, int layer, NDArray activation) {
            if (site == Site.RESIDUAL_BEFORE) {
              before = activation;
            } else {
              sizes.add(activation.sub(before).size());
            }
            return activation;
          }
        };
    Hooks some = look.only(Site.RESIDUAL_BEFORE, Site.MLP_OUTPUT, Site.RESIDUAL_AFTER);
    List<int[]> tokens = List.of(CHUNKS.all().get(0).tokens());
    List<List<Long>> seen = new ArrayList<>();
    try (Laboratory measuring = Laboratory.at(record());
        Laboratory rehearsing = Laboratory.rehearsing(record());
        Subject subject = SmallGpt2.subject()) {
      for (Laboratory laboratory : List.of(measuring, rehearsing)) {
        laboratory.watch(subject, tokens, some);
        seen.add(List.copyOf(sizes));
        sizes.clear();
      }
      assertThat(rehearsing.rehearsal().orElseThrow().missing().passes()).isEqualTo(1);
    }
    assertThat(seen.get(0)).hasSize(4).isEqualTo(seen.get(1));
  }

  @Test
  void saysWhenThereIsNoRoomForAContinuation() {
    try (Laboratory laboratory = Laboratory.at(record());
        Subject subject = SmallGpt2.subject()) {
      int context = subject.config().context();
      Chunk whole = new Chunk(0, new int[context]);
      Chunks prompts = new Chunks("prompts", context, List.of(whole));

      assertThatThrownBy(
              () ->
                  laboratory.candidates(
                      subject, prompts, Intervention.BASELINE, new Candidates(1, 4, 0.8), 1))
          .hasMessage(
              "prompts of %d tokens cannot be continued by 4: small has a context of %d; take prompts of at most %d",
              context, context, context - 4);
    }
  }

  @Test
  void drawsWithASeedWhatItDrawsWithoutOthers() {
    Chunks prompts = new Chunks("prompts", 8, halves());
    Candidates wanted = new Candidates(2, 4, 0.8);
    List<List<LossSum>> together;
    try (Laboratory laboratory = Laboratory.at(record());
        Subject subject = SmallGpt2.subject()) {
      together = laboratory.candidates(subject, prompts, Intervention.BASELINE, wanted, 3);
    }
    try (Laboratory laboratory = Laboratory.at(folder.resolve("alone.sqlite"));
        Subject subject = SmallGpt2.subject()) {
      for (int seeds = 1; seeds <= 3; seeds++) {
        List<LossSum> alone =
            laboratory
                .candidates(subject, prompts, Intervention.BASELINE, wanted, seeds)
                .get(seeds - 1);
        for (int i = 0; i < alone.size(); i++) {
          assertThat(together.get(seeds - 1).get(i).sum())
              .isCloseTo(alone.get(i).sum(), within(1e-4));
        }
      }
    }
    assertThat(together).doesNotHaveDuplicates();
  }

  private static List<Chunk> halves() {
    return CHUNKS.all().stream()
        .map(chunk -> new Chunk(chunk.start(), Arrays.copyOf(chunk.tokens(), 8)))
        .toList();
  }

  /** The definition, from whole logits in double precision. */
  private static double lossFromLogits(Gpt2 model, Chunk chunk, Hooks hooks) {
    long[] ids = Arrays.stream(chunk.tokens()).asLongStream().toArray();
    NDArray tokens = model.manager().create(ids, new Shape(1, ids.length));
    float[] logits = model.logits(tokens, hooks).toFloatArray();
    double sum = 0;
    for (int position = 0; position < ids.length - 1; position++) {
      double exponentials = 0;
      for (int token = 0; token < 61; token++) {
        exponentials += Math.exp(logits[position * 61 + token]);
      }
      sum += Math.log(exponentials) - logits[position * 61 + (int) ids[position + 1]];
    }
    return sum;
  }

  @Test
  void givesWhatAWholePassGivesThoughItSharesTheUnmodifiedPart() {
    List<Intervention> interventions =
        Stream.of("zero(L1H2)", "relu(L1H0)", "baseline", "zero(L0H0)", "mean(L1H1)+zero(L0H2)")
            .map(Intervention::parse)
            .toList();
    try (Laboratory laboratory = Laboratory.at(record());
        Subject subject = SmallGpt2.subject()) {
      Map<Intervention, List<LossSum>> together =
          laboratory.losses(subject, CHUNKS, interventions, Materials.NONE);

      for (Intervention intervention : interventions) {
        try (Laboratory fresh = Laboratory.at(folder.resolve("fresh-" + intervention))) {
          assertThat(together.get(intervention))
              .as(intervention.toString())
              .isEqualTo(fresh.losses(subject, CHUNKS, intervention));
        }
      }
      assertThat(together.values()).doesNotHaveDuplicates();
    }
  }

  @Test
  void computesNothingTwiceAndDoesNotEvenLoadTheModel() {
    Intervention intervention = Intervention.parse("mean(L1H1)");
    List<LossSum> first;
    try (Laboratory laboratory = Laboratory.at(record());
        Subject subject = SmallGpt2.subject()) {
      first = laboratory.losses(subject, CHUNKS, intervention);
      assertThat(laboratory.computed()).isEqualTo(5);
      assertThat(laboratory.reused()).isZero();
    }
    try (Laboratory laboratory = Laboratory.at(record());
        Subject subject = SmallGpt2.subject()) {
      assertThat(laboratory.losses(subject, CHUNKS, intervention)).isEqualTo(first);
      assertThat(laboratory.computed()).isZero();
      assertThat(laboratory.reused()).isEqualTo(5);
      assertThat(subject.loaded()).isFalse();
    }
  }

  @Test
  void takesTheMeansOverTheChunksThatAreScored() {
    try (Laboratory laboratory = Laboratory.at(record());
        Subject subject = SmallGpt2.subject()) {
      Intervention intervention = Intervention.parse("mean(L1H1)");
      Chunks two = new Chunks(CHUNKS.corpus(), 16, CHUNKS.all().subList(0, 2));

      List<LossSum> overTwo = laboratory.losses(subject, two, intervention);
      List<LossSum> overFive = laboratory.losses(subject, CHUNKS, intervention);

      assertThat(overFive.subList(0, 2)).isNotEqualTo(overTwo);
    }
  }

  @Test
  void keepsSubjectsAndProcessingsApart() {
    try (Laboratory laboratory = Laboratory.at(record());
        Subject processed = SmallGpt2.subject();
        Subject stored =
            new Subject(
                "small",
                processed.sha256(),
                processed.checkpoint(),
                WeightProcessing.NONE,
                processed.compute())) {
      Intervention zero = Intervention.parse("zero(L0H0)");

      assertThat(laboratory.losses(processed, CHUNKS, zero))
          .isNotEqualTo(laboratory.losses(stored, CHUNKS, zero));
      assertThat(laboratory.reused()).isZero();
    }
  }

  /** Only the {@code config.json} beside a checkpoint tells its heads. */
  @Test
  void keepsOneCheckpointSeenWithOtherHeadsApart() throws IOException {
    Path file = Files.copy(SmallGpt2.FILE, folder.resolve("model.safetensors"));
    List<List<LossSum>> byHeads = new ArrayList<>();
    try (Laboratory laboratory = Laboratory.at(record())) {
      for (int heads : List.of(3, 6)) {
        Files.writeString(folder.resolve("config.json"), "{\"n_head\": " + heads + "}");
        try (Subject subject = SmallGpt2.subject(file)) {
          byHeads.add(laboratory.losses(subject, CHUNKS, Intervention.BASELINE));
        }
      }
      assertThat(laboratory.reused()).isZero();
    }
    assertThat(byHeads.get(0)).isNotEqualTo(byHeads.get(1));
  }

  @Test
  void refusesADescriptionThatChangesUnderItsSubject() throws IOException {
    Path file = Files.copy(SmallGpt2.FILE, folder.resolve("model.safetensors"));
    Files.writeString(folder.resolve("config.json"), "{\"n_head\": 3}");
    try (Laboratory laboratory = Laboratory.at(record());
        Subject subject = SmallGpt2.subject(file)) {
      assertThat(subject.config().heads()).isEqualTo(3);
      Files.writeString(folder.resolve("config.json"), "{\"n_head\": 6}");

      assertThatThrownBy(() -> laboratory.losses(subject, CHUNKS, Intervention.BASELINE))
          .isInstanceOf(CheckpointException.class)
          .hasMessageContaining("heads=3")
          .hasMessageContaining("heads=6");
    }
  }

  @Test
  void keepsChunksOfOtherTokensApart() {
    Chunks others =
        new Chunks(
            CHUNKS.corpus(),
            16,
            CHUNKS.all().stream().map(c -> new Chunk(c.start(), new int[16])).toList());
    try (Laboratory laboratory = Laboratory.at(record());
        Subject subject = SmallGpt2.subject()) {
      assertThat(laboratory.losses(subject, CHUNKS, Intervention.BASELINE))
          .isNotEqualTo(laboratory.losses(subject, others, Intervention.BASELINE));
      assertThat(laboratory.reused()).isZero();
    }
  }

  @Test
  void keepsCandidatesOfOtherPromptsApart() {
    List<Chunk> prompts = halves();
    Candidates wanted = new Candidates(2, 4, 0.8);
    List<List<List<LossSum>>> drawn = new ArrayList<>();
    try (Laboratory laboratory = Laboratory.at(record());
        Subject subject = SmallGpt2.subject()) {
      for (int from : List.of(0, 2)) {
        Chunks two = new Chunks(CHUNKS.corpus(), 8, prompts.subList(from, from + 2));
        drawn.add(laboratory.candidates(subject, two, Intervention.BASELINE, wanted, 1));
      }
      assertThat(laboratory.reused()).isZero();
    }
    assertThat(drawn.get(0)).isNotEqualTo(drawn.get(1));
  }

  @Test
  void rejectsAHeadTheModelHasNot() {
    try (Laboratory laboratory = Laboratory.at(record());
        Subject subject = SmallGpt2.subject()) {
      assertThatThrownBy(() -> laboratory.losses(subject, CHUNKS, Intervention.parse("zero(L2H0)")))
          .hasMessage("there is no head L2H0: the model's are L0H0 to L1H2");
    }
  }

  @Test
  void isSharedByTwoRunsAtOnce() {
    List<Intervention> all =
        Head.all(2, 3).stream().map(head -> Intervention.parse("zero(" + head + ")")).toList();
    Chunks chunks = SmallGpt2.chunks(300);

    List<CompletableFuture<Map<Intervention, List<LossSum>>>> runs =
        Stream.of(1, 2)
            .map(
                run ->
                    CompletableFuture.supplyAsync(
                        () -> {
                          try (Laboratory laboratory = Laboratory.at(record());
                              Subject subject = SmallGpt2.subject()) {
                            return laboratory.losses(subject, chunks, all, Materials.NONE);
                          }
                        }))
            .toList();

    assertThat(runs.get(0).join()).isEqualTo(runs.get(1).join());
  }

  /** The first of many makes the record while the others already open it. */
  @RepeatedTest(60)
  void isMadeByManyAtOnce() {
    List<CompletableFuture<Void>> runs =
        Stream.generate(() -> CompletableFuture.runAsync(() -> Laboratory.at(record()).close()))
            .limit(8)
            .toList();

    assertThat(runs).allSatisfy(run -> assertThatCode(run::join).doesNotThrowAnyException());
  }
}
