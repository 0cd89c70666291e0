package dev.touchstone.suite.experiment;

import dev.touchstone.corpus.Assets;
import dev.touchstone.corpus.Corpus;
import dev.touchstone.laboratory.Engine;
import dev.touchstone.laboratory.Laboratory;
import dev.touchstone.suite.experiment.exp06.CircuitInjection;
import dev.touchstone.suite.experiment.exp06.QueryKeyClusters;
import dev.touchstone.suite.experiment.exp06.QueryKeyPca;
import dev.touchstone.suite.experiment.exp06.QueryKeyReplacement;
import dev.touchstone.suite.experiment.exp06.QueryKeyVariants;
import dev.touchstone.suite.experiment.exp07.LowRankWriting;
import dev.touchstone.suite.experiment.exp07.ResidualWrites;
import dev.touchstone.suite.experiment.exp07.SharedBasis;
import dev.touchstone.suite.experiment.exp07.WriteComponents;
import dev.touchstone.suite.experiment.exp07.WriteNorms;
import dev.touchstone.suite.experiment.exp07.WriteSensitivity;
import dev.touchstone.suite.experiment.exp10b.AttendingHeads;
import dev.touchstone.suite.experiment.exp10b.ReluConditions;
import dev.touchstone.suite.experiment.exp10d.AttentionArithmetic;
import dev.touchstone.suite.experiment.exp10d.BestOfN;
import dev.touchstone.suite.experiment.exp10d.GenerationSetup;
import dev.touchstone.suite.experiment.exp10d.GenerationSpeed;
import dev.touchstone.suite.experiment.exp10d.Kernelization;
import dev.touchstone.suite.experiment.exp10d.SelfRefinement;
import dev.touchstone.suite.experiment.spd.LlamaNano;
import dev.touchstone.suite.observation.Experiment;
import dev.touchstone.suite.observation.Observables;
import dev.touchstone.suite.observation.Protocol;
import dev.touchstone.suite.observation.Tier;
import dev.touchstone.suite.subject.Bench;
import dev.touchstone.suite.subject.GivenModel;
import dev.touchstone.suite.subject.TestPerplexity;
import dev.touchstone.tensor.Compute;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Every experiment over every subject. What two observables share is measured once, whichever is
 * asked for first.
 */
public final class Experiments {
  /** The file in the user's cache that keeps what was measured, from run to run. */
  public static final String RECORD = "laboratory.sqlite";

  private static final String LLAMA_NANO = "llama-nano";

  private final Map<String, Bench> benches = new LinkedHashMap<>();
  private final Map<String, Map<Tier, Observables>> observables = new LinkedHashMap<>();
  private final Map<String, Map<Tier, Observables>> varied = new ConcurrentHashMap<>();
  private final LlamaNano llamaNano;

  /**
   * All experiments, none of which looks for a file before it is asked for something.
   *
   * @param golden the repository's {@code golden} folder
   */
  public Experiments(Assets assets, Path golden, Laboratory laboratory, Compute compute) {
    this(assets, golden, laboratory, compute, Optional.empty());
  }

  /**
   * All experiments, on a user's model too.
   *
   * @param golden the repository's {@code golden} folder
   */
  public Experiments(
      Assets assets,
      Path golden,
      Laboratory laboratory,
      Compute compute,
      Optional<GivenModel> given) {
    Bench gpt2 = Bench.gpt2(assets, laboratory, compute);
    Bench nano144 = Bench.nano144(golden, laboratory, compute);
    Stream<Bench> users = given.stream().map(model -> Bench.of(model, laboratory, compute));
    for (Bench bench : Stream.concat(Stream.of(gpt2, nano144), users).toList()) {
      benches.put(bench.name(), bench);
      observables.put(bench.name(), everything(bench, gpt2));
    }
    llamaNano = new LlamaNano(golden, compute);
    Observables ofLlamaNano = llamaNano.observables();
    observables.put(LLAMA_NANO, Map.of(Tier.TWO_K, ofLlamaNano, Tier.FULL, ofLlamaNano));
  }

