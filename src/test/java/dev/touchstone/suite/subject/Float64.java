package dev.touchstone.suite.subject;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import dev.touchstone.corpus.Chunk;
import dev.touchstone.corpus.Chunks;
import dev.touchstone.intervention.HeadMeans;
import dev.touchstone.intervention.Intervention;
import dev.touchstone.intervention.Materials;
import dev.touchstone.intervention.MeanAblation;
import dev.touchstone.laboratory.Subject;
import dev.touchstone.model.Gpt2;
import dev.touchstone.model.Gpt2Config;
import dev.touchstone.model.Hooks;
import dev.touchstone.model.Site;
import dev.touchstone.model.Weights;
import dev.touchstone.statistics.LossSum;
import dev.touchstone.tensor.Compute;
import dev.touchstone.tensor.Scope;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A subject's model in float64 on the CPU, for what float32 loses there and on other devices. It is
 * the same code and no oracle: a mistake in an operator is in both.
 */
public final class Float64 implements AutoCloseable {
  private static final int BATCH = 2048;

  private final Gpt2 model;
  private final NDManager manager;

  private Float64(Gpt2 model, NDManager manager) {
    this.model = model;
    this.manager = manager;
  }

  /** The checkpoint's weights, and their processing in float64 too. */
  public static Float64 of(Subject subject) {
    NDManager manager = new Compute(Device.cpu(), subject.compute().threads()).newManager();
    Weights stored = Weights.load(subject.checkpoint(), manager);
    Map<String, NDArray> wide = new LinkedHashMap<>();
    stored
        .tensors()
        .forEach((name, tensor) -> wide.put(name, tensor.toType(DataType.FLOAT64, true)));
    Weights processed = subject.processing().apply(new Weights(stored.config(), wide));
    return new Float64(Gpt2.of(processed, manager), manager);
  }

  /** Logits of a chunk [position, vocabulary], row by row, less the mean of each row. */
  public double[] logits(int[] tokens) {
    return Scope.measure(
        () -> {
          NDArray logits = model.logits(Gpt2.ids(manager, List.of(tokens)), Hooks.NONE).get(0);
          return logits.sub(logits.mean(new int[] {1}, true)).toDoubleArray();
        });
  }

  /** As a laboratory gives them, of interventions that name no material but the evaluated means. */
  public Map<Intervention, List<LossSum>> losses(Chunks chunks, List<Intervention> interventions) {
    Materials materials = Materials.NONE.with(MeanAblation.EVALUATED, headMeans(chunks));
    Map<Intervention, List<LossSum>> losses = new LinkedHashMap<>();
    for (Intervention intervention : interventions) {
      List<LossSum> each = new ArrayList<>();
      for (List<int[]> batch : batches(chunks)) {
        each.addAll(losses(batch, intervention.hooks(materials)));
      }
      losses.put(intervention, each);
    }
    return losses;
  }

  private List<LossSum> losses(List<int[]> batch, Hooks hooks) {
    int predicted = batch.get(0).length - 1;
    double[] losses =
        Scope.measure(
            () -> {
              NDArray ids = Gpt2.ids(manager, batch);
              NDArray wanted = ids.get(":, 1:").reshape(batch.size(), predicted, 1);
              return model
                  .logits(ids, hooks)
                  .get(":, 0:" + predicted)
                  .logSoftmax(2)
                  .gather(wanted, 2)
                  .neg()
                  .toDoubleArray();
            });
    List<LossSum> sums = new ArrayList<>();
    for (int first = 0; first < losses.length; first += predicted) {
      double sum = 0;
      for (int i = first; i < first + predicted; i++) {
        sum += losses[i];
      }
      sums.add(new LossSum(sum, predicted));
    }
    return sums;
  }

  private HeadMeans headMeans(Chunks chunks) {
    Gpt2Config config = model.config();
    double[][] sums = new double[config.layers()][config.width()];
    Hooks collect =
        (site, layer, activation) -> {
          double[] sum = activation.sum(new int[] {0, 1}).toDoubleArray();
          for (int i = 0; i < sum.length; i++) {
            sums[layer][i] += sum[i];
          }
          return activation;
        };
    long positions = 0;
    for (List<int[]> batch : batches(chunks)) {
      model.watch(batch, collect.only(Site.Z));
      positions += (long) batch.size() * chunks.length();
    }
    List<float[]> means = new ArrayList<>();
    for (double[] sum : sums) {
      float[] mean = new float[sum.length];
      for (int i = 0; i < mean.length; i++) {
        mean[i] = (float) (sum[i] / positions);
      }
      means.add(mean);
    }
    return new HeadMeans(config.heads(), means);
  }

  private static List<List<int[]>> batches(Chunks chunks) {
    List<int[]> all = chunks.all().stream().map(Chunk::tokens).toList();
    int size = Math.max(1, BATCH / chunks.length());
    List<List<int[]>> batches = new ArrayList<>();
    for (int from = 0; from < all.size(); from += size) {
      batches.add(all.subList(from, Math.min(all.size(), from + size)));
    }
    return batches;
  }

  @Override
  public void close() {
    manager.close();
  }
}
