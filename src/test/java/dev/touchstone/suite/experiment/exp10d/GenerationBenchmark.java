package dev.touchstone.suite.experiment.exp10d;

import ai.djl.ndarray.NDManager;
import dev.touchstone.intervention.Intervention;
import dev.touchstone.intervention.Materials;
import dev.touchstone.model.Checkpoint;
import dev.touchstone.model.Generator;
import dev.touchstone.model.Gpt2;
import dev.touchstone.model.Gpt2Config;
import dev.touchstone.model.Head;
import dev.touchstone.model.WeightProcessing;
import dev.touchstone.statistics.Repeats;
import dev.touchstone.suite.experiment.exp10b.HeadChange;
import dev.touchstone.suite.experiment.exp10b.ReluConditions;
import dev.touchstone.suite.experiment.exp10d.GenerationSpeed.Timings;
import dev.touchstone.tensor.Compute;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.function.Consumer;

/**
 * exp10d's P1 on any checkpoint of GPT-2's form, without the ranking that takes passes over text:
 * what hooks cost does not depend on which heads they change, so the heads are a random choice from
 * the layers above 0, as a ranking's would be spread.
 *
 * <pre>
 * mvn test-compile exec:java -Dexec.classpathScope=test \
 *   -Dexec.mainClass=dev.touchstone.suite.experiment.exp10d.GenerationBenchmark \
 *   -Dexec.args="model.safetensors cached 10"
 * </pre>
 *
 * The arguments: the checkpoint, {@code cached} or {@code anew}, the number of runs. Every run
 * prints what is known after it, so that a run cut short still says something.
 */
public final class GenerationBenchmark {
  private static final int SEED = 10;

  private GenerationBenchmark() {}

  /** Generates with the arguments' checkpoint. */
  public static void main(String[] args) {
    if (args.length != 3) {
      System.err.println("usage: GenerationBenchmark CHECKPOINT cached|anew RUNS");
      System.exit(2);
    }
    Compute compute = Compute.fromProperties();
    boolean cached = args[1].equals("cached");
    try (NDManager manager = compute.newManager();
        Gpt2 model =
            Gpt2.load(
                Checkpoint.open(Path.of(args[0])), WeightProcessing.TRANSFORMER_LENS, manager)) {
      timings(
          model, cached, Integer.parseInt(args[2]), timings -> print(args[1], compute, timings));
    }
  }

  /** Seconds per token under each condition. */
  public static Map<String, Repeats> secondsPerToken(Gpt2 model, boolean cached, int runs) {
    Timings timings = timings(model, cached, runs, each -> {});
    Map<String, Repeats> seconds = new LinkedHashMap<>();
    ReluConditions.ALL.forEach(name -> seconds.put(name, timings.secondsPerToken(name)));
    return seconds;
  }

  private static Timings timings(Gpt2 model, boolean cached, int runs, Consumer<Timings> afterRun) {
    return Timings.of(
        conditions(model, cached), prompt(model.config()), GenerationSpeed.TOKENS, runs, afterRun);
  }

  private static Map<String, Generator> conditions(Gpt2 model, boolean cached) {
    List<Head> heads =
        new ArrayList<>(
            Head.all(model.config().layers(), model.config().heads()).stream()
                .filter(head -> head.layer() > 0)
                .toList());
    Collections.shuffle(heads, new Random(SEED));
    Map<String, Generator> conditions = new LinkedHashMap<>();
    for (String condition : ReluConditions.ALL) {
      int count =
          condition.equals(ReluConditions.BASELINE) ? 0 : Integer.parseInt(condition.substring(5));
      Intervention intervention = HeadChange.RELU.on(heads.subList(0, count));
      conditions.put(condition, new Generator(model, intervention.hooks(Materials.NONE), cached));
    }
    return conditions;
  }

  private static List<int[]> prompt(Gpt2Config config) {
    return List.of(new Random(SEED).ints(GenerationSpeed.PROMPT, 0, config.vocabulary()).toArray());
  }

  private static void print(String mode, Compute compute, Timings timings) {
    StringBuilder line = new StringBuilder();
    line.append(
        "%s, %d threads, %d runs:"
            .formatted(
                mode,
                compute.threads(),
                timings.secondsPerToken(ReluConditions.BASELINE).values().size()));
    for (String condition : ReluConditions.ALL) {
      double seconds = timings.secondsPerToken(condition).median();
      line.append(
          String.format(
              Locale.ROOT,
              "  %s %.2f tokens/s (%.1f ms/token, %+.1f%%)",
              condition,
              1 / seconds,
              1000 * seconds,
              100 * timings.changes(condition).median()));
    }
    System.out.println(line);
  }
}
