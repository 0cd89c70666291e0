package dev.touchstone.suite.experiment;

import dev.touchstone.corpus.Assets;
import dev.touchstone.corpus.Chunking;
import dev.touchstone.corpus.Corpus;
import dev.touchstone.corpus.Split;
import dev.touchstone.corpus.Tokenizer;
import dev.touchstone.suite.observation.Experiment;
import dev.touchstone.suite.observation.Observables;
import dev.touchstone.suite.observation.Observation;
import dev.touchstone.suite.observation.Observation.Quantity;
import dev.touchstone.suite.subject.Bench;

/** What the reports say of WikiText-2 itself (docs/protocol.md, section 2): its chunks. */
final class CorpusFacts implements Experiment {
  private final Assets assets;

  CorpusFacts(Assets assets) {
    this.assets = assets;
  }

  @Override
  public void register(Observables observables) {
    observables
        .add(
            "corpus/{split:validation|test}/chunks/{length:\\d+}",
            arguments -> count(chunks(split(arguments), arguments.integer("length"))))
        .add(
            "corpus/validation/first/{tokens:\\d+}/chunks/{length:\\d+}",
            arguments ->
                count(
                    Chunking.every(arguments.integer("length"))
                        .count(
                            corpus(Split.VALIDATION)
                                .firstTokens(arguments.integer("tokens"))
                                .length())));
  }

  private static Quantity count(int value) {
    return Observation.quantity(value);
  }

  private static Split split(Observables.Arguments arguments) {
    return arguments.text("split").equals("test") ? Split.TEST : Split.VALIDATION;
  }

  private Corpus corpus(Split split) {
    return assets.corpus(split, Tokenizer.r50k());
  }

  private int chunks(Split split, int length) {
    return split == Split.VALIDATION
        ? Chunking.every(length).count(corpus(split).length())
        : Chunking.followed(length).count(corpus(split).firstTokens(Bench.TEST_TOKENS).length());
  }
}
