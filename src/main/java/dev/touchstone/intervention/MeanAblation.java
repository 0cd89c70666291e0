package dev.touchstone.intervention;

import dev.touchstone.model.Head;
import dev.touchstone.model.Hooks;
import java.util.Collection;
import java.util.Set;

/**
 * Replaces heads by their mean output: z[:, :, h, :] = mean z of the head (docs/protocol.md,
 * section 4).
 *
 * @param source the name of the {@link HeadMeans}: {@link #EVALUATED}, or that of means taken on
 *     another text
 */
public record MeanAblation(HeadSet heads, String source) implements OnHeads {
  /** The means over every position of the chunks that are scored, in one unmodified pass. */
  public static final String EVALUATED = "evaluated";

  /** With means over the chunks that are scored. */
  public static MeanAblation of(Collection<Head> heads) {
    return new MeanAblation(HeadSet.of(heads), EVALUATED);
  }

  @Override
  public MeanAblation on(HeadSet others) {
    return new MeanAblation(others, source);
  }

  @Override
  public Set<String> materials() {
    return Set.of(source);
  }

  @Override
  public Hooks hooks(Materials materials) {
    HeadMeans means = materials.headMeans(source);
    return new Replacement(heads, means::layer);
  }

  @Override
  public String toString() {
    return (source.equals(EVALUATED) ? "mean(" : "mean[" + source + "](") + heads + ")";
  }
}
