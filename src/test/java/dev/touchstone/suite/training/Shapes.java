package dev.touchstone.suite.training;

import dev.touchstone.corpus.Assets;
import dev.touchstone.corpus.Corpus;
import dev.touchstone.model.Gpt2Config;
import dev.touchstone.suite.subject.GivenModel;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;

/** Models of other shapes than GPT-2 small's, as a user could give them. */
public enum Shapes {
  FEWER_HEADS(new Gpt2Config(4, 3, 24, 96, 128, 512), 2),
  OTHER_DEPTH(new Gpt2Config(3, 8, 64, 256, 128, 600), 1),
  OTHER_WIDTH(new Gpt2Config(4, 5, 40, 100, 128, 512), 1),
  OTHER_CONTEXT(new Gpt2Config(4, 4, 32, 128, 96, 300), 3);

  /** What stands for both splits, whole or in part: exp07 takes 1000 positions. */
  private static final int TOKENS = 1100;

  private final Gpt2Config config;
  private final int shards;

  Shapes(Gpt2Config config, int shards) {
    this.config = config;
    this.shards = shards;
  }

  /** Its dimensions. */
  public Gpt2Config config() {
    return config;
  }

  /** What its folder is called. */
  public String word() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** Writes it into a folder of its name and gives it on the beginning of the repository's text. */
  public GivenModel given(Path folder) throws IOException {
    Path own = folder.resolve(word());
    MadeUpGpt2.write(own, config, shards);
    GivenModel model =
        GivenModel.onEmbedded(own.toString(), Assets.fromEnvironment(), Path.of("golden"));
    Corpus text = model.validation().firstTokens(TOKENS);
    return new GivenModel(model.name(), model.checkpoint(), model.words(), text, text);
  }
}
