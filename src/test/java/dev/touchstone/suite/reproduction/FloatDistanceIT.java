package dev.touchstone.suite.reproduction;

import static org.junit.jupiter.api.Assumptions.assumeFalse;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.touchstone.corpus.Chunks;
import dev.touchstone.intervention.Intervention;
import dev.touchstone.intervention.Materials;
import dev.touchstone.laboratory.Subject;
import dev.touchstone.model.Gpt2;
import dev.touchstone.model.Head;
import dev.touchstone.model.Hooks;
import dev.touchstone.model.WeightProcessing;
import dev.touchstone.runtime.AtomicFile;
import dev.touchstone.statistics.LossSum;
import dev.touchstone.suite.experiment.Experiments;
import dev.touchstone.suite.golden.SlackFile;
import dev.touchstone.suite.golden.SlackFile.Case;
import dev.touchstone.suite.golden.SlackFile.Precision;
import dev.touchstone.suite.golden.SlackFile.Quantity;
import dev.touchstone.suite.observation.Tier;
import dev.touchstone.suite.subject.Bench;
import dev.touchstone.suite.subject.Float64;
import dev.touchstone.tensor.Compute;
import dev.touchstone.tensor.Scope;
import io.qameta.allure.Epic;
import java.io.IOException;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The chosen device's float32 against float64 on the CPU: it may be no further off than the
 * tolerances of claims allow for. Leaves {@code reports/agreement.md} and {@code agreement.json}.
 */
