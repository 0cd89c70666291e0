package dev.touchstone.suite.experiment.exp10b;

import dev.touchstone.intervention.Intervention;
import dev.touchstone.model.Head;
import dev.touchstone.suite.observation.Grid;
import java.util.List;

/**
 * The conditions of exp10d's part P: the baseline, and "ReLU-n", which linearizes the first n heads
 * of {@code best_ranking}, or in another grid than the reports' the same share.
 *
 * @param ranking the 2K effects that rank the heads
 */
public record ReluConditions(Effects ranking) {
  public static final String BASELINE = "baseline";
  public static final List<String> LINEARIZED = List.of("ReLU-30", "ReLU-70");
  public static final List<String> ALL = List.of(BASELINE, "ReLU-30", "ReLU-70");

  /** A path's variable for any of them, and for the linearized ones. */
  public static final String ANY = "{condition:baseline|ReLU-30|ReLU-70}";

  public static final String ANY_LINEARIZED = "{condition:ReLU-30|ReLU-70}";

  /** What is done to the model under a condition. */
  public Intervention named(String condition) {
    return HeadChange.RELU.on(heads(condition));
  }

  /** The heads that a condition linearizes. */
  public List<Head> heads(String condition) {
    return condition.equals(BASELINE)
        ? List.of()
        : ranking
            .bestRanking()
            .subList(
                0,
                ranking.grid().carry(Grid::aboveLayer0, Integer.parseInt(condition.substring(5))));
  }
}
