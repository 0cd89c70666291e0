package dev.touchstone.suite.experiment;

import dev.touchstone.corpus.Assets;
import dev.touchstone.laboratory.Laboratory;
import dev.touchstone.statistics.AttentionFlops;
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
import dev.touchstone.suite.experiment.exp10b.PreviousToken;
import dev.touchstone.suite.experiment.exp10b.ReluConditions;
import dev.touchstone.suite.experiment.exp10d.BestOfN;
import dev.touchstone.suite.experiment.exp10d.GenerationSetup;
import dev.touchstone.suite.experiment.exp10d.GenerationSpeed;
import dev.touchstone.suite.experiment.exp10d.Kernelization;
import dev.touchstone.suite.experiment.exp10d.SelfRefinement;
import dev.touchstone.suite.experiment.spd.LlamaNano;
import dev.touchstone.suite.observation.Observables;
import dev.touchstone.suite.observation.Observation;
import dev.touchstone.suite.observation.Protocol;
import dev.touchstone.suite.observation.Tier;
import dev.touchstone.suite.subject.Bench;
import dev.touchstone.suite.subject.TestPerplexity;
import dev.touchstone.tensor.Compute;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

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
    for (Bench bench :
        List.of(
            Bench.gpt2(assets, laboratory, compute), Bench.nano144(golden, laboratory, compute))) {
      benches.put(bench.name(), bench);
      observables.put(bench.name(), register(bench, assets));
    }
    llamaNano = new LlamaNano(golden, compute);
    Observables ofLlamaNano = llamaNano.observables();
    observables.put(LLAMA_NANO, Map.of(Tier.TWO_K, ofLlamaNano, Tier.FULL, ofLlamaNano));
  }

  /** The laboratory whose record all runs of a user share. */
  public static Laboratory laboratory(Assets assets) {
    return Laboratory.at(assets.userCache().resolve(RECORD));
  }

  /** {@code gpt2}, {@code nano144}, {@code llama-nano}. */
  public List<String> subjects() {
    return List.copyOf(observables.keySet());
  }

  /** The hash of a subject's weights. */
  public String sha256(String subject) {
    return subject.equals(LLAMA_NANO) ? llamaNano.sha256() : bench(subject).sha256();
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
        .computeIfAbsent(subject + " " + protocol, key -> vary(bench(subject), protocol))
        .get(measured(extent));
  }

  /** What needs no text is the same over any: it is asked where the whole text is. */
  private static Tier measured(Tier tier) {
    return tier == Tier.TWO_K ? tier : Tier.FULL;
  }

  private static Map<Tier, Observables> vary(Bench bench, Protocol protocol) {
    HeadExperiments heads = new HeadExperiments(bench, protocol);
    Map<Tier, Observables> byExtent = new EnumMap<>(Tier.class);
    for (Tier extent : List.of(Tier.TWO_K, Tier.FULL)) {
      byExtent.put(extent, new Observables());
      heads.register(byExtent.get(extent), extent);
    }
    return byExtent;
  }

  private static Map<Tier, Observables> register(Bench bench, Assets assets) {
    HeadExperiments heads = new HeadExperiments(bench, Protocol.REPORTS);
    QueryKeyPca queryKeyPca = new QueryKeyPca(bench);
    QueryKeyVariants queryKeyVariants = new QueryKeyVariants(bench, queryKeyPca);
    TestPerplexity test = TestPerplexity.whole(bench);
    CircuitInjection injection = new CircuitInjection(queryKeyPca, test);
    QueryKeyReplacement queryKeyReplacement = new QueryKeyReplacement(queryKeyPca, injection);
    QueryKeyClusters queryKeyClusters =
        new QueryKeyClusters(
            queryKeyPca,
            injection,
            new CircuitInjection(queryKeyPca, TestPerplexity.beginning(bench)),
            queryKeyReplacement);
    ResidualWrites residualWrites = new ResidualWrites(bench);
    ReluConditions conditions = new ReluConditions(heads.effects(Tier.TWO_K));
    GenerationSetup partP = new GenerationSetup(bench, conditions);
    GenerationSpeed generationSpeed = new GenerationSpeed(partP);
    SelfRefinement selfRefinement = new SelfRefinement(partP);
    BestOfN bestOfN = new BestOfN(partP);
    Map<Tier, Observables> byExtent = new EnumMap<>(Tier.class);
    for (Tier extent : List.of(Tier.TWO_K, Tier.FULL)) {
      Observables observables = new Observables();
      heads.register(observables, extent);
      new PreviousToken(heads.effects(extent)).register(observables);
      generationSpeed.register(observables);
      new Kernelization(heads.effects(extent), conditions).register(observables);
      selfRefinement.register(observables);
      bestOfN.register(observables);
      queryKeyPca.register(observables);
      queryKeyVariants.register(observables);
      queryKeyReplacement.register(observables);
      queryKeyClusters.register(observables);
      new WriteNorms(residualWrites).register(observables);
      new WriteComponents(residualWrites).register(observables);
      new SharedBasis(residualWrites).register(observables);
      new LowRankWriting(residualWrites, test).register(observables);
      new WriteSensitivity(residualWrites).register(observables);
      new CorpusFacts(assets).register(observables);
      registerArithmetic(observables);
      byExtent.put(extent, observables);
    }
    return byExtent;
  }

  /**
   * exp10, 10L, and exp10d, P1 and P3: formulas for GPT-2 small's 144 heads of width 64, whatever
   * the subject.
   */
  private static void registerArithmetic(Observables observables) {
    AttentionFlops flops = new AttentionFlops(144, 64);
    int prompt = 128;
    int generated = 64;
    int length = prompt + generated / 2;
    observables
        .add(
            "flops/softmax/{length:\\d+}",
            a -> Observation.quantity(flops.softmaxHead(a.integer("length"))))
        .add(
            "flops/linear/{length:\\d+}",
            a -> Observation.quantity(flops.linearHead(a.integer("length"))))
        .add(
            "flops/kernel/{length:\\d+}",
            a -> Observation.quantity(flops.kernelHead(a.integer("length"))))
        .add(
            "flops/speed-up/{linearized:\\d+}/{length:\\d+}",
            a -> Observation.quantity(flops.speedUp(a.integer("linearized"), a.integer("length"))))
        .add(
            "flops/saved-share/{linearized:\\d+}",
            a -> Observation.quantity(1 - flops.perTokenRatio(a.integer("linearized"), length)))
        .add(
            "flops/extra-tokens/{linearized:\\d+}",
            a ->
                Observation.quantity(
                    flops.extraTokens(a.integer("linearized"), prompt, generated)));
  }
}
