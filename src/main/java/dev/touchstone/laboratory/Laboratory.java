package dev.touchstone.laboratory;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.touchstone.corpus.Chunk;
import dev.touchstone.corpus.Chunks;
import dev.touchstone.intervention.HeadMeans;
import dev.touchstone.intervention.Intervention;
import dev.touchstone.intervention.Materials;
import dev.touchstone.intervention.MeanAblation;
import dev.touchstone.laboratory.NumericsVersion.Measurement;
import dev.touchstone.measurement.CrossEntropy;
import dev.touchstone.model.Decoding.SideBySide;
import dev.touchstone.model.Generator;
import dev.touchstone.model.Gpt2;
import dev.touchstone.model.Gpt2Config;
import dev.touchstone.model.Hooks;
import dev.touchstone.model.Site;
import dev.touchstone.model.TokenIds;
import dev.touchstone.runtime.Progress;
import dev.touchstone.runtime.Sha256;
import dev.touchstone.statistics.LossSum;
import dev.touchstone.tensor.Scope;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import java.util.stream.LongStream;

/**
 * Runs interventions on subjects and keeps what they gave, so that nothing is computed twice by any
 * experiment, run or test. A chunk's unmodified pass is shared: an intervention whose first layer
 * is l computes only from l on.
 */
public final class Laboratory implements AutoCloseable {
  private static final Set<Site> BEFORE_HEAD_OUTPUTS =
      EnumSet.range(Site.RESIDUAL_BEFORE, Site.PATTERN);

  private final Store store;
  private final NumericsVersion numerics;
  private final Optional<Rehearsal> rehearsal;
  private final Map<String, Progress> expected = new HashMap<>();
  private final AtomicLong computed = new AtomicLong();
  private final AtomicLong reused = new AtomicLong();

  private Laboratory(Store store, NumericsVersion numerics, Optional<Rehearsal> rehearsal) {
    this.store = store;
    this.numerics = numerics;
    this.rehearsal = rehearsal;
  }

  /**
   * A laboratory that keeps its record in a file, which may be there already and may be in use by
   * another process. One that cannot be written is used as it is, and nothing new is kept.
   *
   * @throws IllegalStateException when it can be neither read nor made
   */
  public static Laboratory at(Path record) {
    return at(record, NumericsVersion.current());
  }

  /** One whose numbers are taken for those of some code. */
  static Laboratory at(Path record, NumericsVersion numerics) {
    return new Laboratory(Store.open(record), numerics, Optional.empty());
  }

  /**
   * A laboratory that measures nothing and keeps nothing: it counts what one at the same record
   * would measure.
   */
  public static Laboratory rehearsing(Path record) {
    return new Laboratory(
        Store.open(record), NumericsVersion.current(), Optional.of(new Rehearsal()));
  }

  /** What it counts instead of measuring, if it does. */
  public Optional<Rehearsal> rehearsal() {
    return rehearsal;
  }

  /**
   * Says how much will be measured of a subject, so that one line shows how far all of it has come
   * and how long it still takes, not one for each part.
   */
  public void expect(String subject, Work work) {
    expected.computeIfAbsent(
        subject, name -> Progress.of(name + ", GFLOP", Math.max(1, (long) work.gflop())));
  }

  private Progress begin(Subject subject, String task, long steps) {
    return expected.containsKey(subject.name())
        ? Progress.silent()
        : Progress.of(subject.name() + task, steps);
  }

  private void advance(Subject subject, Progress own, long steps, Work work) {
    own.advance(steps);
    Progress whole = expected.get(subject.name());
    if (whole != null) {
      whole.advance(Math.round(work.gflop()));
    }
  }

  /**
   * A hash over all code that what is measured can depend on, and the engine's version: sixteen
   * hexadecimal digits. Loads the engine.
   */
  public String numerics() {
    return numerics.ofAll();
  }

  /** How many chunk losses this laboratory computed. */
  public long computed() {
    return computed.get();
  }

  /** How many chunk losses it took from its record. */
  public long reused() {
    return reused.get();
  }

  /** As the plural form, for one intervention that names no material. */
  public List<LossSum> losses(Subject subject, Chunks chunks, Intervention intervention) {
    return losses(subject, chunks, List.of(intervention), Materials.NONE).get(intervention);
  }

