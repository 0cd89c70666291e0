package dev.touchstone.suite.golden;

import dev.touchstone.suite.audit.Evaluation;
import dev.touchstone.suite.audit.ExpressionException;
import dev.touchstone.suite.audit.Figures;
import dev.touchstone.suite.audit.Finding;
import dev.touchstone.suite.audit.Finding.Remark;
import dev.touchstone.suite.audit.Formula;
import dev.touchstone.suite.audit.Rule;
import dev.touchstone.suite.claim.Basis;
import dev.touchstone.suite.claim.Claim;
import dev.touchstone.suite.claim.Complaint;
import dev.touchstone.suite.claim.Place;
import dev.touchstone.suite.claim.Statement;
import dev.touchstone.suite.golden.GoldenFile.Text;
import dev.touchstone.suite.observation.Observables;
import dev.touchstone.suite.observation.Observatory;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.yaml.snakeyaml.nodes.Node;

/** Every claim of the reports, and what the audit found of each. */
public final class ClaimCatalog {
  private final Map<String, Claim> claims;
  private final Map<String, Finding> findings;
  private final Transcript transcript;
  private final List<Check> checks;

  private ClaimCatalog(
      Map<String, Claim> claims,
      Map<String, Finding> findings,
      Transcript transcript,
      List<Check> checks) {
    this.transcript = transcript;
    this.claims = claims;
    this.findings = findings;
    this.checks = checks;
  }

  /**
   * A rule as it was evaluated for a claim.
   *
   * @param claim the id of the one that has it
   * @param figures the ids of the claims whose printed figures it read
   */
  public record Check(String claim, Rule rule, Set<String> figures) {}

  /**
   * Reads the claim files of a folder, {@code *.yaml}, and audits them: rules are evaluated over
   * the figures of all files. Takes no model and well under a second.
   *
   * @param observatory tells which observables there are; nothing is observed
   * @throws GoldenException with every complaint about every file
   */
  public static ClaimCatalog read(Path folder, Observatory observatory) {
    List<Complaint> complaints = new ArrayList<>();
    Transcript transcript = Transcript.empty();
    List<UnresolvedClaim> drafts = new ArrayList<>();
    for (Path file : files(folder)) {
      GoldenFile source = new GoldenFile(file.toString().replace('\\', '/'), complaints);
      Optional<Node> root = GoldenFile.read(file, source);
      root.ifPresent(node -> drafts.addAll(ClaimFile.read(source, node, transcript)));
    }
    Map<String, Claim> claims = new LinkedHashMap<>();
    for (UnresolvedClaim unresolved : drafts) {
      Claim earlier = claims.putIfAbsent(unresolved.claim().id(), unresolved.claim());
      if (earlier != null) {
        GoldenException.add(
            complaints,
            new Complaint(
                unresolved.claim().place(),
                "the id %s is taken by %s; give one of them a suffix such as %s/second"
                    .formatted(earlier.id(), earlier.place(), earlier.id())));
      }
      requireObservable(unresolved, observatory, transcript.figures(), complaints);
      unresolved.figure().ifPresent(transcript.figures()::add);
    }
    // A figure that could not be read would be missed by every rule that refers to it.
    Map<String, Finding> findings = new LinkedHashMap<>();
    List<Check> checks = new ArrayList<>();
    if (complaints.isEmpty()) {
      drafts.forEach(
          unresolved ->
              findings.put(
                  unresolved.claim().id(),
                  audit(unresolved, transcript.figures(), checks, complaints)));
    }
    if (!complaints.isEmpty()) {
      throw GoldenException.of(complaints);
    }
    return new ClaimCatalog(claims, findings, transcript, checks);
  }

  /** Every claim, in the files' order. */
  public Collection<Claim> claims() {
    return List.copyOf(claims.values());
  }

  /** The claim with an id. */
  public Optional<Claim> claim(String id) {
    return Optional.ofNullable(claims.get(id));
  }

  /** The reports' tables, in the files' order. */
  public List<PrintedTable> tables() {
    return List.copyOf(transcript.tables());
  }

  /** What each report is about, in a few words, by its short name, in the files' order. */
  public Map<String, String> titles() {
    return Collections.unmodifiableMap(transcript.titles());
  }

  /** The rules that a claim has, and those of other claims that read its figure. */
  public List<Check> checks(Claim claim) {
    return checks.stream()
        .filter(check -> check.claim().equals(claim.id()) || check.figures().contains(claim.id()))
        .toList();
  }

