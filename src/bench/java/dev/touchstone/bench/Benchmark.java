package dev.touchstone.bench;

import com.fasterxml.jackson.databind.JsonNode;
import dev.touchstone.intervention.Intervention;
import dev.touchstone.laboratory.Laboratory;
import dev.touchstone.laboratory.Subject;
import dev.touchstone.laboratory.Work;
import dev.touchstone.model.Checkpoint;
import dev.touchstone.model.Gpt2Config;
import dev.touchstone.model.WeightProcessing;
import dev.touchstone.suite.experiment.exp10d.GenerationBenchmark;
import dev.touchstone.suite.training.Gpt2LookAlike;
import dev.touchstone.tensor.Compute;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.apache.commons.math3.stat.regression.SimpleRegression;
import org.openjdk.jmh.runner.RunnerException;

/**
 * Measures how fast Touchstone is on a checkpoint of GPT-2 small's names and shapes, and how fast
 * TransformerLens is in turns with it:
 *
 * <pre>
 * mvn -Pbench verify -Dbench.peer=VENV/bin/python
 * </pre>
 *
 * Writes {@code target/benchmark.json} and prints a table in Markdown. The machine should have
 * nothing else to do. {@link Settings} says what else can be set.
 */
final class Benchmark {
  private static final String RATE = "GFLOP/s";
  private static final String SHARE = "% of the peak";

  /** Memory that is held from these on is what a sweep needs; more of it would be a leak. */
  private static final int SETTLED = 50;

  private final Settings settings;
  private final Parts parts;
  private final Sweeps sweeps;
  private final Figures figures = new Figures();
  private final List<Double> products = new ArrayList<>();

  private Benchmark(Settings settings, Subject subject) {
    this.settings = settings;
    parts = new Parts(subject.checkpoint().path(), settings.chunks(), settings.windows());
    sweeps = new Sweeps(subject, RandomText.chunks(subject.config(), settings.chunks()));
  }

  /** Measures what the system properties say. */
  public static void main(String[] args) throws Exception {
    try {
      Settings settings = Settings.of(name -> System.getProperty(name, ""));
      Checkpoint checkpoint = Checkpoint.open(checkpoint(settings.folder()));
      try (Subject subject =
          new Subject(
              "gpt2-shaped",
              checkpoint.sha256(),
              checkpoint,
              WeightProcessing.TRANSFORMER_LENS,
              Compute.fromProperties())) {
        new Benchmark(settings, subject).measure().write(settings.out());
      }
    } catch (IllegalArgumentException | IOException e) {
      System.err.println("Nothing was written: " + e.getMessage());
      System.exit(1);
    }
  }

  /** An earlier run's, or one that a process of its own writes, whose memory is not ours. */
  private static Path checkpoint(Path folder) throws IOException, InterruptedException {
    Path file = folder.resolve("gpt2/model.safetensors");
    if (!Files.exists(file)) {
      Process writing =
          new ProcessBuilder(
                  Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                  "-classpath",
                  System.getProperty("java.class.path"),
                  Gpt2LookAlike.class.getName(),
                  folder.toString())
              .inheritIO()
              .start();
      if (writing.waitFor() != 0) {
        throw new IOException(file + " could not be written; the reason stands above");
      }
    }
    return file;
  }

  private Report measure() throws Exception {
    Optional<JsonNode> peer = Optional.empty();
    // First, since an environment that lacks something is then known at once.
    if (settings.peer().isPresent()) {
      List<Intervention> sample = Extent.SAMPLE.interventions(sweeps.subject().config());
      peer =
          Optional.of(
              new Comparison(sweeps, sample, figures)
                  .measure(settings.peer().get(), settings.rounds()));
    }
    matrixProduct("before");
    Gpt2Config config = sweeps.subject().config();
    double blocks = Work.ofBlocks(config, settings.chunks(), config.context()).gflop();
    Work loss = Work.ofLosses(config, config.layers(), settings.chunks(), config.context());
    computing("block", blocks / config.layers(), parts.pass("block"));
    computing("loss", loss.gflop(), parts.pass("loss"));
    figures.addMedian("pca", parts.components(), "s");
    sweep();
    generation();
    matrixProduct("at-the-end");
    sharesOfThePeak();
    return new Report(settings, sweeps.subject(), peer, figures);
  }

