package dev.touchstone.suite.reproduction;

import dev.touchstone.corpus.Assets;
import dev.touchstone.corpus.Unavailable;
import dev.touchstone.laboratory.Laboratory;
import dev.touchstone.model.Head;
import dev.touchstone.runtime.Lazy;
import dev.touchstone.runtime.Sha256;
import dev.touchstone.suite.audit.Formula;
import dev.touchstone.suite.claim.Basis;
import dev.touchstone.suite.claim.Claim;
import dev.touchstone.suite.claim.Expectation;
import dev.touchstone.suite.experiment.Experiments;
import dev.touchstone.suite.figure.FigureData;
import dev.touchstone.suite.golden.ClaimCatalog;
import dev.touchstone.suite.golden.Fault;
import dev.touchstone.suite.golden.FaultFile;
import dev.touchstone.suite.golden.PlanFile;
import dev.touchstone.suite.golden.ScaleFile;
import dev.touchstone.suite.golden.SlackFile;
import dev.touchstone.suite.observation.Grid;
import dev.touchstone.suite.observation.Losses;
import dev.touchstone.suite.observation.Observables;
import dev.touchstone.suite.observation.Observatory;
import dev.touchstone.suite.observation.Protocol;
import dev.touchstone.suite.observation.Tier;
import dev.touchstone.suite.page.AllureHistory;
import dev.touchstone.suite.page.ClaimPages;
import dev.touchstone.suite.page.VerdictFiles;
import dev.touchstone.suite.subject.Bench;
import dev.touchstone.suite.subject.GivenModel;
import dev.touchstone.suite.verdict.Change;
import dev.touchstone.suite.verdict.Drawing;
import dev.touchstone.suite.verdict.EarlierRun;
import dev.touchstone.suite.verdict.Environment;
import dev.touchstone.suite.verdict.Fall;
import dev.touchstone.suite.verdict.HeadScores;
import dev.touchstone.suite.verdict.HeadScores.Scored;
import dev.touchstone.suite.verdict.Judge;
import dev.touchstone.suite.verdict.Ledger;
import dev.touchstone.suite.verdict.OtherSubject;
import dev.touchstone.suite.verdict.Outcome;
import dev.touchstone.suite.verdict.Provenance;
import dev.touchstone.suite.verdict.Replica;
import dev.touchstone.suite.verdict.Replication;
import dev.touchstone.suite.verdict.Revision;
import dev.touchstone.suite.verdict.Run;
import dev.touchstone.suite.verdict.Run.Attention;
import dev.touchstone.suite.verdict.Sensitivity;
import dev.touchstone.suite.verdict.Verdict;
import dev.touchstone.tensor.Compute;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * What the reproduction tests of one JVM share: the claims, what is known of them, the experiments,
 * and the run they make. JUnit closes it after the last test, and only then is the run written.
 */
final class Suite implements AutoCloseable {
  private static final Path GOLDEN = Path.of("golden");
  private static final Path CLAIMS = GOLDEN.resolve("claims");
  private static final Path LEDGER = GOLDEN.resolve("ledger.yaml");

  /** How far each device's floats are off. */
  static final Path SLACK = GOLDEN.resolve("slack.yaml");

  private static final String NANO144 = "nano144";

  /** The name of the pages that tell of a user's model, whatever it is called. */
  private static final String GIVEN = "subject";

  /** The reports whose claims about GPT-2 are observed on other subjects too. */
  private static final List<String> REPLICATED =
      List.of("exp06", "exp07", "exp10", "exp10b", "exp10d");

  private final Laboratory laboratory;
  private final Observatory observatory;
  private final ClaimCatalog catalog;
  private final Optional<Claim> only;
  private final Ledger ledger;
  private final FaultFile faults;
  private final PlanFile planned;
  private final Judge judge;
  private final Instruments instruments;
  private final Optional<GivenModel> given;
  private final List<OtherSubject> others;
  private final Experiments experiments;
  private final Environment environment;
  private final Run run;
  private final Path reports;
  private final boolean strict = !System.getProperty("touchstone.strict", "false").equals("false");

