package dev.touchstone.suite.soak;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.touchstone.corpus.Chunks;
import dev.touchstone.intervention.Intervention;
import dev.touchstone.intervention.Materials;
import dev.touchstone.intervention.MeanAblation;
import dev.touchstone.intervention.QueryChange;
import dev.touchstone.intervention.WriteBasis;
import dev.touchstone.laboratory.Laboratory;
import dev.touchstone.model.Decoding;
import dev.touchstone.model.Generator;
import dev.touchstone.model.Gpt2Config;
import dev.touchstone.model.Head;
import dev.touchstone.suite.subject.Bench;
import dev.touchstone.tensor.Compute;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Interventions of every kind on nano144, each over a few chunks, and generations, round by round
 * in one process; and a line for what the process holds before each round and after the last, as
 * {@link Held} writes it. Chunks and prompts are of two lengths, generations cached and not, greedy
 * and sampled.
 */
final class Soak {
  /** Interventions and generations of a round. */
  static final int INTERVENTIONS = 3;

  static final int GENERATIONS = 5;

  private static final int CHUNKS = 2;
  private static final int NEW_TOKENS = 8;
  private static final int[] LENGTHS = {128, 64};
  private static final int[] PROMPTS = {32, 24};

  /** {@code %1$s} is a head, {@code %2$s} another one, {@code %3$s} the layer of the first. */
  private static final List<String> KINDS =
      List.of(
          "zero(%1$s)",
          "mean(%1$s)",
          "relu(%1$s)",
          "zero(%1$s@2,5)",
          "l1(%1$s)",
          "identity(%1$s)",
          "kernel(%1$s)",
          "inject[change](%1$s)",
          "project[basis:8](%3$s)",
          "zero(%1$s)+mean(%2$s)");

  private final Bench bench;
  private final boolean leaking;

  private Soak(Bench bench, boolean leaking) {
    this.bench = bench;
    this.leaking = leaking;
  }

  /** The arguments are a folder for the record, how many rounds, and whether they leak. */
  public static void main(String[] arguments) throws IOException {
    Path folder = Path.of(arguments[0]);
    try (Laboratory laboratory = Laboratory.at(folder.resolve("laboratory.sqlite"))) {
      Bench bench = Bench.nano144(Path.of("golden"), laboratory, Compute.fromProperties());
      new Soak(bench, Boolean.parseBoolean(arguments[2]))
          .work(Integer.parseInt(arguments[1]), folder);
      bench.subject().close();
    }
  }

  private void work(int rounds, Path folder) throws IOException {
    List<Head> heads = Head.all(bench.config().layers(), bench.config().heads());
    Materials materials = materials(bench.config());
    List<Object> left = new ArrayList<>();
    for (int round = 0; round < rounds; round++) {
      System.out.println(Held.after(round));
      for (int i = round * INTERVENTIONS; i < (round + 1) * INTERVENTIONS; i++) {
        measure(i, intervention(heads, i), materials);
        leave(left, folder);
      }
      for (int i = round * GENERATIONS; i < (round + 1) * GENERATIONS; i++) {
        generate(i, intervention(heads, i), materials);
        leave(left, folder);
      }
    }
    System.out.println(Held.after(rounds));
  }

  private void measure(int number, Intervention intervention, Materials materials) {
    Chunks chunks = chunks(LENGTHS[number % LENGTHS.length]);
    bench.laboratory().losses(bench.subject(), chunks, List.of(intervention), materials);
  }

  private Chunks chunks(int length) {
    return bench.validation(CHUNKS * length, length);
  }

  /** No two are the same, so none is taken from the record. */
  private static Intervention intervention(List<Head> heads, int number) {
    int round = number / KINDS.size();
    Head head = heads.get(round % heads.size());
    Head other = heads.get((round + 1 + round / heads.size()) % heads.size());
    return Intervention.parse(
        KINDS.get(number % KINDS.size()).formatted(head, other, "L" + head.layer()));
  }

  private void generate(int number, Intervention intervention, Materials materials) {
    int prompt = PROMPTS[number / 2 % PROMPTS.length];
    List<int[]> prompts = List.of(Arrays.copyOf(bench.validation().tokens(), prompt));
    Decoding decoding = number / 4 % 2 == 0 ? Decoding.GREEDY : new Decoding.Sampling(0.8, number);
    Materials all =
        intervention.materials().contains(MeanAblation.EVALUATED)
            ? materials.with(
                MeanAblation.EVALUATED,
                bench.laboratory().headMeans(bench.subject(), chunks(LENGTHS[0])))
            : materials;
    new Generator(bench.subject().model(), intervention.hooks(all), number % 2 == 0)
        .continuations(prompts, 1, NEW_TOKENS, decoding);
  }

  /** Small changes, so that what is measured is a pass and not overflow. */
  private static Materials materials(Gpt2Config config) {
    float[] change = new float[config.width() * config.headWidth()];
    Arrays.fill(change, 1e-3f);
    float[] directions = new float[8 * config.width()];
    IntStream.range(0, 8).forEach(i -> directions[i * config.width() + i] = 1);
    return Materials.NONE
        .with(
            "change",
            new QueryChange(
                config.heads(),
                config.headWidth(),
                IntStream.range(0, config.layers() * config.heads())
                    .mapToObj(head -> change)
                    .toList()))
        .with(
            "basis",
            new WriteBasis(
                IntStream.range(0, config.layers())
                    .mapToObj(layer -> new float[config.width()])
                    .toList(),
                IntStream.range(0, config.layers()).mapToObj(layer -> directions).toList()));
  }

  /** What a forgotten scope, reference, handle and thread of one pass would be. */
  private void leave(List<Object> left, Path folder) throws IOException {
    if (!leaking) {
      return;
    }
    NDManager manager = bench.subject().model().manager();
    try (NDArray stream = manager.ones(new Shape(CHUNKS, LENGTHS[0], bench.config().width()))) {
      left.add(stream.mul(2));
    }
    left.add(new float[LENGTHS[0] * bench.config().width()]);
    left.add(Files.newByteChannel(folder.resolve("laboratory.sqlite")));
    Thread thread = new Thread(Soak::sleep, "left behind");
    // Or else the process would not end.
    thread.setDaemon(true);
    thread.start();
  }

  private static void sleep() {
    try {
      Thread.sleep(Long.MAX_VALUE);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