  /**
   * The summed loss of every chunk under every intervention.
   *
   * @param materials what the interventions name, but for the means over the evaluated chunks,
   *     which are measured here
   * @return per intervention, in the order given, the chunks' losses in their order
   * @throws IllegalArgumentException when an intervention names a head or layer the model has not,
   *     or a material that is not given
   */
  public Map<Intervention, List<LossSum>> losses(
      Subject subject,
      Chunks chunks,
      Collection<? extends Intervention> interventions,
      Materials materials) {
    Gpt2Config config = subject.config();
    interventions.forEach(intervention -> intervention.check(config));
    Materials complete = withMeans(subject, chunks, interventions, materials);
    Map<Intervention, String> runs = new LinkedHashMap<>();
    Map<Intervention, Map<Long, LossSum>> known = new HashMap<>();
    for (Intervention intervention : new LinkedHashSet<>(interventions)) {
      String run = describe(subject, chunks, intervention, complete);
      runs.put(intervention, run);
      known.put(intervention, kept(run));
    }
    compute(subject, chunks, runs, known, complete);
    Map<Intervention, List<LossSum>> losses = new LinkedHashMap<>();
    for (Intervention intervention : runs.keySet()) {
      Map<Long, LossSum> byChunk = known.get(intervention);
      losses.put(
          intervention, chunks.all().stream().map(chunk -> byChunk.get(chunk.key())).toList());
    }
    return losses;
  }

  /**
   * The mean z of every head over every position of the chunks, in unmodified passes.
   *
   * @return float32 means of float64 sums over chunks
   */
  public HeadMeans headMeans(Subject subject, Chunks chunks) {
    Gpt2Config config = subject.config();
    String run =
        describe(
            subject,
            chunks,
            "head means",
            "",
            numerics.of(Measurement.HEAD_SUMS, Intervention.BASELINE));
    Map<Long, double[]> sums = numbers(run);
    List<Chunk> missing =
        chunks.all().stream().filter(chunk -> !sums.containsKey(chunk.key())).toList();
    Work each = Work.ofBlocks(config, 1, chunks.length());
    if (!missing.isEmpty()) {
      try (Progress progress = begin(subject, " head means", missing.size())) {
        for (Chunk chunk : missing) {
          Map<Long, double[]> sum =
              rehearsal
                  .map(imagined -> imagined.outputSums(config, chunk))
                  .orElseGet(() -> Map.of(chunk.key(), headSums(subject.model(), chunk)));
          record(run, sum);
          sums.putAll(sum);
          rehearsal.ifPresent(counting -> counting.missing(each));
          advance(subject, progress, 1, each);
        }
      }
    }
    double[] total = new double[config.layers() * config.width()];
    long positions = 0;
    for (Chunk chunk : chunks.all()) {
      double[] sum = sums.get(chunk.key());
      for (int i = 0; i < total.length; i++) {
        total[i] += sum[i];
      }
      positions += chunk.tokens().length;
    }
    List<float[]> byLayer = new ArrayList<>();
    for (int layer = 0; layer < config.layers(); layer++) {
      float[] means = new float[config.width()];
      for (int i = 0; i < means.length; i++) {
        means[i] = (float) (total[layer * means.length + i] / positions);
      }
      byLayer.add(means);
    }
    return new HeadMeans(config.heads(), byLayer);
  }

  /** Shows hooks an unmodified pass over sequences of one length, of which nothing is kept. */
  public void watch(Subject subject, List<int[]> sequences, Hooks hooks) {
    int length = TokenIds.length(sequences);
    Work work = Work.ofBlocks(subject.config(), sequences.size(), length);
    if (rehearsal.isPresent()) {
      rehearsal.get().missing(work);
      rehearsal.get().watch(subject, sequences.size(), length, hooks);
    } else {
      subject.model().watch(sequences, hooks);
    }
    advance(subject, Progress.silent(), sequences.size(), work);
  }