  private Suite(
      Instruments instruments,
      Path reports,
      Optional<EarlierRun> replay,
      Optional<EarlierRun> baseline)
      throws IOException {
    this.reports = reports;
    Compute compute = instruments.compute();
    laboratory = instruments.laboratory();
    experiments = instruments.experiments();
    this.instruments = instruments;
    given = instruments.given();
    others = List.of(given.map(this::given).orElseGet(() -> nano144(experiments)));
    Subjects subjects = subjects(Protocol.REPORTS);
    observatory = subjects;
    String device = replay.map(EarlierRun::device).orElseGet(compute::deviceName);
    SlackFile slack = SlackFile.read(SLACK);
    if (!slack.knows(device)) {
      System.out.println(
          "%s has no row for %s: tolerances allow what the device that is furthest off needs; reports/agreement.md will have this one's"
              .formatted(SLACK, device));
    }
    environment =
        new Environment(
            device,
            slack.relative(device),
            subjects,
            subject ->
                replay.map(r -> r.subjectHash(subject)).orElseGet(() -> subjects.hash(subject)),
            () -> new Losses(laboratory.computed(), laboratory.reused()),
            provenance(compute, replay));
    catalog = ClaimCatalog.read(CLAIMS, subjects);
    only = only(catalog);
    ledger = Ledger.read(LEDGER, catalog);
    faults = FaultFile.read(GOLDEN.resolve("faults.yaml"), catalog);
    planned = PlanFile.read(GOLDEN.resolve("plan.yaml"));
    judge = new Judge(catalog, environment);
    run = new Run(catalog, environment, Instant.now());
    baseline.ifPresent(earlier -> run.compareWith(earlier, ledger));
  }

  /** The run whose file a property names. */
  private static Optional<EarlierRun> named(String property) {
    return Optional.ofNullable(System.getProperty(property))
        .map(file -> EarlierRun.read(Path.of(file), property));
  }

  /**
   * Says what a run as it is asked for would measure of GPT-2, or of the model that a user gives,
   * and how long that takes here.
   *
   * @return what was said; empty where there is nothing to measure it on
   */
  static Optional<Plan> announce() throws IOException {
    try (Instruments rehearsing = Instruments.rehearsing()) {
      Experiments experiments = rehearsing.experiments();
      ClaimCatalog catalog = ClaimCatalog.read(CLAIMS, new Subjects(rehearsing, Protocol.REPORTS));
      Optional<Claim> only = only(catalog);
      String subject = asked(rehearsing.given());
      Plan plan =
          Rehearsals.of(
              rehearsing,
              subject,
              extent(rehearsing.given()),
              only.<Collection<Claim>>map(List::of).orElseGet(catalog::claims),
              new Tagged(
                  only.map(Claim::report)
                      .orElseGet(() -> System.getProperty("touchstone.groups", "")),
                  System.getProperty("touchstone.excluded-groups", "")));
      System.out.println(
          plan.text(
              plan.missing().gflop() > 0
                  ? Optional.of(Rehearsals.speed(experiments.bench(subject)))
                  : Optional.empty()));
      Optional.ofNullable(System.getProperty("touchstone.workers"))
          .map(ClusterSimulation::workers)
          .ifPresent(
              workers ->
                  System.out.println(
                      new ClusterSimulation(
                              ScaleFile.read(GOLDEN.resolve("scale.yaml")),
                              rehearsing.laboratory().rehearsal().orElseThrow().steps(),
                              ClusterSimulation.USUAL_TASK_SECONDS)
                          .text(workers)));
      return Optional.of(plan).filter(some -> some.missing().gflop() > 0);
    }
  }

  /**
   * What a claim is held against, and what judging it takes.
   *
   * @throws dev.touchstone.suite.golden.InputException when no claim has the id
   */
  static String explain(String id) throws IOException {
    try (Instruments rehearsing = Instruments.rehearsing()) {
      ClaimCatalog catalog = ClaimCatalog.read(CLAIMS, new Subjects(rehearsing, Protocol.REPORTS));
      return Explanation.of(
          catalog.named(id),
          catalog,
          Ledger.read(LEDGER, catalog),
          SlackFile.read(SLACK),
          rehearsing);
    }
  }

  /** The only claim to be judged, if one is named. */
  private static Optional<Claim> only(ClaimCatalog catalog) {
    return Optional.ofNullable(System.getProperty("touchstone.claim")).map(catalog::named);
  }

  private static String asked(Optional<GivenModel> given) {
    return given.map(GivenModel::name).orElse(Subjects.REPORTS_SUBJECT);
  }

