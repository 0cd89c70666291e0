package dev.touchstone.suite.experiment;

import static org.assertj.core.api.Assertions.assertThat;

import dev.touchstone.suite.audit.Formula;
import dev.touchstone.suite.claim.Basis;
import dev.touchstone.suite.claim.Claim;
import dev.touchstone.suite.golden.ClaimCatalog;
import dev.touchstone.suite.observation.Tier;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ExperimentsTest {
  private static final Path GOLDEN = Path.of("golden");

  private static final List<String> IN_FIGURES =
      List.of(
          "heads/zero/deltas",
          "cumulative/relu/steps",
          "context/lengths",
          "exp06/plane/pc1",
          "exp06/clusters/8/representatives",
          "exp06/variants/folded/own-norm/cumulative-variance/3",
          "generation/cached/baseline/tokens-per-second",
          "generation/cached/ReLU-30/change",
          "refinement/baseline/1/repeated-4-grams");

  private static final List<String> IN_WHAT_CONCLUSIONS_HANG_ON =
      List.of(
          "exp06/variants/folded/own-norm/components/90",
          "exp06/clusters/4/largest-cluster",
          "exp06/clusters/4/inertia",
          "exp06/clusters/4/seeds/largest-cluster",
          "exp06/clusters/4/seeds/inertia",
          "exp06/clusters/4/seeds/ratio",
          "exp07/sample/first/position-0-share/block/0",
          "exp07/sample/first/components/block/0/90",
          "exp07/sample/first/components/shared/90");

  private static final List<String> IN_THE_TABLE_OF_ABLATIONS =
      List.of("heads/zero/matched/L0H8,L4H11/share");

  private static final List<String> ON_THE_PAGE_OF_ANOTHER_SUBJECT =
      List.of("attention/to-previous-token", "attention/to-what-came-next");

  private static final List<String> IN_AGREEMENT_TESTS =
      List.of(
          "heads/zero/largest/144/heads",
          "heads/best-linearization/relu/count",
          "heads/L1H0/best-linearization",
          "cumulative/mixed/order",
          "exp07/cumulative-variance/block/0/1");

  @TempDir private Path folder;
  private EveryObservable observatory;

  @BeforeEach
  void open() {
    observatory = new EveryObservable(folder.resolve("laboratory.sqlite"));
  }

  @AfterEach
  void close() {
    observatory.close();
  }

  @Test
  void nothingCanBeObservedThatNobodyAsksFor() {
    List<String> asked =
        Stream.concat(
                ClaimCatalog.read(GOLDEN.resolve("claims"), observatory).claims().stream()
                    .flatMap(this::asked),
                Stream.of(
                        IN_FIGURES,
                        IN_WHAT_CONCLUSIONS_HANG_ON,
                        IN_THE_TABLE_OF_ABLATIONS,
                        ON_THE_PAGE_OF_ANOTHER_SUBJECT,
                        IN_AGREEMENT_TESTS)
                    .flatMap(List::stream)
                    .map(path -> template("gpt2", path)))
            .toList();

    assertThat(
            Stream.of("gpt2", "llama-nano")
                .flatMap(
                    subject -> observatory.observables(subject, Tier.FULL).templates().stream())
                .filter(template -> !asked.contains(template)))
        .as("delete them, or name who asks for them beside a claim")
        .isEmpty();
  }

  private Stream<String> asked(Claim claim) {
    return Stream.of(claim.statement().basis(), claim.elsewhere().statement().basis())
        .filter(Basis.Measurement.class::isInstance)
        .flatMap(basis -> Formula.parse(((Basis.Measurement) basis).path()).paths().stream())
        .map(path -> template(claim.subject(), path.text()));
  }

  private String template(String subject, String path) {
    return observatory.observables(subject, Tier.FULL).template(path).orElseThrow();
  }
}
