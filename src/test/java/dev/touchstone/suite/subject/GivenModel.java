package dev.touchstone.suite.subject;

import dev.touchstone.corpus.Assets;
import dev.touchstone.corpus.Corpus;
import dev.touchstone.corpus.Split;
import dev.touchstone.corpus.Unavailable;
import dev.touchstone.model.Checkpoint;
import dev.touchstone.model.CheckpointException;
import dev.touchstone.model.Gpt2Config;
import dev.touchstone.model.Weights;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * A model of GPT-2's form that a user wants to be asked what the reports say of theirs, and the
 * text it is asked on.
 *
 * @param name for readers and for files
 * @param checkpoint whole
 * @param words what its vocabulary is taken for
 * @param validation what stands for the validation text
 * @param test what stands for the test text
 */
public record GivenModel(
    String name, Checkpoint checkpoint, Vocabulary words, Corpus validation, Corpus test) {
  /** The system property that names it: a folder, or a repository of the hub at a revision. */
  public static final String PROPERTY = "touchstone.subject";

  /** What no model may be called, since something else is. */
  private static final List<String> TAKEN =
      List.of("gpt2", "nano144", "llama-nano", "corpus", "report");

  /** An eighth of it still has more than one token to predict, and generation a run of four. */
  private static final int LEAST_CONTEXT = 32;

  private static final int LEAST_LAYERS = 2;

  /**
   * The model that a system property names.
   *
   * @throws CheckpointException when what it names is no GPT-2 that can be asked
   * @throws dev.touchstone.corpus.BrokenAssetException when it names nothing that is here
   */
  public static Optional<GivenModel> fromProperties(Assets assets, Path golden) {
    return Optional.ofNullable(System.getProperty(PROPERTY))
        .map(named -> of(named, assets, golden));
  }

  /** The model that is named as the property would, on WikiText-2 where that is here. */
  public static GivenModel of(String named, Assets assets, Path golden) {
    GivenModel model = onEmbedded(named, assets, golden);
    try {
      return new GivenModel(
          model.name,
          model.checkpoint,
          model.words,
          assets.corpus(Split.VALIDATION, model.words.tokenizer()),
          assets.corpus(Split.TEST, model.words.tokenizer()));
    } catch (Unavailable notHere) {
      return model;
    }
  }

  /** The same on the repository's text, which stands for both splits. */
  public static GivenModel onEmbedded(String named, Assets assets, Path golden) {
    Checkpoint checkpoint = Checkpoint.open(assets.checkpoint(named));
    Vocabulary words = Vocabulary.of(checkpoint, checked(checkpoint).vocabulary());
    Corpus text = Bench.embeddedCorpus(golden, words.tokenizer());
    return new GivenModel(name(named), checkpoint, words, text, text);
  }

  private static Gpt2Config checked(Checkpoint checkpoint) {
    Gpt2Config config = Gpt2Config.of(checkpoint);
    for (String tensor : Weights.shapes(config).keySet()) {
      if (!checkpoint.has(tensor)) {
        throw new CheckpointException(
            checkpoint.path(), "has no tensor '" + tensor + "'", "give a whole checkpoint");
      }
    }
    refuse(
        config.context() < LEAST_CONTEXT,
        checkpoint,
        "has a context of " + config.context(),
        "the experiments take one of " + LEAST_CONTEXT + " at least");
    refuse(
        config.layers() < LEAST_LAYERS,
        checkpoint,
        "has a single layer",
        "the experiments are about layers above the first; give a model of two at least");
    return config;
  }

  private static void refuse(boolean wrong, Checkpoint checkpoint, String problem, String remedy) {
    if (wrong) {
      throw new CheckpointException(checkpoint.path(), problem, remedy);
    }
  }

  /** The last name of a folder, a file's folder or a repository, as file names have it. */
  private static String name(String named) {
    Path path = Path.of(named.replaceFirst("@[0-9a-f]{40}$", "")).toAbsolutePath().normalize();
    boolean isFile = path.toString().matches(".*\\.safetensors(\\.index\\.json)?");
    Path last = isFile ? path.getParent().getFileName() : path.getFileName();
    String name =
        (last == null ? "model" : last.toString())
            .toLowerCase(Locale.ROOT)
            .replaceAll("[^a-z0-9.]+", "-")
            .replaceAll("^[-.]+|[-.]+$", "");
    return name.isEmpty() || TAKEN.contains(name) ? "given-" + name : name;
  }

  /** Whether it is asked on WikiText-2, or on the repository's text. */
  public boolean onWikiText() {
    return !validation.equals(test);
  }

  /** What it is, as the predicate of a sentence. */
  public String likeness() {
    Gpt2Config config = Gpt2Config.of(checkpoint);
    return "has %d layers of %d heads over a d_model of %d, where GPT-2 small has 12 of 12 over 768; it reads %s in %s"
        .formatted(
            config.layers(),
            config.heads(),
            config.width(),
            onWikiText() ? "WikiText-2" : "the repository's own text (WikiText-2 is not here)",
            words.account());
  }
}
