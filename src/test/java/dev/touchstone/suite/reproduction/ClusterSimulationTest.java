package dev.touchstone.suite.reproduction;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.touchstone.corpus.Chunk;
import dev.touchstone.intervention.Intervention;
import dev.touchstone.laboratory.Rehearsal.Step;
import dev.touchstone.laboratory.Task;
import dev.touchstone.laboratory.Work;
import dev.touchstone.model.Gpt2Config;
import dev.touchstone.suite.golden.ScaleFile;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

class ClusterSimulationTest {
  private static final Gpt2Config GPT2 = new Gpt2Config(12, 12, 768, 3072, 1024, 50_257);
  private static final double RATE = 100;

  /** The baseline so often, on two chunks: whole passes that share nothing. */
  private static Step passes(int count) {
    List<Chunk> chunks = List.of(new Chunk(0, new int[1024]), new Chunk(1024, new int[1024]));
    return new Step(
        GPT2,
        List.of(new Task.Losses(chunks, Collections.nCopies(count, Intervention.BASELINE))),
        0,
        Work.NONE);
  }

  private static double pass() {
    return Work.ofLosses(GPT2, 0, 2, 1024).gflop() / RATE;
  }

  private static ScaleFile measured(double start, double opening, double overhead) {
    return new ScaleFile("here", RATE, RATE, start, opening, overhead, 0, 100, List.of(1.0));
  }

  @Test
  void perfectWorkersHalveTheTime() {
    ClusterSimulation perfect =
        new ClusterSimulation(measured(0, 0, 0), List.of(passes(64)), pass() * 1.5);

    assertThat(perfect.on(1).seconds()).isCloseTo(64 * pass(), within(1e-6));
    assertThat(perfect.on(2).seconds()).isCloseTo(32 * pass(), within(1e-6));
    assertThat(perfect.on(2).efficiency()).isCloseTo(1, within(1e-9));
    assertThat(perfect.on(2).tasks()).isEqualTo(64);
  }

  @Test
  void whatOnlyOneCanDoStaysAsItIs() {
    Step own = new Step(GPT2, List.of(), 0, new Work(0, 1000));
    ClusterSimulation half =
        new ClusterSimulation(measured(5, 0, 0), List.of(own, passes(8)), pass() * 1.5);

    assertThat(half.on(8).seconds()).isCloseTo(5 + 10 + pass(), within(1e-6));
  }

  @Test
  void everyWorkerOpensTheModelOnceAndEveryTaskHasItsOverhead() {
    ClusterSimulation slow =
        new ClusterSimulation(measured(0, 7, 2), List.of(passes(4), passes(4)), pass() * 1.5);

    assertThat(slow.on(1).seconds()).isCloseTo(7 + 8 * (2 + pass()), within(1e-6));
    assertThat(slow.on(4).seconds()).isCloseTo(7 + 2 * (2 + pass()), within(1e-6));
  }

  @Test
  void materialsAreSentRoundByRound() {
    Step with = new Step(GPT2, List.of(), 200_000_000, Work.NONE);
    ClusterSimulation sending = new ClusterSimulation(measured(0, 0, 0), List.of(with), 20);

    assertThat(sending.on(1).seconds()).isCloseTo(2, within(1e-9));
    assertThat(sending.on(7).seconds()).isCloseTo(6, within(1e-9));
  }

  @Test
  void readsWhatWasMeasuredAndTheWorkersThatAreAskedFor() {
    assertThat(ScaleFile.read(Path.of("golden/scale.yaml")).spread()).isNotEmpty();
    assertThat(ClusterSimulation.workers("1,16,256")).containsExactly(1, 16, 256);
    assertThatThrownBy(() -> ClusterSimulation.workers("0"))
        .hasMessage("touchstone.workers is \"0\"; give numbers of workers, as in 1,2,4,8");
  }
}
