package dev.touchstone.suite.experiment;

import dev.touchstone.corpus.Chunking;
import dev.touchstone.suite.observation.Experiment;
import dev.touchstone.suite.observation.Observables;
import dev.touchstone.suite.observation.Observation;
import dev.touchstone.suite.observation.Observation.Quantity;
import dev.touchstone.suite.subject.Bench;

/** What the reports say of WikiText-2 itself (docs/protocol.md, section 2): its chunks. */
final class CorpusFacts implements Experiment {
  private final Bench gpt2;

  CorpusFacts(Bench gpt2) {
    this.gpt2 = gpt2;
  }

  @Override
  public void register(Observables observables) {
    observables
        .add(
            "corpus/{split:validation|test}/chunks/{length:\\d+}",
            arguments -> count(chunks(arguments.text("split"), arguments.integer("length"))))
        .add(
            "corpus/validation/first/{tokens:\\d+}/chunks/{length:\\d+}",
            arguments ->
                count(
                    Chunking.every(arguments.integer("length"))
                        .count(
                            gpt2.validation().firstTokens(arguments.integer("tokens")).length())));
  }

  private static Quantity count(int value) {
    return Observation.quantity(value);
  }

  private int chunks(String split, int length) {
    return split.equals("validation")
        ? Chunking.every(length).count(gpt2.validation().length())
        : Chunking.followed(length).count(gpt2.wholeTest().firstTokens(Bench.TEST_TOKENS).length());
  }
}
