package dev.touchstone.suite.observation;

import java.util.List;
import java.util.function.ToIntFunction;
import java.util.stream.IntStream;

/**
 * A model's layers and the attention heads in each of them, and where a number that the reports
 * give of theirs stands in it: so many heads are the same share of all, a layer is the layer at the
 * same depth.
 */
public record Grid(int layers, int heads) {
  /** GPT-2 small's. */
  public static final Grid REPORTS = new Grid(12, 12);

  /** How many heads there are. */
  public int all() {
    return layers * heads;
  }

  /** How many are not protected where layer 0 is. */
  public int aboveLayer0() {
    return all() - heads;
  }

  /**
   * The number of heads nearest to the share that the reports' number is of theirs, but some where
   * that is some.
   *
   * @param among of which heads it is a share
   */
  public int carry(ToIntFunction<Grid> among, int number) {
    int theirs = among.applyAsInt(REPORTS);
    int nearest = (2 * number * among.applyAsInt(this) + theirs) / (2 * theirs);
    return number > 0 ? Math.max(1, nearest) : 0;
  }

  /**
   * The layers that are nearer in depth to one of the reports' than to any other of theirs, the
   * nearest first: the first layer is the first, the last the last, and no layer stands for two.
   */
  public List<Integer> at(int layer) {
    return IntStream.range(0, layers)
        .filter(own -> Math.round(theirs(own)) == layer)
        .boxed()
        .sorted(
            (one, other) ->
                Double.compare(Math.abs(theirs(one) - layer), Math.abs(theirs(other) - layer)))
        .toList();
  }

  private double theirs(int own) {
    return layers == 1 ? 0 : own * (REPORTS.layers - 1.0) / (layers - 1);
  }

  @Override
  public String toString() {
    return layers + " layers of " + heads + " heads";
  }
}