  /** How much text is read: of a user's model that is named, 2048 tokens at least. */
  private static Tier extent(Optional<GivenModel> given) {
    Tier asked = Tier.asked();
    if (given.isEmpty()) {
      return asked;
    }
    return given.get().onWikiText() && asked != Tier.FULL ? Tier.TWO_K : Tier.FULL;
  }

  private Subjects subjects(Protocol protocol) {
    return new Subjects(instruments, protocol);
  }

  private OtherSubject given(GivenModel model) {
    Bench bench = experiments.bench(model.name());
    return new OtherSubject(
        model.name(),
        GIVEN,
        model.likeness(),
        bench.chunk(),
        bench.validation(Tier.TWO_K).all().size(),
        bench.grid());
  }

  private static OtherSubject nano144(Experiments experiments) {
    return new OtherSubject(
        NANO144,
        """
        has GPT-2 small's grid of 12 layers of 12 heads and its architecture, is 34 times smaller, was trained on
        other text, in the end on text that says each passage twice, as its own does""",
        experiments.bench(NANO144).config().context());
  }

  private Provenance provenance(Compute compute, Optional<EarlierRun> replay) throws IOException {
    SortedMap<String, String> claims = new TreeMap<>();
    for (Path file : ClaimCatalog.files(CLAIMS)) {
      claims.put(file.getFileName().toString(), Sha256.of(file));
    }
    return new Provenance(
        Revision.of(Path.of("").toAbsolutePath()),
        claims,
        Sha256.of(LEDGER),
        compute.threads(),
        Compute::engine,
        new Lazy<>(laboratory::numerics)::get,
        experiments::texts,
        replay);
  }

