package dev.touchstone.measurement;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.GradientCollector;
import dev.touchstone.intervention.HeadMeans;
import dev.touchstone.intervention.HeadSet;
import dev.touchstone.model.Head;
import dev.touchstone.model.HeadGrid;
import dev.touchstone.model.Hooks;
import dev.touchstone.model.Site;
import dev.touchstone.model.TokenIds;
import dev.touchstone.model.Transformer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The constants that cost least when some heads give nothing else, found by gradient descent from
 * their means (Li and Janson 2024, "Optimal ablation for interpretability").
 *
 * @param heads whose outputs they stand for, together
 * @param constants the best that were found for these heads, and for all others what was started
 *     from
 * @param start the loss with the constants that were started from, in nats a token
 * @param loss with the best, which is never above it
 */
public record OptimalConstants(HeadSet heads, HeadMeans constants, double start, double loss) {
  private static final double FIRST_MOMENT = 0.9;
  private static final double SECOND_MOMENT = 0.999;
  private static final double SMALLEST_DIVISOR = 1e-8;

  /**
   * Fits several sets side by side, each by itself: a step is a pass over all sequences, forward
   * and back, and a move by Adam (Kingma and Ba 2015). The step size falls to 0 along half a
   * cosine.
   *
   * @param sequences of one length, whose tokens from the second on are predicted
   * @param means what is started from
   * @param stepSize of the first step, in the units of z
   */
  public static List<OptimalConstants> fit(
      Transformer model,
      List<int[]> sequences,
      List<HeadSet> sets,
      HeadMeans means,
      int steps,
      double stepSize) {
    sets.forEach(set -> set.check(model.config()));
    TokenIds.length(sequences);
    try (NDManager manager = model.manager().newSubManager()) {
      Descent descent = new Descent(model, sets, means, manager);
      for (int step = 0; step < steps; step++) {
        descent.look(sequences, true);
        descent.move(stepSize * (1 + Math.cos(Math.PI * step / steps)) / 2);
      }
      descent.look(sequences, false);
      return descent.best();
    }
  }

  /**
   * Every head's constant, fitted for it alone.
   *
   * @param reference what is scored, and whose means are started from
   * @param together how many heads are fitted side by side
   */
  public static HeadMeans ofEachHead(
      Reference reference, int together, int steps, double stepSize) {
    HeadGrid grid = reference.model().config();
    HeadMeans means = reference.means();
    List<HeadSet> each =
        Head.all(grid.layers(), grid.heads()).stream()
            .map(head -> new HeadSet(List.of(head)))
            .toList();
    HeadMeans found = means;
    for (int from = 0; from < each.size(); from += together) {
      List<HeadSet> some = each.subList(from, Math.min(each.size(), from + together));
      for (OptimalConstants fit :
          fit(reference.model(), reference.sequences(), some, means, steps, stepSize)) {
        found = found.with(fit.heads(), fit.constants());
      }
    }
    return found;
  }

  /**
   * Where a descent is. Arrays are [set, 1, head, d_head] by layer, of those that sets have heads
   * in.
   */
  private static final class Descent {
    private final Transformer model;
    private final List<HeadSet> sets;
    private final HeadMeans means;
    private final NDManager manager;
    private final int row;
    private final TreeMap<Integer, NDArray> own = new TreeMap<>();
    private final Map<Integer, float[]> here = new TreeMap<>();
    private final Map<Integer, float[]> best = new TreeMap<>();
    private final Map<Integer, double[]> gradients = new TreeMap<>();
    private final Map<Integer, double[]> first = new TreeMap<>();
    private final Map<Integer, double[]> second = new TreeMap<>();
    private final double[] starts;
    private final double[] losses;
    private int moves;

    Descent(Transformer model, List<HeadSet> sets, HeadMeans means, NDManager manager) {
      this.model = model;
      this.sets = sets;
      this.means = means;
      this.manager = manager;
      HeadGrid grid = model.config();
      row = grid.width();
      starts = new double[sets.size()];
      losses = new double[sets.size()];
      Arrays.fill(losses, Double.POSITIVE_INFINITY);
      for (int layer = 0; layer < grid.layers(); layer++) {
        float[] mask = new float[sets.size() * grid.heads()];
        boolean any = false;
        for (int set = 0; set < sets.size(); set++) {
          for (Head head : sets.get(set).heads()) {
            if (head.layer() == layer) {
              mask[set * grid.heads() + head.index()] = 1;
              any = true;
            }
          }
        }
        if (any) {
          float[] start = new float[sets.size() * row];
          for (int set = 0; set < sets.size(); set++) {
            System.arraycopy(means.byLayer().get(layer), 0, start, set * row, row);
          }
          own.put(layer, array(mask, grid.heads(), 1));
          here.put(layer, start);
          best.put(layer, start.clone());
          first.put(layer, new double[start.length]);
          second.put(layer, new double[start.length]);
        }
      }
    }

