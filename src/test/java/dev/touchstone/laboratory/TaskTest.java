package dev.touchstone.laboratory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.touchstone.corpus.Chunk;
import dev.touchstone.corpus.Chunks;
import dev.touchstone.intervention.Intervention;
import dev.touchstone.intervention.Materials;
import dev.touchstone.model.Gpt2Config;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a task gives does not depend on how it was split, in which order, and what was left. */
class TaskTest {
  private static final List<Intervention> INTERVENTIONS =
      Stream.of("zero(L0H0)", "relu(L0H2)", "zero(L1H0)", "zero(L1H1)", "relu(L1H2)", "baseline")
          .map(Intervention::parse)
          .toList();

  private static final Candidates CANDIDATES = new Candidates(2, 4, 0.8);

  @TempDir Path folder;

  /** Sends everything as bytes, shuffles the shares, and has one memory for some of them. */
  private static final class Scattered implements Engine {
    private final double gflop;

    Scattered(double gflop) {
      this.gflop = gflop;
    }

    @Override
    public void compute(Subject subject, Materials materials, List<Task> tasks, Results results) {
      List<Share> shares = new ArrayList<>(Share.of(tasks, subject.config(), 2, gflop));
      Collections.shuffle(shares, new Random(1));
      try (Memory memory = new Memory()) {
        for (Share share : shares) {
          Share arrived = sent(share);
          arrived
              .work()
              .run(
                  subject,
                  sent(new TreeMap<>(materials.byName())).entrySet().stream()
                      .reduce(
                          Materials.NONE,
                          (all, each) -> all.with(each.getKey(), each.getValue()),
                          (one, other) -> one),
                  arrived.firstPart() % 3 == 0 ? Optional.empty() : Optional.of(memory),
                  (part, numbers) ->
                      results.accept(arrived.task(), arrived.firstPart() + part, numbers));
        }
      }
    }

    @Override
    public void close() {}

    @SuppressWarnings("unchecked")
    private static <T> T sent(T value) {
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
        out.writeObject(value);
        out.flush();
        return (T)
            new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray())).readObject();
      } catch (IOException | ClassNotFoundException e) {
        throw new IllegalStateException(e);
      }
    }
  }

  private Map<String, List<?>> measured(String name, Engine engine) {
    Map<String, List<?>> measured = new TreeMap<>();
    try (Laboratory laboratory = Laboratory.at(folder.resolve(name), engine);
        Subject subject = SmallGpt2.subject()) {
      Chunks chunks = SmallGpt2.chunks(7);
      List<Intervention> all = new ArrayList<>(INTERVENTIONS);
      all.add(Intervention.parse("mean(L0H1,L1H2)"));
      laboratory
          .losses(subject, chunks, all, Materials.NONE)
          .forEach((intervention, losses) -> measured.put(intervention.toString(), losses));
      measured.put(
          "candidates", laboratory.candidates(subject, prompts(), all.get(0), CANDIDATES, 5));
      measured.put("computed", List.of(laboratory.computed()));
    }
    return measured;
  }

  /** Short enough to be continued. */
  private static Chunks prompts() {
    return new Chunks(
        "prompts",
        8,
        SmallGpt2.chunks(2).all().stream()
            .map(chunk -> new Chunk(chunk.start(), Arrays.copyOf(chunk.tokens(), 8)))
            .toList());
  }

  @ParameterizedTest
  @ValueSource(doubles = {1e-9, 1e-4, 1e3})
  void isTheSameHoweverItIsSplit(double gflop) {
    Map<String, List<?>> here = measured("here.sqlite", Engine.here());

    assertThat(here).hasSize(9);
    assertThat(measured("scattered.sqlite", new Scattered(gflop))).isEqualTo(here);
  }

  @Test
  void givesTheSameFromWhatItLeftItself() {
    Task task = new Task.Losses(SmallGpt2.chunks(3).all(), INTERVENTIONS);
    List<List<double[]>> times = new ArrayList<>();
    try (Subject subject = SmallGpt2.subject();
        Memory memory = new Memory()) {
      for (int time = 0; time < 3; time++) {
        List<double[]> numbers = new ArrayList<>();
        task.run(
            subject,
            Materials.NONE,
            Optional.of(memory),
            (part, losses) -> numbers.addAll(new TreeMap<>(losses).values()));
        times.add(numbers);
      }
    }

    assertThat(times.get(0)).hasSize(3 * INTERVENTIONS.size());
    assertThat(times.get(1)).usingRecursiveComparison().isEqualTo(times.get(0));
    assertThat(times.get(2)).usingRecursiveComparison().isEqualTo(times.get(0));
  }

  @Test
  void sharesAreNeighboursInTheirOrder() {
    Gpt2Config config = SmallGpt2.subject().config();
    Task.Losses task = new Task.Losses(SmallGpt2.chunks(3).all(), INTERVENTIONS);
    double whole = task.gflop(config);

    List<Share> some = Share.of(List.of(task, task), config, 1, whole / 2);

    assertThat(some).hasSizeGreaterThan(4);
    List<Intervention> together = new ArrayList<>();
    int task0 = 0;
    for (Share share : some) {
      assertThat(share.firstPart()).isEqualTo(together.size() % INTERVENTIONS.size());
      assertThat(share.task()).isBetween(task0, 1);
      task0 = share.task();
      together.addAll(((Task.Losses) share.work()).interventions());
    }
    assertThat(together)
        .isEqualTo(Stream.concat(INTERVENTIONS.stream(), INTERVENTIONS.stream()).toList());
    assertThat(some.stream().mapToDouble(share -> share.gflop(config)).sum())
        .isCloseTo(2 * whole, within(1e-12));
  }

  @Test
  void whatIsSharedReachesUpToTheLastIntervention() {
    Gpt2Config config = SmallGpt2.subject().config();
    var chunks = SmallGpt2.chunks(3);
    double blocks = Work.ofBlocks(config, 3, chunks.length()).gflop();

    assertThat(new Task.Losses(chunks.all(), INTERVENTIONS.subList(0, 2)).shared(config).gflop())
        .isZero();
    assertThat(new Task.Losses(chunks.all(), INTERVENTIONS.subList(0, 4)).shared(config).gflop())
        .isEqualTo(blocks / 2);
  }

  @Test
  void whatAnotherMachineLacksIsSaid() {
    Engine.Signature here = new Engine.Signature("PyTorch 2.7.1", "cpu", "0123456789abcdef");

    assertThat(here.against(here)).isEmpty();
    assertThat(here.against(new Engine.Signature("PyTorch 2.5.1", "cpu", "0123456789abcdef")))
        .hasValue("it computes with PyTorch 2.5.1 and not with PyTorch 2.7.1");
    assertThat(here.against(new Engine.Signature("PyTorch 2.7.1", "gpu0", "0123456789abcdef")))
        .hasValue("it computes on the device gpu0 and not on cpu");
    assertThat(here.against(new Engine.Signature("PyTorch 2.7.1", "cpu", "fedcba9876543210")))
        .hasValue("its code has the numerics hash fedcba9876543210 and not 0123456789abcdef");
  }
}
