package dev.touchstone.suite.verdict;

import dev.touchstone.suite.claim.Claim;
import dev.touchstone.suite.golden.ClaimCatalog;
import dev.touchstone.suite.verdict.Replica.Answer;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What a run has found so far, and about itself. */
public final class Run {
  /**
   * Where the heads of a subject look.
   *
   * @param previousToken how much they attend to the token before
   * @param induction how much, in random tokens said twice, to what came next the first time
   */
  public record Attention(HeadScores previousToken, HeadScores induction) {}

  private static final double MICROS = 1e6;

  private final ClaimCatalog catalog;
  private final Environment environment;
  private final Instant started;
  private final long begun = System.nanoTime();
  private final Map<String, Verdict> verdicts = new LinkedHashMap<>();
  private final Map<String, String> failures = new LinkedHashMap<>();
  private final Map<OtherSubject, Map<String, Replica>> replicas = new LinkedHashMap<>();
  private final Map<OtherSubject, Attention> attention = new HashMap<>();
  private final List<Sensitivity> sensitivities = new ArrayList<>();
  private final List<Fall> falls = new ArrayList<>();
  private final List<Drawing> drawings = new ArrayList<>();
  private final Map<String, List<Claim>> untried = new TreeMap<>();
  private Optional<Baseline> baseline = Optional.empty();

  /** A run that has found nothing yet. */
  public Run(ClaimCatalog catalog, Environment environment, Instant started) {
    this.catalog = catalog;
    this.environment = environment;
    this.started = started;
  }

  /** Keeps a verdict. */
  public void judged(Verdict verdict) {
    verdicts.put(verdict.claim().id(), verdict);
  }

  /** Keeps a verdict of the audit alone, unless the claim is judged or could not be. */
  public void audited(Verdict verdict) {
    if (!failures.containsKey(verdict.claim().id())) {
      verdicts.putIfAbsent(verdict.claim().id(), verdict);
    }
  }

  /** Keeps that there is no verdict, since measuring went wrong. */
  public void failed(Claim claim, Throwable error) {
    verdicts.remove(claim.id());
    failures.put(claim.id(), error.toString());
  }

  /** What went wrong while measuring, by the claim's id: no verdict, and the build fails. */
  public Map<String, String> failures() {
    return Collections.unmodifiableMap(failures);
  }

  /** Keeps what becomes of claims under another protocol. */
  public void varied(Sensitivity sensitivity) {
    sensitivities.add(sensitivity);
  }

  /** What becomes of claims under other protocols, in the order of measuring. */
  public List<Sensitivity> sensitivities() {
    return List.copyOf(sensitivities);
  }

  /** What is claimed. */
  public ClaimCatalog catalog() {
    return catalog;
  }

  /** Keeps that a figure was drawn. */
  public void drawn(Drawing drawing) {
    drawings.add(drawing);
  }

  /** The figures, in the order of drawing. */
  public List<Drawing> drawings() {
    return List.copyOf(drawings);
  }

  /** Keeps that a claim falls under a fault. */
  public void fell(Fall fall) {
    falls.add(fall);
  }

  /** What fell under faults, in the order of the claim files. */
  public List<Fall> falls() {
    List<Claim> order = List.copyOf(catalog.claims());
    return falls.stream()
        .sorted(Comparator.comparingInt(fall -> order.indexOf(fall.claim())))
        .toList();
  }

  /** Keeps that no fault was tried on a claim. */
  public void untried(Claim claim, String reason) {
    untried.computeIfAbsent(reason, key -> new ArrayList<>()).add(claim);
  }

  /** The claims that no fault was tried on, by the reason. */
  public Map<String, List<Claim>> untried() {
    return untried;
  }

  /** The claims that no model could refute. */
  public List<Claim> constructed() {
    return catalog.claims().stream().filter(claim -> claim.construction().isPresent()).toList();
  }

  /** Keeps what another subject shows of a claim. */
  public void replicated(Replica replica) {
    replicas
        .computeIfAbsent(replica.subject(), subject -> new LinkedHashMap<>())
        .put(replica.claim().id(), replica);
  }

  /** Keeps where another subject's heads look. */
  public void attends(OtherSubject subject, Attention where) {
    attention.put(subject, where);
  }

  /** Where another subject's heads look; empty where that was not measured. */
  public Optional<Attention> attention(OtherSubject subject) {
    return Optional.ofNullable(attention.get(subject));
  }

  /** The verdicts in the order of the claim files. */
  public List<Verdict> verdicts() {
    return inOrder(verdicts);
  }

  Optional<Verdict> verdict(Claim claim) {
    return Optional.ofNullable(verdicts.get(claim.id()));
  }

  /** The other subjects that were asked. */
  public Set<OtherSubject> asked() {
    return Collections.unmodifiableSet(replicas.keySet());
  }

  /** What another subject shows, in the order of the claim files. */
  public List<Replica> replicas(OtherSubject subject) {
    return inOrder(replicas.getOrDefault(subject, Map.of()));
  }

  /** What another subject shows of a claim; empty where it was not asked. */
  public Optional<Replica> replica(OtherSubject subject, Claim claim) {
    return Optional.ofNullable(replicas.getOrDefault(subject, Map.of()).get(claim.id()));
  }

