package dev.touchstone.laboratory;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.touchstone.model.Gpt2;
import dev.touchstone.model.Hooks;
import dev.touchstone.tensor.Scope;
import java.util.Arrays;
import java.util.List;
import java.util.TreeMap;
import java.util.stream.IntStream;

/** The unmodified residual stream of a batch before each layer, computed as far as it is asked. */
final class Streams implements AutoCloseable {
  private final Gpt2 model;
  private final List<int[]> tokens;
  private final NDManager manager;

  /** Each [batch, token, d_model]. */
  private final TreeMap<Integer, NDArray> before = new TreeMap<>();

  private int outputsOf = -1;
  private NDArray outputs;

  Streams(Gpt2 model, List<int[]> tokens) {
    this.model = model;
    this.tokens = tokens;
    this.manager = model.manager().newSubManager();
  }

  boolean areOf(Gpt2 other, List<int[]> others) {
    return model == other
        && tokens.size() == others.size()
        && IntStream.range(0, tokens.size())
            .allMatch(i -> Arrays.equals(tokens.get(i), others.get(i)));
  }

  List<int[]> tokens() {
    return tokens;
  }

  /** The stream that a layer reads; of layer {@code layers} the one that is unembedded. */
  NDArray before(int layer) {
    if (before.isEmpty()) {
      before.put(0, Scope.keep(model.embed(Gpt2.ids(manager, tokens), 0), manager));
    }
    for (int last = before.floorKey(layer); last < layer; last++) {
      before.put(last + 1, Scope.keep(model.block(last, before.get(last), Hooks.NONE), manager));
    }
    return before.get(layer);
  }

  /** The outputs of a layer's heads, z; of the layer that was asked for last they are kept. */
  NDArray headOutputs(int layer) {
    if (outputsOf != layer) {
      if (outputs != null) {
        outputs.close();
      }
      outputs = Scope.keep(model.headOutputs(layer, before(layer)), manager);
      outputsOf = layer;
    }
    return outputs;
  }

  /** Frees what lies below a layer. */
  void forgetBelow(int layer) {
    var below = before.headMap(layer);
    below.values().forEach(NDArray::close);
    below.clear();
    if (outputs != null && outputsOf < layer) {
      outputs.close();
      outputs = null;
      outputsOf = -1;
    }
  }

  @Override
  public void close() {
    manager.close();
  }
}