  private static double[] headSums(Gpt2 model, Chunk chunk) {
    int width = model.config().width();
    double[] sums = new double[model.config().layers() * width];
    Hooks collect =
        (site, layer, activation) -> {
          float[] sum = activation.sum(new int[] {0, 1}).toFloatArray();
          for (int i = 0; i < width; i++) {
            sums[layer * width + i] = sum[i];
          }
          return activation;
        };
    model.watch(List.of(chunk.tokens()), collect.only(Site.Z));
    return sums;
  }

  /**
   * Continuations of prompts, sampled under an intervention and scored by the unmodified model.
   *
   * @param intervention one that names no material
   * @param seeds how often to draw all candidates anew
   * @return for each seed from 0 on the candidates' losses, those of a prompt one after the other
   * @throws IllegalArgumentException when the intervention names a head the model has not
   */
  public List<List<LossSum>> candidates(
      Subject subject, Chunks prompts, Intervention intervention, Candidates wanted, int seeds) {
    intervention.check(subject.config());
    int each = prompts.all().size() * wanted.copies();
    Map<Integer, String> runs = new LinkedHashMap<>();
    Map<Integer, Map<Long, LossSum>> bySeed = new TreeMap<>();
    for (int seed = 0; seed < seeds; seed++) {
      String drawn =
          String.join(
              " ",
              intervention.toString(),
              wanted.toString(),
              wanted.sampling(intervention, seed).toString(),
              after(prompts));
      String run =
          describe(subject, prompts, drawn, "", numerics.of(Measurement.CANDIDATES, intervention));
      Map<Long, LossSum> losses = kept(run);
      if (losses.size() == each) {
        bySeed.put(seed, losses);
      } else {
        runs.put(seed, run);
      }
    }
    reused.addAndGet((long) bySeed.size() * each);
    computed.addAndGet((long) runs.size() * each);
    Work work = Work.ofCandidates(subject.config(), wanted, prompts.all().size(), prompts.length());
    if (!runs.isEmpty()) {
      try (Progress progress = begin(subject, " candidates", runs.size())) {
        List<Integer> missing = List.copyOf(runs.keySet());
        int together = seedsTogether(subject.config(), each * (prompts.length() + wanted.tokens()));
        for (int from = 0; from < missing.size(); from += together) {
          List<Integer> some = missing.subList(from, Math.min(missing.size(), from + together));
          List<Map<Long, LossSum>> drawn =
              rehearsal.isPresent()
                  ? some.stream().map(seed -> imagined(each, wanted.tokens())).toList()
                  : sampled(subject.model(), prompts, intervention, wanted, some);
          for (int i = 0; i < some.size(); i++) {
            keep(runs.get(some.get(i)), drawn.get(i));
            bySeed.put(some.get(i), drawn.get(i));
            rehearsal.ifPresent(counting -> counting.missing(work));
            advance(subject, progress, 1, work);
          }
        }
      }
    }
    return bySeed.values().stream()
        .map(losses -> LongStream.range(0, each).mapToObj(losses::get).toList())
        .toList();
  }

  /** As many as have keys and values in half a gigabyte. */
  private static int seedsTogether(Gpt2Config config, int positions) {
    long bytes = 2L * Float.BYTES * config.layers() * config.width() * positions;
    return (int) Math.max(1, (1L << 29) / bytes);
  }

  /** Candidates depend on all prompts that are continued together. */
  private static String after(Chunks prompts) {
    String keys = prompts.all().stream().map(Chunk::key).toList().toString();
    return "after " + Sha256.of(keys.getBytes(StandardCharsets.US_ASCII));
  }

  private Map<Long, LossSum> imagined(int candidates, int tokens) {
    Map<Long, LossSum> losses = new TreeMap<>();
    LongStream.range(0, candidates)
        .forEach(i -> losses.put(i, rehearsal.orElseThrow().loss(tokens)));
    return losses;
  }

  /** What is kept of a run, to which more can be put. */
  private Map<Long, double[]> numbers(String run) {
    Map<Long, double[]> numbers = new HashMap<>(store.numbers(run));
    rehearsal.ifPresent(imagined -> numbers.putAll(imagined.numbers(run)));
    return numbers;
  }

  private void record(String run, Map<Long, double[]> numbers) {
    rehearsal.ifPresentOrElse(
        imagined -> imagined.record(run, numbers), () -> store.record(run, numbers));
  }