  private <T> List<T> inOrder(Map<String, T> byClaim) {
    return catalog.claims().stream()
        .map(claim -> byClaim.get(claim.id()))
        .filter(Objects::nonNull)
        .toList();
  }

  /** How many answers of each sort a subject gives each report, in the order of answers. */
  public SortedMap<String, Map<Answer, Long>> answers(OtherSubject subject) {
    return replicas(subject).stream()
        .collect(
            Collectors.groupingBy(
                replica -> replica.claim().report(),
                TreeMap::new,
                Collectors.groupingBy(Replica::answer, TreeMap::new, Collectors.counting())));
  }

  /** How many verdicts of each outcome each report has, in the order of outcomes. */
  public SortedMap<String, Map<Outcome, Long>> counts() {
    SortedMap<String, Map<Outcome, Long>> counts = new TreeMap<>();
    for (Verdict verdict : verdicts()) {
      counts
          .computeIfAbsent(verdict.claim().report(), report -> new TreeMap<>())
          .merge(verdict.outcome(), 1L, Long::sum);
    }
    return counts;
  }

  /** How many verdicts of each outcome all reports have together, in the order of outcomes. */
  public SortedMap<Outcome, Long> total() {
    SortedMap<Outcome, Long> total = new TreeMap<>();
    counts()
        .values()
        .forEach(
            counts -> counts.forEach((outcome, count) -> total.merge(outcome, count, Long::sum)));
    return total;
  }

  /** How many REPRODUCED verdicts of a report, or of all for none, stand on each ground. */
  public Map<Grounds, Long> reproduced(Optional<String> report) {
    return verdicts().stream()
        .filter(verdict -> verdict.outcome() == Outcome.REPRODUCED)
        .filter(verdict -> report.isEmpty() || report.get().equals(verdict.claim().report()))
        .collect(
            Collectors.groupingBy(
                verdict -> verdict.grounds().orElseThrow(), TreeMap::new, Collectors.counting()));
  }

  /** The same for readers; empty where nothing was reproduced. */
  public String reproducedInWords(Optional<String> report) {
    return reproduced(report).entrySet().stream()
        .map(each -> each.getValue() + " " + each.getKey().words())
        .collect(Collectors.joining(", "));
  }

  /** What was not evaluated and a command would supply, by that command. */
  public SortedMap<String, List<Verdict>> waiting() {
    return verdicts().stream()
        .filter(verdict -> verdict.remedy().isPresent())
        .collect(
            Collectors.groupingBy(
                verdict -> verdict.remedy().orElseThrow(), TreeMap::new, Collectors.toList()));
  }

  /** The claims of which it says nothing. */
  public List<String> unasked() {
    return catalog.claims().stream()
        .map(Claim::id)
        .filter(id -> !verdicts.containsKey(id) && !failures.containsKey(id))
        .toList();
  }

  /** Which run it is, as far as it has come. */
  public Identity identity() {
    Provenance provenance = environment.provenance();
    SortedSet<String> measured =
        Stream.of(
                verdicts.values().stream()
                    .filter(verdict -> verdict.measured().isPresent())
                    .map(verdict -> verdict.claim().subject()),
                replicas.keySet().stream().map(OtherSubject::name),
                sensitivities.stream().map(Sensitivity::subject))
            .flatMap(subjects -> subjects)
            .collect(Collectors.toCollection(TreeSet::new));
    SortedMap<String, String> subjects = new TreeMap<>();
    measured.forEach(subject -> subjects.put(subject, environment.subjectHash().apply(subject)));
    subjects.values().removeIf(String::isEmpty);
    boolean computed = provenance.replay().isEmpty() && !measured.isEmpty();
    return new Identity(
        started.truncatedTo(ChronoUnit.SECONDS).toString(),
        TimeUnit.NANOSECONDS.toMicros(System.nanoTime() - begun) / MICROS,
        provenance.revision(),
        provenance.claims(),
        provenance.ledger(),
        computed ? provenance.numerics().get() : "",
        subjects,
        provenance.texts().get(),
        computed ? provenance.engine().get() : "",
        environment.device(),
        provenance.threads(),
        System.getProperty("java.version"),
        System.getProperty("os.name") + " " + System.getProperty("os.arch"),
        environment.losses().get(),
        provenance.replay().map(EarlierRun::source));
  }

  /** Which run it is, for readers. */
  public Map<String, String> facts() {
    return identity().facts();
  }

  /** Compares it, from now on, with an earlier run. */
  public void compareWith(EarlierRun earlier, Ledger ledger) {
    baseline = Optional.of(new Baseline(earlier, catalog, ledger));
  }

  /** The run that it is compared with; empty where it is with none. */
  public Optional<Identity.Source> baseline() {
    return baseline.map(each -> each.earlier().source());
  }

  /**
   * What is otherwise than in the run that it is compared with, in the order of the claim files.
   */
  public List<Change> changes() {
    return baseline.map(each -> each.changes(this)).orElse(List.of());
  }

  /** How many claims only one of the two runs judged, so that nothing can have changed. */
  public long uncompared() {
    return baseline.map(each -> each.apart(this)).orElse(0L);
  }
}