  private void matrixProduct(String when) throws RunnerException {
    List<Double> rates = Figures.rates(MatrixProduct.GFLOP, parts.matrixProduct());
    figures.addBest("matrix-product/" + when, rates, RATE);
    products.addAll(rates);
  }

  private void computing(String name, double gflop, List<Double> seconds) {
    figures.addMedian(name + "/seconds", seconds, "s");
    figures.addMedian(name + "/rate", Figures.rates(gflop, seconds), RATE);
  }

  private void sweep() throws Exception {
    Map<String, List<Intervention>> asked = settings.extent().parts(sweeps.subject().config());
    sweeps.anew(List.of(Intervention.BASELINE));
    sweeps.inEmptyLaboratory(
        (laboratory, record) -> {
          if (ResidentMemory.isKnown()) {
            try (ResidentMemory memory = ResidentMemory.during(record)) {
              sweep(laboratory, asked);
              memory(memory.samples());
              figures.add("memory/peak", ResidentMemory.peak(), "MB");
            }
          } else {
            sweep(laboratory, asked);
          }
          return asked;
        });
  }

  /** The peak is measured again after each part: a machine's speed may change in the meantime. */
  private void sweep(Laboratory laboratory, Map<String, List<Intervention>> asked)
      throws RunnerException {
    double seconds = 0;
    double gflop = 0;
    int passes = 0;
    for (var part : asked.entrySet()) {
      double took = sweeps.by(laboratory, part.getValue()).seconds();
      double counted = part.getValue().stream().mapToDouble(this::counted).sum();
      figures.add("sweep/" + part.getKey() + "/seconds", took, "s");
      figures.add("sweep/" + part.getKey() + "/rate", counted / took, RATE);
      matrixProduct("after-" + part.getKey());
      seconds += took;
      gflop += counted;
      passes += part.getValue().size();
    }
    figures.add("sweep/interventions", passes, "with the baseline");
    figures.add("sweep/seconds", seconds, "s");
    figures.add("sweep/pass", seconds / (passes * settings.chunks()), "s a pass and chunk");
    figures.add("sweep/counted", gflop, "GFLOP");
    figures.add("sweep/rate", gflop / seconds, RATE);
  }

  private double counted(Intervention intervention) {
    Gpt2Config config = sweeps.subject().config();
    return Work.ofLosses(config, intervention, settings.chunks(), config.context()).gflop();
  }

  private void memory(List<Double> samples) {
    int last = samples.size() - 1;
    figures.add(
        "memory/after-each-intervention",
        samples.get(last),
        "MB",
        IntStream.rangeClosed(0, last)
            .filter(i -> i % SETTLED == 0 || i == last)
            .mapToObj(samples::get)
            .toList());
    if (last > 2 * SETTLED) {
      SimpleRegression line = new SimpleRegression();
      IntStream.rangeClosed(SETTLED, last).forEach(i -> line.addData(i, samples.get(i)));
      figures.add("memory/growth", 100 * line.getSlope(), "MB in 100 interventions");
    }
  }

  private void generation() {
    for (boolean cached : new boolean[] {true, false}) {
      GenerationBenchmark.secondsPerToken(sweeps.subject().model(), cached, settings.rounds())
          .forEach(
              (condition, seconds) ->
                  figures.addMedian(
                      "generation/" + (cached ? "cached/" : "anew/") + condition,
                      Figures.rates(1, seconds.values()),
                      "tokens/s"));
    }
  }

  private void sharesOfThePeak() {
    double peak = figures.addBest("matrix-product/peak", products, RATE).value();
    double median = figures.addMedian("matrix-product/median", products, RATE).value();
    for (String name : List.of("block", "loss", "sweep")) {
      figures.add(name + "/share", 100 * figures.value(name + "/rate") / peak, SHARE);
    }
    figures.add(
        "sweep/share-of-median", 100 * figures.value("sweep/rate") / median, "% of the median");
  }
}