  private Map<Long, LossSum> kept(String run) {
    Map<Long, LossSum> losses = new HashMap<>();
    numbers(run).forEach((part, loss) -> losses.put(part, new LossSum(loss[0], (long) loss[1])));
    return losses;
  }

  private void keep(String run, Map<Long, LossSum> losses) {
    Map<Long, double[]> numbers = new TreeMap<>();
    losses.forEach((part, loss) -> numbers.put(part, new double[] {loss.sum(), loss.count()}));
    record(run, numbers);
  }

  private static List<Map<Long, LossSum>> sampled(
      Gpt2 model,
      Chunks prompts,
      Intervention intervention,
      Candidates wanted,
      List<Integer> seeds) {
    List<int[]> texts = prompts.all().stream().map(Chunk::tokens).toList();
    int copies = wanted.copies();
    SideBySide decoding =
        new SideBySide(
            seeds.stream().map(seed -> wanted.sampling(intervention, seed)).toList(), copies);
    List<double[]> losses =
        Scope.measure(
            () ->
                CrossEntropy.ofContinuations(
                    model,
                    texts,
                    new Generator(model, intervention.hooks(Materials.NONE), true)
                        .continuations(texts, seeds.size() * copies, wanted.tokens(), decoding)
                        .tokens()));
    List<Map<Long, LossSum>> bySeed = new ArrayList<>();
    for (int seed = 0; seed < seeds.size(); seed++) {
      Map<Long, LossSum> byCandidate = new TreeMap<>();
      for (int candidate = 0; candidate < texts.size() * copies; candidate++) {
        int prompt = candidate / copies;
        int drawn = (prompt * seeds.size() + seed) * copies + candidate % copies;
        byCandidate.put((long) candidate, LossSum.of(losses.get(drawn)));
      }
      bySeed.add(byCandidate);
    }
    return bySeed;
  }

  private Materials withMeans(
      Subject subject,
      Chunks chunks,
      Collection<? extends Intervention> interventions,
      Materials materials) {
    boolean needed =
        interventions.stream()
            .anyMatch(intervention -> intervention.materials().contains(MeanAblation.EVALUATED));
    return needed ? materials.with(MeanAblation.EVALUATED, headMeans(subject, chunks)) : materials;
  }

  private void compute(
      Subject subject,
      Chunks chunks,
      Map<Intervention, String> runs,
      Map<Intervention, Map<Long, LossSum>> known,
      Materials materials) {
    List<List<Chunk>> batches = batches(subject, chunks);
    long passes = 0;
    for (List<Chunk> batch : batches) {
      for (Intervention intervention : runs.keySet()) {
        boolean missing = missing(known.get(intervention), batch);
        passes += missing ? 1 : 0;
        (missing ? computed : reused).addAndGet(batch.size());
        rehearsal.ifPresent(
            counting -> {
              Work work = work(subject, batch, intervention);
              if (missing) {
                counting.missing(work);
              } else if (counting.numbers(runs.get(intervention)).isEmpty()) {
                counting.kept(runs.get(intervention), batch.get(0).key(), work);
              }
            });
      }
    }
    if (passes == 0) {
      return;
    }
    try (Progress progress = begin(subject, ", " + runs.size() + " interventions", passes)) {
      for (List<Chunk> batch : batches) {
        List<Intervention> pending =
            runs.keySet().stream()
                .filter(intervention -> missing(known.get(intervention), batch))
                .sorted(Comparator.comparingInt(Intervention::firstLayer))
                .toList();
        Result result =
            (intervention, losses) -> {
              keep(runs.get(intervention), losses);
              known.get(intervention).putAll(losses);
              advance(subject, progress, 1, work(subject, batch, intervention));
            };
        if (rehearsal.isPresent()) {
          pending.forEach(each -> result.accept(each, imagined(batch)));
        } else if (!pending.isEmpty()) {
          pass(subject.model(), batch, pending, materials, result);
        }
      }
    }
  }

  private static Work work(Subject subject, List<Chunk> batch, Intervention intervention) {
    return Work.ofLosses(
        subject.config(), intervention, batch.size(), batch.get(0).tokens().length);
  }

