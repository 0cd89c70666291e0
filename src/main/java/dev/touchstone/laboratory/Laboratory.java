package dev.touchstone.laboratory;

import dev.touchstone.corpus.Chunk;
import dev.touchstone.corpus.Chunks;
import dev.touchstone.intervention.Deferred;
import dev.touchstone.intervention.Donors;
import dev.touchstone.intervention.HeadMeans;
import dev.touchstone.intervention.Intervention;
import dev.touchstone.intervention.Material;
import dev.touchstone.intervention.Materials;
import dev.touchstone.intervention.MeanAblation;
import dev.touchstone.laboratory.NumericsVersion.Measurement;
import dev.touchstone.measurement.OptimalConstants;
import dev.touchstone.measurement.Reference;
import dev.touchstone.model.Gpt2Config;
import dev.touchstone.model.Hooks;
import dev.touchstone.model.TokenIds;
import dev.touchstone.runtime.Lazy;
import dev.touchstone.runtime.Progress;
import dev.touchstone.runtime.Sha256;
import dev.touchstone.statistics.LossSum;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.LongStream;

/**
 * Runs interventions on subjects and keeps what they gave, so that nothing is computed twice by any
 * experiment, run or test. A chunk's unmodified pass is shared: an intervention whose first layer
 * is l computes only from l on.
 */
public final class Laboratory implements AutoCloseable {
  private static final Pattern SEED = Pattern.compile("\\d{1,9}");

  private final Store store;
  private final Engine engine;
  private final NumericsVersion numerics;
  private final Optional<Rehearsal> rehearsal;
  private final Map<String, Progress> expected = new HashMap<>();
  private final AtomicLong computed = new AtomicLong();
  private final AtomicLong reused = new AtomicLong();
  private Optional<Made> latest = Optional.empty();

  /** A material that passes needed, by its fingerprint. */
  private record Made(String fingerprint, Material material) {}

  private Laboratory(
      Store store, Engine engine, NumericsVersion numerics, Optional<Rehearsal> rehearsal) {
    this.store = store;
    this.engine = engine;
    this.numerics = numerics;
    this.rehearsal = rehearsal;
  }

  /**
   * A laboratory that keeps its record in a file, which may be there already and may be in use by
   * another process. One that cannot be written is used as it is, and where none can be made
   * everything is measured; nothing new is kept then, which the first such number says.
   *
   * @throws IllegalStateException when there is something that cannot be read, or a file where a
   *     folder should be
   */
  public static Laboratory at(Path record) {
    return at(record, Engine.here());
  }

  /**
   * The same, whose numbers are computed elsewhere.
   *
   * @param engine closed with the laboratory
   */
  public static Laboratory at(Path record, Engine engine) {
    return new Laboratory(Store.open(record), engine, NumericsVersion.current(), Optional.empty());
  }

  /** One whose numbers are taken for those of some code. */
  static Laboratory at(Path record, NumericsVersion numerics) {
    return new Laboratory(Store.open(record), Engine.here(), numerics, Optional.empty());
  }