    private NDArray array(float[] values, long heads, long width) {
      // A created array borrows Java's memory, which autograd may read when Java has freed it.
      try (NDArray borrowed = manager.create(values, new Shape(sets.size(), 1, heads, width))) {
        return borrowed.duplicate();
      }
    }

    /** Measures every set's loss where it is, and the gradients there if they are wanted. */
    void look(List<int[]> sequences, boolean gradientsWanted) {
      double[] now = new double[sets.size()];
      here.forEach((layer, constants) -> gradients.put(layer, new double[constants.length]));
      for (int[] sequence : sequences) {
        try (NDScope scope = new NDScope()) {
          scope.suppressNotUsedWarning();
          int heads = model.config().heads();
          Map<Integer, NDArray> constants = new TreeMap<>();
          here.forEach((layer, values) -> constants.put(layer, array(values, heads, row / heads)));
          NDArray each;
          if (gradientsWanted) {
            constants.values().forEach(array -> array.setRequiresGradient(true));
            try (GradientCollector collector = Engine.getInstance().newGradientCollector()) {
              each = losses(sequence, constants);
              collector.backward(each.sum());
            }
            constants.forEach((layer, array) -> add(layer, array.getGradient().toFloatArray()));
          } else {
            each = losses(sequence, constants);
          }
          float[] losses = each.toFloatArray();
          for (int set = 0; set < now.length; set++) {
            now[set] += (double) losses[set] / sequences.size();
          }
        }
      }
      keepBest(now);
    }

    private void add(int layer, float[] gradient) {
      double[] sum = gradients.get(layer);
      for (int i = 0; i < gradient.length; i++) {
        sum[i] += gradient[i];
      }
    }

    /** The mean loss of a sequence's tokens under each set, [set]. */
    private NDArray losses(int[] sequence, Map<Integer, NDArray> constants) {
      Hooks replace =
          (site, layer, z) -> {
            NDArray mine = own.get(layer);
            return mine == null ? z : z.mul(mine.neg().add(1f)).add(constants.get(layer).mul(mine));
          };
      NDArray ids = TokenIds.of(manager, List.of(sequence));
      int last = sequence.length - 1;
      NDArray predicted =
          model.logits(ids, sets.size(), own.firstKey(), replace.only(Site.Z)).get(":, 0:" + last);
      NDArray tokens = ids.get(":, 1:").reshape(1, last, 1).repeat(0, sets.size());
      return predicted.logSoftmax(2).gather(tokens, 2).squeeze(2).mean(new int[] {1}).neg();
    }

    private void keepBest(double[] now) {
      for (int set = 0; set < now.length; set++) {
        if (moves == 0) {
          starts[set] = now[set];
        }
        if (now[set] < losses[set]) {
          losses[set] = now[set];
          int from = set * row;
          here.forEach(
              (layer, values) -> System.arraycopy(values, from, best.get(layer), from, row));
        }
      }
    }

    void move(double stepSize) {
      moves++;
      double firstLeft = 1 - Math.pow(FIRST_MOMENT, moves);
      double secondLeft = 1 - Math.pow(SECOND_MOMENT, moves);
      here.forEach(
          (layer, values) -> {
            double[] gradient = gradients.get(layer);
            double[] mean = first.get(layer);
            double[] square = second.get(layer);
            for (int i = 0; i < values.length; i++) {
              mean[i] = FIRST_MOMENT * mean[i] + (1 - FIRST_MOMENT) * gradient[i];
              square[i] =
                  SECOND_MOMENT * square[i] + (1 - SECOND_MOMENT) * gradient[i] * gradient[i];
              double size = Math.sqrt(square[i] / secondLeft) + SMALLEST_DIVISOR;
              values[i] -= (float) (stepSize * mean[i] / firstLeft / size);
            }
          });
    }

    List<OptimalConstants> best() {
      List<OptimalConstants> found = new ArrayList<>();
      for (int set = 0; set < sets.size(); set++) {
        int from = set * row;
        List<float[]> byLayer = new ArrayList<>(means.byLayer());
        best.forEach(
            (layer, values) -> byLayer.set(layer, Arrays.copyOfRange(values, from, from + row)));
        HeadMeans constants = means.with(sets.get(set), new HeadMeans(means.heads(), byLayer));
        found.add(new OptimalConstants(sets.get(set), constants, starts[set], losses[set]));
      }
      return found;
    }
  }
}
