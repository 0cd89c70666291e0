package dev.touchstone.suite.subject;

import dev.touchstone.corpus.Assets;
import dev.touchstone.corpus.Chunk;
import dev.touchstone.corpus.Chunking;
import dev.touchstone.corpus.Chunks;
import dev.touchstone.corpus.Corpus;
import dev.touchstone.corpus.Gpt2Asset;
import dev.touchstone.corpus.Split;
import dev.touchstone.corpus.Tokenizer;
import dev.touchstone.corpus.Unavailable;
import dev.touchstone.laboratory.Laboratory;
import dev.touchstone.laboratory.Subject;
import dev.touchstone.model.Checkpoint;
import dev.touchstone.model.Gpt2Config;
import dev.touchstone.model.WeightProcessing;
import dev.touchstone.model.Weights;
import dev.touchstone.runtime.Lazy;
import dev.touchstone.suite.observation.Grid;
import dev.touchstone.suite.observation.Tier;
import dev.touchstone.tensor.Compute;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * A subject with the texts it is measured on and the laboratory that measures. Everything is looked
 * for when first needed; what is not here throws {@link Unavailable} from then on.
 */
public final class Bench {
  private static final int TWO_K = 2048;
  private static final int NANO144_SEEDS = 20;

  /** What stood between the documents that GPT-2 learnt from. */
  private static final int END_OF_TEXT = 50_256;

  /** What begins every line of the text that nano144 learnt from. */
  private static final int NEWLINE = 198;

  /** exp06 and exp07 keep so many tokens of the test text. */
  public static final int TEST_TOKENS = 200_000;

  private final String name;
  private final Laboratory laboratory;
  private final Compute compute;
  private final int seeds;
  private final Lazy<Source> source;
  private final Lazy<Corpus> validation;
  private final Lazy<Corpus> test;
  private final int beginOfText;
  private final Map<WeightProcessing, Lazy<Subject>> subjects = new ConcurrentHashMap<>();
  private final Map<WeightProcessing, Lazy<Weights>> weights = new ConcurrentHashMap<>();

  /** A checkpoint as it was found; {@code whole} gives it only if it can compute logits. */
  private record Source(Checkpoint checkpoint, String sha256, Supplier<Checkpoint> whole) {}

  private Bench(
      String name,
      Laboratory laboratory,
      Compute compute,
      int seeds,
      Supplier<Source> source,
      Supplier<Corpus> validation,
      Supplier<Corpus> test,
      int beginOfText) {
    this.name = name;
    this.laboratory = laboratory;
    this.compute = compute;
    this.seeds = seeds;
    this.source = new Lazy<>(source);
    this.validation = new Lazy<>(validation);
    this.test = new Lazy<>(test);
    this.beginOfText = beginOfText;
  }

  /** GPT-2 small on WikiText-2, as far as the assets have them. */
  public static Bench gpt2(Assets assets, Laboratory laboratory, Compute compute) {
    return new Bench(
        "gpt2",
        laboratory,
        compute,
        seeds(System.getProperty("touchstone.seeds", "5")),
        () -> gpt2(assets.gpt2(), compute),
        () -> assets.corpus(Split.VALIDATION, Tokenizer.r50k()),
        () -> assets.corpus(Split.TEST, Tokenizer.r50k()),
        END_OF_TEXT);
  }

  private static Source gpt2(Gpt2Asset asset, Compute compute) {
    Checkpoint checkpoint = Checkpoint.open(asset.path());
    Lazy<Checkpoint> whole =
        new Lazy<>(
            () -> {
              if (!asset.complete()) {
                throw Unavailable.missing(
                    "GPT-2's token embedding and MLP matrices are not here, only its attention",
                    "mvn verify -Ppaper");
              }
              if (asset.pinned()) {
                Gpt2SelfCheck.check(checkpoint, compute);
              }
              return checkpoint;
            });
    return new Source(checkpoint, asset.sha256(), whole::get);
  }

  /**
   * nano144 on text like that which it learnt from last, both from the repository's {@code golden}
   * folder. The text stands for both splits.
   */
  public static Bench nano144(Path golden, Laboratory laboratory, Compute compute) {
    Supplier<Corpus> corpus = () -> corpus(golden, "refrains", Tokenizer.r50kPrefix(4096));
    return new Bench(
        "nano144",
        laboratory,
        compute,
        NANO144_SEEDS,
        () -> whole(Checkpoint.open(golden.resolve("subjects/nano144/model.safetensors"))),
        corpus,
        corpus,
        NEWLINE);
  }

  /** A model that a user gives. */
  public static Bench of(GivenModel model, Laboratory laboratory, Compute compute) {
    return new Bench(
        model.name(),
        laboratory,
        compute,
        seeds(System.getProperty("touchstone.seeds", "5")),
        () -> whole(model.checkpoint()),
        model::validation,
        model::test,
        model.words().tokenizer().vocabulary() > END_OF_TEXT ? END_OF_TEXT : NEWLINE);
  }

  private static Source whole(Checkpoint checkpoint) {
    return new Source(checkpoint, checkpoint.sha256(), () -> checkpoint);
  }

  static Corpus embeddedCorpus(Path golden, Tokenizer tokenizer) {
    return corpus(golden, "embedded", tokenizer);
  }