  /** The suite, which has judged nothing yet. */
  static Suite open() {
    try {
      Optional<EarlierRun> replay = named("touchstone.replay");
      Optional<EarlierRun> baseline = named("touchstone.baseline");
      Optional<Plan> plan =
          Tier.asked() == Tier.NONE || replay.isPresent() ? Optional.empty() : announce();
      Instruments instruments = Instruments.open();
      plan.ifPresent(
          announced ->
              instruments.laboratory().expect(asked(instruments.given()), announced.missing()));
      return new Suite(
          instruments,
          Path.of(System.getProperty("touchstone.reports", "reports")),
          replay,
          baseline);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The suite of a user's model, which leaves all it makes in a folder. */
  static Suite about(GivenModel model, Path folder) throws IOException {
    return new Suite(
        Instruments.of(
            Assets.fromEnvironment(),
            Laboratory.at(folder.resolve(Experiments.RECORD)),
            Optional.of(model)),
        folder,
        Optional.empty(),
        Optional.empty());
  }

  /** The claims of a report that are about so much text, or the one that was asked for. */
  Stream<ClaimCase> claims(String report, Tier tier) {
    return cases(claim -> claim.report().equals(report) && claim.statement().tier() == tier);
  }

  /** The claims that say something of other printed figures. */
  Stream<ClaimCase> auditedClaims() {
    return cases(claim -> !catalog.finding(claim).isSilent());
  }

  /** The claims about the reports' subject that others are asked too. */
  Stream<ClaimCase> replicatedClaims() {
    return cases(Suite::isReplicated);
  }

  /** Whether it is about a user's model. */
  boolean isGiven() {
    return given.isPresent();
  }

  /** The other subjects that are asked. */
  Stream<String> others() {
    return others.stream().map(OtherSubject::name);
  }

  private Stream<ClaimCase> cases(Predicate<Claim> wanted) {
    return catalog.claims().stream()
        .filter(wanted.and(claim -> only.map(claim::equals).orElse(true)))
        .map(claim -> new ClaimCase(claim, this));
  }

  /** Whether another subject than a claim's own is asked it. */
  static boolean isAsked(Claim claim, String subject) {
    return !subject.equals(Subjects.REPORTS_SUBJECT) && isReplicated(claim);
  }

  private static boolean isReplicated(Claim claim) {
    return claim.subject().equals(Subjects.REPORTS_SUBJECT) && REPLICATED.contains(claim.report());
  }

  /** GPT-2 and the subjects that are asked the same; where a user gives one, that alone. */
  Stream<String> subjects() {
    return given.isPresent()
        ? others()
        : Stream.concat(Stream.of(Subjects.REPORTS_SUBJECT), others());
  }

  /** What another subject shows of a claim. */
  Replica replicate(Claim claim, String subject) {
    Replica replica = new Replication(other(subject), environment).of(claim);
    run.replicated(replica);
    return replica;
  }

  /** Where another subject's heads look. */
  void attends(String subject) {
    FigureData shown = shown(subject);
    run.attends(
        other(subject),
        new Attention(
            scores(shown, "attention/to-previous-token"),
            scores(shown, "attention/to-what-came-next")));
  }

  private static HeadScores scores(FigureData shown, String path) {
    List<Double> scores = shown.series(Tier.TWO_K, path);
    List<Head> heads = Head.all(shown.grid().layers(), shown.grid().heads());
    return new HeadScores(
        IntStream.range(0, heads.size())
            .mapToObj(place -> new Scored(heads.get(place).toString(), scores.get(place)))
            .toList());
  }

  private OtherSubject other(String subject) {
    return others.stream().filter(each -> each.name().equals(subject)).findFirst().orElseThrow();
  }

  /** What becomes of the claims on a subject when a choice of the protocol is made otherwise. */
  Sensitivity vary(String subject, Protocol protocol) {
    Sensitivity sensitivity =
        Sensitivity.of(
            subject,
            protocol,
            catalog.claims().stream().filter(Suite::isReplicated).toList(),
            environment,
            subjects(protocol));
    if (!sensitivity.shifts().isEmpty()) {
      run.varied(sensitivity);
    }
    return sensitivity;
  }

  Verdict judge(Claim claim) {
    try {
      Verdict verdict = judge.judge(claim);
      run.judged(verdict);
      tell(verdict);
      return verdict;
    } catch (RuntimeException | Error e) {
      run.failed(claim, e);
      throw e;
    }
  }

  Verdict audit(Claim claim) {
    Verdict verdict = judge.audit(claim);
    run.audited(verdict);
    return verdict;
  }

  private void tell(Verdict verdict) {
    try {
      AllureReport.write(run, ClaimPages.of(run, ledger, verdict), claimResults());
    } catch (IOException e) {
      throw new UncheckedIOException("the verdict cannot be written", e);
    }
  }

  private Path claimResults() {
    return reports.resolve("allure-results");
  }

  /** The deliberate faults. */
  Stream<Fault> faults() {
    return faults.faults().stream();
  }

  /** The claims that a fault should refute and does not, each with what was measured. */
  List<String> notRefuted(Fault fault, Observatory faulty) {
    Judge other = new Judge(catalog, environment.observing(faulty));
    List<String> standing = new ArrayList<>();
    for (String id : fault.refutes()) {
      Verdict verdict = other.judge(catalog.claim(id).orElseThrow());
      if (verdict.outcome() == Outcome.REFUTED) {
        Claim claim = verdict.claim();
        run.fell(
            new Fall(
                fault,
                claim,
                claim.subject(),
                claim.statement().expectation().text(),
                verdict.measured().orElseThrow().measured()));
      } else {
        standing.add(id + ": " + verdict.reasonAndRemedy());
      }
    }
    return standing;
  }

  /** The claims whose answer, names or figure on nano144 a fault should change and does not. */
  List<String> notMoved(Fault fault, Observatory sound, Observatory faulty) {
    Sensitivity sensitivity =
        Sensitivity.of(
            NANO144,
            Protocol.REPORTS,
            fault.moves().stream().map(id -> catalog.claim(id).orElseThrow()).toList(),
            environment.observing(sound),
            faulty);
    List<String> standing = new ArrayList<>(sensitivity.left().keySet());
    for (Sensitivity.Shift shift : sensitivity.shifts()) {
      String before = shift.reported().measured();
      String after = shift.varied().measured();
      // What nano144 answers otherwise than the report may become another wrong answer.
      boolean renamed =
          shift.claim().elsewhere().statement().expectation() instanceof Expectation.Named
              && !before.equals(after);
      if (shift.changesAnswer() || shift.beyondDigits() || renamed) {
        run.fell(new Fall(fault, shift.claim(), NANO144, before, after));
      } else {
        standing.add("%s: %s, and %s under it".formatted(shift.claim().id(), before, after));
      }
    }
    return standing;
  }

  /** The measured claims on an embedded subject that no fault fells and no reason excuses. */
  List<String> withoutFault() {
    Set<String> felled =
        faults()
            .flatMap(fault -> Stream.concat(fault.refutes().stream(), fault.moves().stream()))
            .collect(Collectors.toSet());
    List<String> without = new ArrayList<>();
    catalog.claims().stream()
        .filter(claim -> claim.report().equals("spd") || isReplicated(claim))
        .filter(claim -> claim.construction().isEmpty() && !felled.contains(claim.id()))
        .filter(claim -> claim.elsewhere().incomparable().isEmpty())
        .forEach(
            claim -> {
              if (claim.elsewhere().statement().basis() instanceof Basis.Measurement measurement) {
                Formula.parse(measurement.path()).paths().stream()
                    .flatMap(path -> faults.reason(path.text()).stream())
                    .findFirst()
                    .ifPresentOrElse(
                        reason -> run.untried(claim, reason),
                        () -> without.add(claim.id() + " (" + measurement.path() + ")"));
              }
            });
    return without;
  }

  Ledger.Standing standing(Verdict verdict) {
    return ledger.standing(verdict, strict);
  }

  /** What figures show of a subject. */
  FigureData shown(String subject) {
    return new FigureData(subject, observatory, catalog);
  }

  /** Keeps that a figure was drawn, for the pages of what it draws. */
  void drawn(Drawing drawing) {
    run.drawn(drawing);
  }

  /** Where the run is written. */
  Path reports() {
    return reports;
  }

  @Override
  public void close() throws IOException {
    laboratory.close();
    AllureReport.write(run, ledger, claimResults());
    AllureHistory.bring(reports);
    run.changes().stream().map(Change::sentence).forEach(System.out::println);
    VerdictFiles.write(run, ledger, others, planned, reports);
  }

  /** The experiments' subjects, and the two that are nobody's weights. */
  private record Subjects(Instruments instruments, Protocol protocol) implements Observatory {
    // What is said of the text or follows from a formula is observed beside the reports' subject.
    private static final String REPORTS_SUBJECT = "gpt2";
    private static final List<String> WITHOUT_WEIGHTS = List.of("corpus", Claim.FORMULAS);

    @Override
    public List<String> subjects() {
      return Stream.concat(instruments.experiments().subjects().stream(), WITHOUT_WEIGHTS.stream())
          .toList();
    }

    @Override
    public Observables observables(String subject, Tier tier) {
      Observables observables =
          instruments
              .experiments()
              .observables(
                  WITHOUT_WEIGHTS.contains(subject) ? REPORTS_SUBJECT : subject, tier, protocol);
      return withheld(subject, tier)
          .map(reason -> observables.withheld(() -> reason))
          .orElse(observables);
    }

    /** Why a subject is not measured, though it may be here; empty when it is. */
    private Optional<Unavailable> withheld(String subject, Tier tier) {
      boolean asked = tier.compareTo(extent(instruments.given())) <= 0;
      if (instruments.given().isEmpty()) {
        return subject.equals(REPORTS_SUBJECT) && !asked
            ? Optional.of(tooLong(tier))
            : Optional.empty();
      }
      GivenModel model = instruments.given().get();
      if (!subject.equals(model.name())) {
        return instruments.experiments().subjects().contains(subject)
            ? Optional.of(
                Unavailable.unlessAskedFor(
                    "This run asks " + model.name() + " and no other", "mvn verify -Ppaper"))
            : Optional.empty();
      }
      return asked
          ? Optional.empty()
          : Optional.of(
              Unavailable.unlessAskedFor(
                  "Passes over whole splits take long, and are made only when asked for",
                  "mvn verify -Ppaper-full -D%s=...".formatted(GivenModel.PROPERTY)));
    }

    private static Unavailable tooLong(Tier tier) {
      return tier == Tier.TWO_K
          ? Unavailable.unlessAskedFor(
              "Passes of GPT-2 over 2048 tokens take some hours on a CPU, and are made only"
                  + " when asked for",
              "mvn verify -Ppaper")
          : Unavailable.unlessAskedFor(
              "Passes of GPT-2 over whole splits take many hours on a CPU, and are made only when"
                  + " asked for",
              "mvn verify -Ppaper-full");
    }

    @Override
    public Grid grid(String subject) {
      return instruments.grid(subject);
    }

    private String hash(String subject) {
      return WITHOUT_WEIGHTS.contains(subject) ? "" : instruments.experiments().sha256(subject);
    }
  }
}