  private Map<Long, LossSum> imagined(List<Chunk> batch) {
    Map<Long, LossSum> losses = new TreeMap<>();
    batch.forEach(
        chunk -> losses.put(chunk.key(), rehearsal.orElseThrow().loss(chunk.tokens().length - 1)));
    return losses;
  }

  private static boolean missing(Map<Long, LossSum> known, List<Chunk> batch) {
    return batch.stream().anyMatch(chunk -> !known.containsKey(chunk.key()));
  }

  private interface Result {
    void accept(Intervention intervention, Map<Long, LossSum> losses);
  }

  /**
   * Interventions come by their first layer, so one unmodified stream advances below them all, and
   * those that change nothing in it before the heads' outputs share these.
   */
  private static void pass(
      Gpt2 model,
      List<Chunk> batch,
      List<Intervention> interventions,
      Materials materials,
      Result result) {
    try (NDManager manager = model.manager().newSubManager()) {
      List<int[]> tokens = batch.stream().map(Chunk::tokens).toList();
      NDArray unmodified = Scope.keep(model.embed(Gpt2.ids(manager, tokens), 0), manager);
      NDArray headOutputs = null;
      int layer = 0;
      for (Intervention intervention : interventions) {
        int first = Math.min(intervention.firstLayer(), model.config().layers());
        for (; layer < first; layer++) {
          NDArray next = Scope.keep(model.block(layer, unmodified, Hooks.NONE), manager);
          unmodified.close();
          unmodified = next;
          if (headOutputs != null) {
            headOutputs.close();
            headOutputs = null;
          }
        }
        Hooks hooks = intervention.hooks(materials);
        boolean shared =
            first < model.config().layers()
                && BEFORE_HEAD_OUTPUTS.stream().noneMatch(site -> hooks.sees(site, first));
        if (shared && headOutputs == null) {
          headOutputs = Scope.keep(model.headOutputs(first, unmodified), manager);
        }
        NDArray start = unmodified;
        NDArray z = headOutputs;
        List<LossSum> losses =
            Scope.measure(
                () -> {
                  NDArray end =
                      shared
                          ? model.blocks(start, z, first, hooks)
                          : model.blocks(start, first, hooks);
                  return CrossEntropy.perChunk(model, end, tokens);
                });
        Map<Long, LossSum> byChunk = new TreeMap<>();
        for (int i = 0; i < batch.size(); i++) {
          byChunk.put(batch.get(i).key(), losses.get(i));
        }
        result.accept(intervention, byChunk);
      }
    }
  }

  /** A batch is what the device takes at once, but a chunk at least. */
  private static List<List<Chunk>> batches(Subject subject, Chunks chunks) {
    Gpt2Config config = subject.config();
    // Of a block whose pattern is looked at, which holds the most: its scores, twice the pattern,
    // and beside them the stream and what the MLP makes of it.
    long perToken =
        3L * config.heads() * chunks.length() + 8L * config.width() + 2L * config.mlpWidth();
    int size =
        Math.max(1, subject.compute().tokensAtOnce(perToken * Float.BYTES) / chunks.length());
    List<List<Chunk>> batches = new ArrayList<>();
    for (int from = 0; from < chunks.all().size(); from += size) {
      batches.add(chunks.all().subList(from, Math.min(chunks.all().size(), from + size)));
    }
    return batches;
  }

  private String describe(
      Subject subject, Chunks chunks, Intervention intervention, Materials materials) {
    String named =
        intervention.materials().stream()
            .sorted()
            .map(name -> name + "=" + materials.get(name).fingerprint())
            .collect(Collectors.joining(" "));
    return describe(
        subject,
        chunks,
        intervention.toString(),
        named,
        numerics.of(Measurement.LOSSES, intervention));
  }

  /** One line with everything a measurement on a chunk depends on but the chunk. */
  private String describe(
      Subject subject, Chunks chunks, String what, String materials, String version) {
    return String.join(
        " | ",
        subject.sha256(),
        subject.config().toString(),
        subject.processing().toString(),
        what,
        materials,
        chunks.corpus() + " by " + chunks.length(),
        subject.compute().deviceName(),
        version);
  }

  @Override
  public void close() {
    expected.values().forEach(Progress::close);
    store.close();
  }
}