  private static Corpus corpus(Path golden, String name, Tokenizer tokenizer) {
    Path text = golden.resolve("corpus/" + name + ".txt");
    try {
      return Corpus.of(name, Files.readString(text), tokenizer);
    } catch (IOException e) {
      throw new UncheckedIOException("the repository's corpus " + text + " cannot be read", e);
    }
  }

  /** {@code gpt2}, {@code nano144} or what a given model is called. */
  public String name() {
    return name;
  }

  /** What measures and remembers. */
  public Laboratory laboratory() {
    return laboratory;
  }

  /** Where tensors are computed. */
  public Compute compute() {
    return compute;
  }

  /**
   * How often the subject repeats what it draws at random: 20 times on nano144, on others as the
   * system property {@code touchstone.seeds} says, 5 unless given.
   */
  public int seeds() {
    return seeds;
  }

  private static int seeds(String given) {
    if (!given.matches("[1-9][0-9]{0,3}") || given.equals("1")) {
      throw new IllegalArgumentException(
          "touchstone.seeds is \"" + given + "\"; give a number of seeds from 2 to 9999");
    }
    return Integer.parseInt(given);
  }

  /** The hash of the subject's checkpoint. */
  public String sha256() {
    return source.get().sha256();
  }

  /** The subject's dimensions; those the checkpoint lacks are 0. */
  public Gpt2Config config() {
    return Gpt2Config.of(source.get().checkpoint());
  }

  /** The subject's layers and heads. */
  public Grid grid() {
    return new Grid(config().layers(), config().heads());
  }

  /** Tokens in a chunk: the model's whole context, as far as 2048 tokens fill it. */
  public int chunk() {
    return Math.min(config().context(), TWO_K);
  }

  /** The subject as the reports loaded it, able to compute logits. */
  public Subject subject() {
    return subject(WeightProcessing.TRANSFORMER_LENS);
  }

  /** The subject under another processing of its weights. */
  public Subject subject(WeightProcessing processing) {
    return subjects
        .computeIfAbsent(
            processing,
            steps ->
                new Lazy<>(
                    () -> {
                      Subject subject =
                          new Subject(name, sha256(), source.get().whole().get(), steps, compute);
                      return laboratory.rehearsal().isPresent() ? subject.rehearsed() : subject;
                    }))
        .get();
  }

  /** Whatever weights the checkpoint has, processed; enough for what needs no logits. */
  public Weights weights(WeightProcessing processing) {
    return weights
        .computeIfAbsent(
            processing,
            steps ->
                new Lazy<>(
                    () ->
                        steps.apply(Weights.load(source.get().checkpoint(), compute.newManager()))))
        .get();
  }

  /** The validation text in chunks ({@link #chunk}) of the model's whole context (exp10). */
  public Chunks validation(Tier extent) {
    return validation(extent == Tier.TWO_K ? TWO_K : Integer.MAX_VALUE, chunk());
  }

  /** The first tokens of the validation text in chunks of a length (exp10d, P4). */
  public Chunks validation(int tokens, int length) {
    return validation.get().firstTokens(tokens).chunks(Chunking.every(length));
  }

  /**
   * As many chunks of other text as are scored: the validation text that follows them, or else the
   * test text.
   *
   * @throws Unavailable when neither is there
   */
  public Chunks besides(Chunks scored) {
    int count = scored.all().size();
    List<Chunk> following =
        validation.get().chunks(Chunking.every(scored.length())).all().stream()
            .skip(count)
            .limit(count)
            .toList();
    if (following.size() == count) {
      return new Chunks(scored.corpus(), scored.length(), following);
    }
    if (test.get().equals(validation.get())) {
      throw Unavailable.notSupported("All of the text is scored, and there is no other");
    }
    return test();
  }

  /** The first eighth of the 2K text's chunks, but two at least, since one has no other. */
  public Chunks beginning() {
    Chunks all = validation(Tier.TWO_K);
    int count = Math.min(all.all().size(), Math.max(2, all.all().size() / 8));
    return new Chunks(all.corpus(), all.length(), all.all().subList(0, count));
  }

  /** The 2048 tokens of the validation text that follow what is scored, in chunks as long. */
  public Chunks following(Chunks scored) {
    List<Chunk> following =
        validation.get().chunks(Chunking.every(scored.length())).all().stream()
            .skip(scored.all().size())
            .limit(Math.max(1, TWO_K / scored.length()))
            .toList();
    return new Chunks(scored.corpus(), scored.length(), following);
  }

  /** The token that begins a text, or what comes nearest to one in the model's vocabulary. */
  public int beginOfText() {
    return beginOfText;
  }

  /** The validation text. */
  public Corpus validation() {
    return validation.get();
  }

  /** The test text. */
  public Corpus wholeTest() {
    return test.get();
  }

  /** The texts that were read so far. */
  public Stream<Corpus> texts() {
    return Stream.of(validation, test).flatMap(text -> text.ready().stream());
  }

  /** The first 200 000 tokens of the test text in chunks of the whole context (exp06, exp07). */
  public Chunks test() {
    return test.get().firstTokens(TEST_TOKENS).chunks(Chunking.followed(chunk()));
  }
}
