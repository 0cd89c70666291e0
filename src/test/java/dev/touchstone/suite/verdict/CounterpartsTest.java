package dev.touchstone.suite.verdict;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.touchstone.corpus.Unavailable;
import dev.touchstone.suite.audit.Formula;
import dev.touchstone.suite.claim.Basis.Measurement;
import dev.touchstone.suite.experiment.EveryObservable;
import dev.touchstone.suite.golden.ClaimCatalog;
import dev.touchstone.suite.observation.Grid;
import java.nio.file.Path;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CounterpartsTest {
  private static final Counterparts MEDIUM = new Counterparts(new Grid(24, 16));

  /** Numbers in paths that mean the same in any grid. */
  private static final Pattern ANYWHERE =
      Pattern.compile(
          "rank[-/]\\d+(-by-|/|$)|shared-without-11|variance/pc\\d|components/(\\w+/)?\\d\\d$|/\\d+/(50|80|90|95)$"
              + "|(heads|flops|corpus|best-of|refinement|generation|context|kernel|validation|exp07/low-rank"
              + "|exp07/reconstruction|cumulative/(left|harmful-first-gain|\\S+/within)|attention|power-law)\\b");

  @TempDir private Path folder;

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = ';',
      value = {
        "exp07/norm/11/mean; exp07/norm/23/mean",
        "exp07/components/block/{layer:3..8}/90; exp07/components/block/{layer:6,7,8,9,10,11,12,13,14,15,16,17}/90",
        "[layers/zero/0/mean-delta] / sum([layers/zero/{layer:0,11}/mean-delta]); [layers/zero/0/mean-delta] / sum([layers/zero/{layer:0,1,22,23}/mean-delta])",
        "exp06/injection/10/ratio; exp06/injection/27/ratio",
        "exp06/wqk/cumulative-variance/144; exp06/wqk/cumulative-variance/384",
        "cumulative/zero-all/10/ratio; cumulative/zero-all/27/ratio",
        "cumulative/relu/132/ratio; cumulative/relu/368/ratio",
        "cumulative/relu/within/1.1/heads; cumulative/relu/within/1.1/heads",
        "cumulative/left-of-harmless/10/1.1; cumulative/left-of-harmless/10/1.1",
        "heads/mean/least-important/25/lowest-layer; heads/mean/least-important/67/lowest-layer",
        "heads/zero/rank-1-by-zero/delta; heads/zero/rank-1-by-zero/delta",
        "exp07/low-rank/shared/8-of-768/ratio; exp07/low-rank/shared/8-of-768/ratio",
      })
  void asksTheSameOfAnotherGrid(String theirs, String here) {
    assertThat(MEDIUM.of(theirs)).isEqualTo(here);
    assertThat(new Counterparts(Grid.REPORTS).of(theirs)).isEqualTo(theirs);
  }

  @Test
  void saysWhatASmallGridLacks() {
    Counterparts small = new Counterparts(new Grid(4, 4));
    assertThatThrownBy(() -> small.of("exp07/norm/2/mean"))
        .isInstanceOf(Unavailable.class)
        .hasMessage("None of its 4 layers is at the depth of layer 2 of 12");
    assertThatThrownBy(() -> small.of("[exp06/clusters/8/ratio] / [exp06/clusters/4/ratio]"))
        .isInstanceOf(Unavailable.class)
        .hasMessage("With its 4 layers of 4 heads it cannot tell 8 from 4 of the reports'");
  }

  /**
   * A new observable that counts layers or heads must not be asked of others by GPT-2's numbers.
   */
  @Test
  void everyNumberInAClaimsPathIsCarriedOverOrMeansTheSameAnywhere() {
    SortedSet<String> left = new TreeSet<>();
    try (EveryObservable every = new EveryObservable(folder.resolve("laboratory.sqlite"))) {
      ClaimCatalog.read(Path.of("golden/claims"), every).claims().stream()
          .filter(claim -> List.of("exp06", "exp07", "exp10b", "exp10d").contains(claim.report()))
          .map(claim -> claim.elsewhere().statement().basis())
          .filter(Measurement.class::isInstance)
          .flatMap(basis -> Formula.parse(((Measurement) basis).path()).paths().stream())
          .map(Formula.Path::text)
          .filter(path -> path.matches(".*/\\d.*"))
          .filter(path -> !ANYWHERE.matcher(path).find() && MEDIUM.of(path).equals(path))
          .filter(path -> !path.matches(".*/0/.*"))
          .collect(Collectors.toCollection(() -> left));
    }
    assertThat(left).isEmpty();
  }
}