@Tag("nano144")
@Epic("Agreement with float64")
@AgreesWith(FloatDistanceIT.REFERENCE)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class FloatDistanceIT {
  static final String REFERENCE = "float64 on the CPU";
  private static final String ON_THE_CPU = "float32 on the CPU";

  private static final Map<String, WeightProcessing> WEIGHTS =
      Map.of("stored", WeightProcessing.NONE, "processed", WeightProcessing.TRANSFORMER_LENS);

  /** What leaves each pattern's rows a sum of 1 in size and sets no head's output to 0. */
  private static final List<Intervention> BLIND_TO_PROCESSING =
      parse("baseline", "mean(L0H0)", "mean(L5H5)", "mean(L11H11)", "l1(L6H6)");

  private static final List<Intervention> INTERVENTIONS =
      Stream.concat(
              BLIND_TO_PROCESSING.stream(),
              parse(
                  "zero(L0H0)",
                  "zero(L5H5)",
                  "zero(L11H11)",
                  "relu(L1H1)",
                  "relu(L8H8)",
                  "zero(" + heads(0) + ")",
                  "relu(" + heads(1) + ")")
                  .stream())
          .toList();

  private final Bench bench;
  private final Chunks chunks;
  private final Compute compute;
  private final FloatDistances distances;

  /** By weights; what is compared with twice is computed once. */
  private final Map<String, Map<Intervention, List<LossSum>>> wide = new LinkedHashMap<>();

  FloatDistanceIT(Experiments experiments) {
    bench = experiments.bench("nano144");
    chunks = bench.validation(Tier.TWO_K);
    compute = bench.compute();
    distances =
        new FloatDistances(
            SlackFile.read(Suite.SLACK),
            "%s, %s, %d threads, %s, %s"
                .formatted(
                    compute.deviceName(),
                    System.getProperty("os.arch"),
                    compute.threads(),
                    Compute.engine(),
                    LocalDate.now(ZoneOffset.UTC)));
  }

  private static List<Intervention> parse(String... texts) {
    return Stream.of(texts).map(Intervention::parse).toList();
  }

  private static String heads(int firstLayer) {
    return Head.all(12, 12).stream()
        .filter(head -> head.layer() >= firstLayer)
        .map(Object::toString)
        .collect(Collectors.joining(","));
  }

  @ParameterizedTest(name = "{0} weights")
  @ValueSource(strings = {"stored", "processed"})
  void float32IsNearFloat64(String weights, Agreement agreement) {
    Subject subject = bench.subject(WEIGHTS.get(weights));
    int[] tokens = chunks.all().get(0).tokens();
    try (Float64 reference = Float64.of(subject)) {
      Case logits = here(Precision.FLOAT32, weights, Quantity.LOGIT);
      double allowed = distances.allowed(logits);
      Agreement.Group group = agreement.absolute("logit", allowed);
      double[] theirs = reference.logits(tokens);
      double[] ours = logits(subject.model(), tokens);
      for (int i = 0; i < ours.length; i++) {
        group.compare("logit", ours[i], theirs[i]);
      }
      distances.add(logits, REFERENCE, group, allowed);
    }
    compare(
        agreement,
        Precision.FLOAT32,
        weights,
        REFERENCE,
        INTERVENTIONS,
        narrow(subject),
        wide(weights));
  }

  /** Where it leaves what is measured as it is: float64 sees no other difference. */
  @Test
  void processedWeightsAreTheStoredOnes(Agreement agreement) {
    compare(
        agreement,
        Precision.FLOAT64,
        "processed",
        REFERENCE,
        BLIND_TO_PROCESSING,
        wide("processed"),
        wide("stored"));
  }

  @ParameterizedTest(name = "{0} weights")
  @ValueSource(strings = {"stored", "processed"})
  void theDeviceIsNearTheCpu(String weights, Agreement agreement) {
    assumeFalse(compute.device().equals(Device.cpu()), "the CPU is the device");
    WeightProcessing processing = WEIGHTS.get(weights);
    Subject here = bench.subject(processing);
    Compute cpu = new Compute(Device.cpu(), compute.threads());
    try (Subject there =
        new Subject(bench.name(), bench.sha256(), here.checkpoint(), processing, cpu)) {
      compare(
          agreement,
          Precision.FLOAT32,
          weights,
          ON_THE_CPU,
          INTERVENTIONS,
          narrow(here),
          narrow(there));
    }
  }

  private Map<Intervention, List<LossSum>> narrow(Subject subject) {
    return bench.laboratory().losses(subject, chunks, INTERVENTIONS, Materials.NONE);
  }

  private Map<Intervention, List<LossSum>> wide(String weights) {
    return wide.computeIfAbsent(
        weights,
        which -> {
          try (Float64 reference = Float64.of(bench.subject(WEIGHTS.get(which)))) {
            return reference.losses(chunks, INTERVENTIONS);
          }
        });
  }

  private static double[] logits(Gpt2 model, int[] tokens) {
    float[] logits =
        Scope.measure(
            () -> {
              NDArray ids = Gpt2.ids(model.manager(), List.of(tokens));
              return model.logits(ids, Hooks.NONE).toFloatArray();
            });
    int vocabulary = logits.length / tokens.length;
    double[] centred = new double[logits.length];
    for (int row = 0; row < logits.length; row += vocabulary) {
      double mean = 0;
      for (int i = row; i < row + vocabulary; i++) {
        mean += logits[i] / (double) vocabulary;
      }
      for (int i = row; i < row + vocabulary; i++) {
        centred[i] = logits[i] - mean;
      }
    }
    return centred;
  }

  private Case here(Precision precision, String weights, Quantity quantity) {
    String device =
        precision == Precision.FLOAT64 ? "cpu" : compute.deviceName().replaceAll("\\d+$", "");
    return new Case(device, precision, weights, bench.name(), quantity);
  }

  private void compare(
      Agreement agreement,
      Precision precision,
      String weights,
      String against,
      List<Intervention> interventions,
      Map<Intervention, List<LossSum>> ours,
      Map<Intervention, List<LossSum>> theirs) {
    for (Quantity quantity : List.of(Quantity.CHUNK_LOSS, Quantity.PERPLEXITY, Quantity.EFFECT)) {
      Case of = here(precision, weights, quantity);
      // What both may be off by is together what may lie between them.
      double allowed =
          distances.allowed(of) + (against.equals(ON_THE_CPU) ? distances.allowed(of.onCpu()) : 0);
      Agreement.Group group = agreement.relative(quantity.toString(), allowed);
      for (Intervention intervention : interventions) {
        double[] mine = figures(quantity, ours, intervention);
        double[] other = figures(quantity, theirs, intervention);
        for (int i = 0; i < mine.length; i++) {
          group.compare(intervention.toString(), mine[i], other[i]);
        }
      }
      distances.add(of, against, group, allowed);
    }
  }

  private static double[] figures(
      Quantity quantity, Map<Intervention, List<LossSum>> losses, Intervention intervention) {
    double perplexity = LossSum.total(losses.get(intervention)).perplexity();
    return switch (quantity) {
      case CHUNK_LOSS -> losses.get(intervention).stream().mapToDouble(LossSum::sum).toArray();
      case PERPLEXITY -> new double[] {perplexity};
      case EFFECT ->
          new double[] {perplexity / LossSum.total(losses.get(Intervention.BASELINE)).perplexity()};
      case LOGIT -> throw new IllegalArgumentException("losses have no logits");
    };
  }

  @AfterAll
  void leaveTheTable() throws IOException {
    Path reports = Path.of(System.getProperty("touchstone.reports", "reports"));
    AtomicFile.write(reports.resolve("agreement.md"), distances.markdown());
    AtomicFile.write(
        reports.resolve("agreement.json"),
        new ObjectMapper().writerWithDefaultPrettyPrinter().writeValueAsString(distances.json()));
  }
}
