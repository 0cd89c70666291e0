package dev.touchstone.decomposition;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import dev.touchstone.model.Head;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * What a component adds to its module's output, (x V_c) U_c: everywhere or at some positions, to
 * all of it or to the part of one head (docs/protocol.md, section 8). Taken from queries or keys it
 * is gone before the rotary embedding.
 *
 * @param head a query head of a {@code q_proj}, a key and value head of a {@code k_proj} or {@code
 *     v_proj}; empty for the whole output
 * @param positions counted from 0; empty for everywhere
 */
public record Contribution(Component component, Optional<Head> head, List<Integer> positions) {
  public Contribution {
    positions = List.copyOf(positions);
  }

  /** All that a component contributes. */
  public static Contribution of(Component component) {
    return new Contribution(component, Optional.empty(), List.of());
  }

  /** To one head only. */
  public Contribution to(Head chosen) {
    return new Contribution(component, Optional.of(chosen), positions);
  }

  /** At these positions only. */
  public Contribution at(int... chosen) {
    return new Contribution(component, head, IntStream.of(chosen).boxed().toList());
  }

  /**
   * It for an input.
   *
   * @param parts of its module
   * @param input [batch, position, d_in]
   * @param width d_head
   * @return [batch, position, d_out]
   * @throws IllegalArgumentException when the sequence has no such position
   */
  NDArray of(LinearComponents parts, NDArray input, int width) {
    int c = component.index();
    String own = c + ":" + (c + 1);
    return input
        .matMul(parts.v().get(":, " + own))
        .mul(where(input))
        .matMul(parts.u().get(own).mul(part(parts, width)));
  }

  /** [position, 1]. */
  private NDArray where(NDArray input) {
    int length = (int) input.getShape().get(1);
    float[] mask = new float[length];
    if (positions.isEmpty()) {
      Arrays.fill(mask, 1);
    }
    for (int position : positions) {
      if (position < 0 || position >= length) {
        throw new IllegalArgumentException(
            "there is no position %d in a sequence of %d tokens".formatted(position, length));
      }
      mask[position] = 1;
    }
    return input.getManager().create(mask, new Shape(length, 1));
  }

  /** [d_out]. */
  private NDArray part(LinearComponents parts, int width) {
    float[] mask = new float[(int) parts.u().getShape().get(1)];
    int from = head.map(each -> each.index() * width).orElse(0);
    Arrays.fill(mask, from, head.isPresent() ? from + width : mask.length, 1);
    return parts.u().getManager().create(mask, new Shape(mask.length));
  }
}