  /** The laboratory whose record all runs of a user share. */
  public static Laboratory laboratory(Assets assets) {
    return Laboratory.at(record(assets), Engine.fromProperties());
  }

  /** Where that record is. */
  public static Path record(Assets assets) {
    return assets.userCache().resolve(RECORD);
  }

  /** {@code gpt2}, {@code nano144}, what is given, {@code llama-nano}. */
  public List<String> subjects() {
    return List.copyOf(observables.keySet());
  }

  /** The hash of a subject's weights. */
  public String sha256(String subject) {
    return subject.equals(LLAMA_NANO) ? llamaNano.sha256() : bench(subject).sha256();
  }

  /** The SHA-256 of the texts that were read so far, by what people call them. */
  public SortedMap<String, String> texts() {
    return Stream.concat(benches.values().stream().flatMap(Bench::texts), llamaNano.text().stream())
        .collect(
            Collectors.toMap(Corpus::name, Corpus::textSha256, (one, same) -> same, TreeMap::new));
  }

  /** A subject of GPT-2's architecture with its texts. */
  public Bench bench(String subject) {
    return benches.get(subject);
  }

  /** What can be observed of a subject over a text of some extent. */
  public Observables observables(String subject, Tier extent) {
    return observables.get(subject).get(measured(extent));
  }

  /**
   * What can be observed of a subject's heads when a choice of the protocol is made otherwise; of
   * everything else, nothing.
   */
  public Observables observables(String subject, Tier extent, Protocol protocol) {
    if (protocol == Protocol.REPORTS) {
      return observables(subject, extent);
    }
    return varied
        .computeIfAbsent(subject + " " + protocol, key -> varied(bench(subject), protocol))
        .get(measured(extent));
  }

  /** What needs no text is the same over any: it is asked where the whole text is. */
  private static Tier measured(Tier tier) {
    return tier == Tier.TWO_K ? tier : Tier.FULL;
  }

  private static Map<Tier, Observables> varied(Bench bench, Protocol protocol) {
    return byExtent(new HeadExperiments(bench, protocol)::over);
  }

  private static Map<Tier, Observables> byExtent(Function<Tier, List<Experiment>> experiments) {
    Map<Tier, Observables> byExtent = new EnumMap<>(Tier.class);
    for (Tier extent : List.of(Tier.TWO_K, Tier.FULL)) {
      byExtent.put(extent, Observables.of(experiments.apply(extent)));
    }
    return byExtent;
  }

  /** What several experiments share, and below it a line for each experiment. */
  private static Map<Tier, Observables> everything(Bench bench, Bench gpt2) {
    HeadExperiments heads = new HeadExperiments(bench, Protocol.REPORTS);
    ReluConditions conditions = new ReluConditions(heads.effects(Tier.TWO_K));
    GenerationSetup generation = new GenerationSetup(bench, conditions);
    TestPerplexity test = TestPerplexity.whole(bench);
    QueryKeyPca pca = new QueryKeyPca(bench);
    CircuitInjection injection = new CircuitInjection(pca, test);
    CircuitInjection beginning = new CircuitInjection(pca, TestPerplexity.beginning(bench));
    ResidualWrites writes = new ResidualWrites(bench);
    List<Experiment> experiments =
        List.of(
            pca,
            new QueryKeyVariants(bench, pca),
            new QueryKeyReplacement(pca, injection),
            new QueryKeyClusters(pca, injection, beginning),
            new WriteNorms(writes),
            new WriteComponents(writes),
            new SharedBasis(writes),
            new LowRankWriting(writes, test),
            new WriteSensitivity(writes),
            new GenerationSpeed(generation),
            new SelfRefinement(generation),
            new BestOfN(generation),
            new AttentionArithmetic(),
            new CorpusFacts(gpt2));
    return byExtent(
        extent -> {
          List<Experiment> all = new ArrayList<>(heads.over(extent));
          all.add(new AttendingHeads(heads.effects(extent)));
          all.add(new Kernelization(heads.effects(extent), conditions));
          all.addAll(experiments);
          return all;
        });
  }
}
