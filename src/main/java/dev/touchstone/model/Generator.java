package dev.touchstone.model;

import ai.djl.ndarray.NDArray;
import dev.touchstone.model.Decoding.Chooser;
import dev.touchstone.tensor.Scope;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Continues prompts token by token.
 *
 * @param hooks of every pass
 * @param cached whether a pass computes only the positions that are new, or all of them
 */
public record Generator(Gpt2 model, Hooks hooks, boolean cached) {
  /**
   * What follows the prompts.
   *
   * @param tokens per prompt and copy, the copies of a prompt one after the other
   * @param contextFull whether fewer tokens were generated than asked for, because the model's
   *     context has no position left
   */
  public record Continuations(List<int[]> tokens, boolean contextFull) {
    public Continuations {
      tokens = List.copyOf(tokens);
    }
  }

  /**
   * Generates.
   *
   * @param prompts of one length
   * @param copies how many continuations each prompt gets
   * @param tokens how many to generate, as long as the context lasts
   * @throws IllegalArgumentException when the prompts are not all of one length, or longer than the
   *     context
   */
  public Continuations continuations(
      List<int[]> prompts, int copies, int tokens, Decoding decoding) {
    int prompt = TokenIds.length(prompts);
    int possible = Math.min(tokens, model.config().context() - prompt);
    List<int[]> sequences =
        IntStream.range(0, prompts.size() * copies)
            .mapToObj(i -> Arrays.copyOf(prompts.get(i / copies), prompt + Math.max(0, possible)))
            .toList();
    Chooser chooser = decoding.forSequences(sequences.size());
    if (cached) {
      continueCached(prompts, copies, sequences, chooser);
    } else {
      continueAnew(prompt, sequences, chooser);
    }
    return new Continuations(
        sequences.stream().map(each -> Arrays.copyOfRange(each, prompt, each.length)).toList(),
        possible < tokens);
  }

  private void continueCached(
      List<int[]> prompts, int copies, List<int[]> sequences, Chooser chooser) {
    int prompt = prompts.get(0).length;
    int end = sequences.get(0).length;
    try (KeyValueCache cache = new KeyValueCache(model.manager(), model.config().layers())) {
      for (int position = prompt; position < end; position++) {
        int last = position - 1;
        boolean first = position == prompt;
        append(
            sequences,
            position,
            Scope.measure(
                () -> {
                  NDArray logits =
                      model.nextLogits(
                          ids(first ? prompts : tokensAt(sequences, last)), hooks, cache);
                  if (first) {
                    cache.repeat(copies);
                  }
                  return chooser.next(first ? logits.repeat(0, copies) : logits);
                }));
      }
    }
  }

  private void continueAnew(int prompt, List<int[]> sequences, Chooser chooser) {
    for (int position = prompt; position < sequences.get(0).length; position++) {
      int length = position;
      append(
          sequences,
          position,
          Scope.measure(
              () -> {
                List<int[]> soFar =
                    sequences.stream().map(each -> Arrays.copyOf(each, length)).toList();
                NDArray stream = model.blocks(model.embed(ids(soFar), 0), 0, hooks);
                return chooser.next(model.unembed(stream.get(":, -1")));
              }));
    }
  }

  private NDArray ids(List<int[]> sequences) {
    return Gpt2.ids(model.manager(), sequences);
  }

  private static List<int[]> tokensAt(List<int[]> sequences, int position) {
    return sequences.stream().map(each -> new int[] {each[position]}).toList();
  }

  private static void append(List<int[]> sequences, int position, long[] chosen) {
    for (int i = 0; i < chosen.length; i++) {
      sequences.get(i)[position] = (int) chosen[i];
    }
  }
}
