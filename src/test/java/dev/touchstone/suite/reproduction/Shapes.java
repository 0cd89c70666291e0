package dev.touchstone.suite.reproduction;

import dev.touchstone.corpus.Assets;
import dev.touchstone.corpus.Corpus;
import dev.touchstone.model.Gpt2Config;
import dev.touchstone.suite.subject.GivenModel;
import dev.touchstone.suite.training.MadeUpGpt2;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;

/** Models of other shapes than GPT-2 small's, as a user could give them. */
enum Shapes {
  FEWER_HEADS(new Gpt2Config(6, 3, 24, 96, 64, 512), 2),
  OTHER_DEPTH(new Gpt2Config(3, 8, 64, 256, 64, 600), 1),
  OTHER_WIDTH(new Gpt2Config(4, 5, 40, 100, 64, 512), 1),
  OTHER_CONTEXT(new Gpt2Config(4, 4, 32, 128, 72, 300), 3);

  /** What stands for both splits, whole or in part: exp07 takes 1000 positions. */
  private static final int TOKENS = 1300;

  final Gpt2Config config;
  private final int shards;

  Shapes(Gpt2Config config, int shards) {
    this.config = config;
    this.shards = shards;
  }

  /** By what its folder is called. */
  String word() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** Writes it into a folder of its name and gives it on the beginning of the repository's text. */
  GivenModel given(Path folder) throws IOException {
    Path own = folder.resolve(word());
    MadeUpGpt2.write(own, config, shards);
    GivenModel model =
        GivenModel.onEmbedded(own.toString(), Assets.fromEnvironment(), Path.of("golden"));
    Corpus text = model.validation().firstTokens(TOKENS);
    return new GivenModel(model.name(), model.checkpoint(), model.words(), text, text);
  }
}
