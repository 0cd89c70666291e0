package dev.touchstone.suite.reproduction;

import ai.djl.ndarray.NDManager;
import dev.touchstone.decomposition.ComponentModel;
import dev.touchstone.model.Checkpoint;
import dev.touchstone.model.LlamaSimpleMlp;
import dev.touchstone.tensor.Compute;
import java.nio.file.Path;

/**
 * llama-nano and its decomposition, as the repository has them.
 *
 * @param manager where both live
 */
record DecomposedLlama(
    Checkpoint weights,
    Checkpoint decomposition,
    LlamaSimpleMlp target,
    ComponentModel model,
    NDManager manager)
    implements AutoCloseable {

  static DecomposedLlama open() {
    Path folder = Path.of("golden/subjects/llama-nano");
    Checkpoint weights = Checkpoint.open(folder.resolve("model.safetensors"));
    Checkpoint decomposition = Checkpoint.open(folder.resolve("decomposition.safetensors"));
    NDManager manager = Compute.fromProperties().newManager();
    LlamaSimpleMlp target = LlamaSimpleMlp.load(weights, manager);
    return new DecomposedLlama(
        weights,
        decomposition,
        target,
        ComponentModel.load(decomposition, target, manager),
        manager);
  }

  @Override
  public void close() {
    manager.close();
  }
}