  /**
   * A laboratory that measures nothing and keeps nothing: it counts what one at the same record
   * would measure.
   */
  public static Laboratory rehearsing(Path record) {
    return new Laboratory(
        Store.open(record), Engine.here(), NumericsVersion.current(), Optional.of(new Rehearsal()));
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
   *     which are measured here, and donors, which are drawn of these chunks where a seed names
   *     them
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
    Materials complete = complete(subject, chunks, interventions, materials);
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
        Task.Parts keep =
            (part, sum) -> {
              record(run, sum);
              sums.putAll(sum);
              advance(subject, progress, 1, each);
            };
        List<Task> tasks = List.of(new Task.HeadSums(missing));
        if (rehearsal.isPresent()) {
          rehearsal.get().asked(config, tasks, Materials.NONE);
          for (int i = 0; i < missing.size(); i++) {
            rehearsal.get().missing(each);
            keep.accept(i, rehearsal.get().outputSums(config, missing.get(i)));
          }
        } else {
          engine.compute(
              subject, Materials.NONE, tasks, (task, part, sum) -> keep.accept(part, sum));
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

  /** The mean z of every head over the positions of each token, made when a pass needs it. */
  public Material tokenMeans(Subject subject, Chunks chunks) {
    return deferred(subject, chunks, "token means", blocks(subject, chunks), Reference::tokenMeans);
  }

  /** The mean pattern of every head over the chunks, made when a pass needs it. */
  public Material patterns(Subject subject, Chunks chunks) {
    return deferred(subject, chunks, "mean patterns", blocks(subject, chunks), Reference::patterns);
  }

  private static Work blocks(Subject subject, Chunks chunks) {
    return Work.ofBlocks(subject.config(), chunks.all().size(), chunks.length());
  }

  /**
   * For each head the constant that costs least on the chunks when it gives nothing else, as far as
   * a descent from its mean finds it; fitted when a pass needs it.
   *
   * @param stepSize of the first step, in the units of z
   */
  public Material optimalConstants(Subject subject, Chunks chunks, int steps, double stepSize) {
    int together =
        Math.max(1, subject.compute().tokensAtOnce(perToken(subject, chunks)) / chunks.length());
    return deferred(
        subject,
        chunks,
        "constants of each head after %d steps of %s".formatted(steps, stepSize),
        Work.ofDescents(subject.config(), chunks.all().size(), chunks.length(), steps),
        reference -> OptimalConstants.ofEachHead(reference, together, steps, stepSize));
  }

  /**
   * So that what is kept already needs no model to be known by the same line. What was made last is
   * held, since an experiment names it in one call after the other; it may be large, so no more is.
   */
  private Material deferred(
      Subject subject, Chunks chunks, String what, Work work, Function<Reference, Material> made) {
    String all =
        describe(
            subject,
            chunks,
            what,
            after(chunks),
            numerics.of(Measurement.REFERENCES, Intervention.BASELINE));
    String fingerprint = Sha256.of(all.getBytes(StandardCharsets.UTF_8)).substring(0, 16);
    rehearsal.ifPresent(counting -> counting.toMake(fingerprint, work));
    Lazy<Material> material =
        new Lazy<>(
            () -> {
              Optional<Made> held = latest.filter(each -> each.fingerprint().equals(fingerprint));
              if (held.isEmpty()) {
                Reference reference = new Reference(subject.model(), tokens(chunks));
                held = Optional.of(new Made(fingerprint, made.apply(reference)));
                advance(subject, Progress.silent(), 0, work);
                latest = held;
              }
              return held.get().material();
            });
    return new Deferred(fingerprint, material::get);
  }

  private static List<int[]> tokens(Chunks chunks) {
    return chunks.all().stream().map(Chunk::tokens).toList();
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

  /**
   * Continuations of prompts, sampled under an intervention and scored by the unmodified model.
   *
   * @param intervention one that names no material
   * @param seeds how often to draw all candidates anew
   * @return for each seed from 0 on the candidates' losses, those of a prompt one after the other
   * @throws IllegalArgumentException when the intervention names a head the model has not, or the
   *     context has no room for prompt and continuation
   */
  public List<List<LossSum>> candidates(
      Subject subject, Chunks prompts, Intervention intervention, Candidates wanted, int seeds) {
    intervention.check(subject.config());
    int longest = subject.config().context() - wanted.tokens();
    if (prompts.length() > longest) {
      throw new IllegalArgumentException(
          "prompts of %d tokens cannot be continued by %d: %s has a context of %d; take prompts of at most %d"
              .formatted(
                  prompts.length(),
                  wanted.tokens(),
                  subject.name(),
                  subject.config().context(),
                  longest));
    }
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
        Task.Parts keep =
            (part, numbers) -> {
              int seed = missing.get(part);
              record(runs.get(seed), numbers);
              bySeed.put(seed, losses(numbers));
              advance(subject, progress, 1, work);
            };
        int together = seedsTogether(subject.config(), each * (prompts.length() + wanted.tokens()));
        List<Task> tasks = new ArrayList<>();
        for (int from = 0; from < missing.size(); from += together) {
          List<Integer> some = missing.subList(from, Math.min(missing.size(), from + together));
          tasks.add(new Task.Draws(prompts, intervention, wanted, some));
        }
        if (rehearsal.isPresent()) {
          rehearsal.get().asked(subject.config(), tasks, Materials.NONE);
          for (int i = 0; i < missing.size(); i++) {
            rehearsal.get().missing(work);
            keep.accept(i, imagined(each, wanted.tokens()));
          }
        } else {
          engine.compute(
              subject,
              Materials.NONE,
              tasks,
              (task, part, numbers) -> keep.accept(task * together + part, numbers));
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

  private Map<Long, double[]> imagined(int candidates, int tokens) {
    Map<Long, double[]> losses = new TreeMap<>();
    LongStream.range(0, candidates)
        .forEach(i -> losses.put(i, Passes.numbers(rehearsal.orElseThrow().loss(tokens))));
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
    return losses(numbers(run));
  }

  private static Map<Long, LossSum> losses(Map<Long, double[]> numbers) {
    Map<Long, LossSum> losses = new HashMap<>();
    numbers.forEach((part, loss) -> losses.put(part, new LossSum(loss[0], (long) loss[1])));
    return losses;
  }

  /** What the interventions name, and nothing else. */
  private Materials complete(
      Subject subject,
      Chunks chunks,
      Collection<? extends Intervention> interventions,
      Materials materials) {
    Materials complete = Materials.NONE;
    for (String name :
        interventions.stream()
            .flatMap(intervention -> intervention.materials().stream())
            .collect(Collectors.toCollection(TreeSet::new))) {
      Material material;
      if (name.equals(MeanAblation.EVALUATED)) {
        material = headMeans(subject, chunks);
      } else if (SEED.matcher(name).matches() && !materials.byName().containsKey(name)) {
        material = Donors.drawn(tokens(chunks), Integer.parseInt(name));
      } else {
        material = materials.get(name);
      }
      complete = complete.with(name, material);
    }
    return complete;
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
    List<Task.Losses> tasks = new ArrayList<>();
    for (List<Chunk> batch : batches) {
      List<Intervention> pending =
          runs.keySet().stream()
              .filter(intervention -> missing(known.get(intervention), batch))
              .sorted(Comparator.comparingInt(Intervention::firstLayer))
              .toList();
      if (!pending.isEmpty()) {
        tasks.add(new Task.Losses(batch, pending));
      }
    }
    try (Progress progress = begin(subject, ", " + runs.size() + " interventions", passes)) {
      Engine.Results results =
          (task, part, numbers) -> {
            List<Chunk> batch = tasks.get(task).batch();
            Intervention intervention = tasks.get(task).interventions().get(part);
            record(runs.get(intervention), numbers);
            known.get(intervention).putAll(losses(numbers));
            advance(subject, progress, 1, work(subject, batch, intervention));
          };
      if (rehearsal.isPresent()) {
        rehearsal.get().asked(subject.config(), tasks, materials);
        for (int task = 0; task < tasks.size(); task++) {
          for (int part = 0; part < tasks.get(task).interventions().size(); part++) {
            results.accept(task, part, imagined(tasks.get(task).batch()));
          }
        }
      } else {
        engine.compute(subject, materials, List.copyOf(tasks), results);
      }
    }
  }

  private static Work work(Subject subject, List<Chunk> batch, Intervention intervention) {
    return Work.ofLosses(
        subject.config(), intervention, batch.size(), batch.get(0).tokens().length);
  }

  private Map<Long, double[]> imagined(List<Chunk> batch) {
    Map<Long, double[]> losses = new TreeMap<>();
    for (Chunk chunk : batch) {
      LossSum loss = rehearsal.orElseThrow().loss(chunk.tokens().length - 1);
      losses.put(chunk.key(), Passes.numbers(loss));
    }
    return losses;
  }

  private static boolean missing(Map<Long, LossSum> known, List<Chunk> batch) {
    return batch.stream().anyMatch(chunk -> !known.containsKey(chunk.key()));
  }

  /** Bytes that a pass holds for a token. */
  private static long perToken(Subject subject, Chunks chunks) {
    Gpt2Config config = subject.config();
    // Of a block whose pattern is looked at, which holds the most: its scores, twice the pattern,
    // and beside them the stream and what the MLP makes of it.
    return Float.BYTES
        * (3L * config.heads() * chunks.length() + 8L * config.width() + 2L * config.mlpWidth());
  }

  /** A batch is what the device takes at once, but a chunk at least. */
  private static List<List<Chunk>> batches(Subject subject, Chunks chunks) {
    int size =
        Math.max(1, subject.compute().tokensAtOnce(perToken(subject, chunks)) / chunks.length());
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
    engine.close();
    store.close();
  }
}