  /** What the audit found of a claim. */
  public Finding finding(Claim claim) {
    return findings.get(claim.id());
  }

  /** The claim files of a folder, {@code *.yaml}, by name. */
  public static List<Path> files(Path folder) {
    try (Stream<Path> files = Files.list(folder)) {
      return files.filter(file -> file.toString().endsWith(".yaml")).sorted().toList();
    } catch (IOException e) {
      throw new UncheckedIOException("the claim files in " + folder + " cannot be listed", e);
    }
  }

  private static void requireObservable(
      UnresolvedClaim unresolved,
      Observatory observatory,
      Figures figures,
      List<Complaint> complaints) {
    Claim claim = unresolved.claim();
    if (!observatory.subjects().contains(claim.subject())) {
      GoldenException.add(
          complaints,
          new Complaint(
              claim.place(),
              "there is no subject \"%s\"%s (there are %s)"
                  .formatted(
                      claim.subject(),
                      Complaint.suggestion(claim.subject(), observatory.subjects()),
                      String.join(", ", observatory.subjects()))));
      return;
    }
    Place place = unresolved.observable().orElse(claim.place());
    requireObservable(claim, claim.statement(), place, observatory, figures, complaints);
    Statement elsewhere = claim.elsewhere().statement();
    if (!elsewhere.basis().equals(claim.statement().basis())) {
      Place there = unresolved.elsewhere().orElse(place);
      requireObservable(claim, elsewhere, there, observatory, figures, complaints);
    }
  }

  private static void requireObservable(
      Claim claim,
      Statement statement,
      Place place,
      Observatory observatory,
      Figures figures,
      List<Complaint> complaints) {
    if (!(statement.basis() instanceof Basis.Measurement measurement)) {
      return;
    }
    String text = measurement.path();
    Observables observables = observatory.observables(claim.subject(), statement.tier());
    try {
      Formula formula = Formula.parse(text);
      figures.goOver(formula.size(), 1);
      for (Formula.Path path : formula.paths()) {
        if (observables.resolve(path.text()).isEmpty()) {
          throw new ExpressionException(
              path.column(),
              "of %s, nothing is observed as %s%s"
                  .formatted(
                      claim.subject(),
                      path.text(),
                      observables
                          .closest(path.text())
                          .map(template -> "; the closest is " + template)
                          .orElse("")));
        }
      }
    } catch (ExpressionException e) {
      GoldenException.add(
          complaints, new Complaint(place, text.contains("[") ? e.in(text) : e.getMessage()));
    }
  }

  private static Finding audit(
      UnresolvedClaim unresolved, Figures figures, List<Check> checks, List<Complaint> complaints) {
    List<Remark> remarks = new ArrayList<>();
    boolean rounded = false;
    boolean truncated = false;
    for (Rule rule : unresolved.rules()) {
      try {
        Evaluation scope = Evaluation.of(figures, unresolved.figure(), unresolved.row());
        Optional<Remark> remark = rule.remark(scope);
        remark.ifPresent(remarks::add);
        checks.add(new Check(unresolved.claim().id(), rule, scope.read()));
        rounded |= remark.filter(Remark::contradiction).isPresent();
        truncated |= rule.remark(scope.truncated()).filter(Remark::contradiction).isPresent();
      } catch (ExpressionException e) {
        GoldenException.add(complaints, new Complaint(rule.place(), e.in(rule.source())));
      }
    }
    return new Finding(remarks, rounded && !truncated);
  }

  /** Complains of an id that no claim has, with the nearest that one has. */
  public void require(GoldenFile source, Text id) {
    if (claim(id.value()).isEmpty()) {
      source.complain(id.place(), unknown(id.value()));
    }
  }

  /**
   * The claim with an id that somebody wrote.
   *
   * @throws InputException when there is none
   */
  public Claim named(String id) {
    return claim(id).orElseThrow(() -> new InputException(unknown(id)));
  }

  private String unknown(String id) {
    List<String> parts =
        claims.keySet().stream().filter(each -> each.startsWith(id + "/")).toList();
    return "no claim has the id "
        + id
        + (parts.isEmpty()
            ? Complaint.suggestion(id, claims.keySet())
            : "; it makes several: " + Complaint.alternatives(parts));
  }
}
