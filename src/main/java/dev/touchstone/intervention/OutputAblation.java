package dev.touchstone.intervention;

import ai.djl.ndarray.NDManager;
import dev.touchstone.model.Hooks;
import dev.touchstone.model.Transformer;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * Replaces heads' outputs by others: z[:, :, h, :] = outputs of the head (docs/protocol.md, "Other
 * ablations").
 *
 * @param source the name of the material
 */
public record OutputAblation(Kind kind, HeadSet heads, String source) implements OnHeads {
  /** What the outputs are. */
  public enum Kind {
    /** The head's own on another sequence, position by position: {@link Donors}. */
    RESAMPLE,
    /** The head's mean over all positions of a text with the same token: {@link TokenMeans}. */
    TOKENMEAN,
    /** A constant that was fitted to minimize the loss: {@link HeadMeans}. */
    OPTIMAL;

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  @Override
  public OutputAblation on(HeadSet others) {
    return new OutputAblation(kind, others, source);
  }

  @Override
  public Set<String> materials() {
    return Set.of(source);
  }

  @Override
  public Materials over(
      List<int[]> sequences, Materials materials, Transformer model, NDManager manager) {
    Materials made = materials.made(source);
    Material material = made.get(source);
    if (kind == Kind.RESAMPLE && material instanceof Donors donors) {
      return made.with(source, donors.over(model, sequences, manager));
    }
    if (kind == Kind.TOKENMEAN && material instanceof TokenMeans means) {
      return made.with(source, means.over(sequences, manager));
    }
    return made;
  }

  @Override
  public Hooks hooks(Materials materials) {
    if (kind == Kind.OPTIMAL) {
      HeadMeans constants = materials.headMeans(source);
      return new Replacement(heads, constants::layer);
    }
    HeadOutputs outputs = materials.headOutputs(source);
    return new Replacement(heads, (manager, layer) -> outputs.byLayer().get(layer));
  }

  @Override
  public String toString() {
    return kind + "[" + source + "](" + heads + ")";
  }
}
