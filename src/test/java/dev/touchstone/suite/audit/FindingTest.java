package dev.touchstone.suite.audit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.touchstone.suite.audit.Finding.Evidence;
import dev.touchstone.suite.audit.Finding.Remark;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class FindingTest {
  private static final Remark AGREES = remark(false, "1 is 1", 1);
  private static final Remark CONTRADICTS = remark(true, "1 is not 2", 2);

  private static Remark remark(boolean contradiction, String sentence, int figures) {
    return new Remark(
        contradiction,
        sentence,
        IntStream.rangeClosed(1, figures)
            .mapToObj(i -> new Evidence("exp1:p0" + i, i + ".0", ""))
            .toList());
  }

  private static Finding finding(Remark... remarks) {
    return new Finding(Stream.of(remarks).toList(), false);
  }

  @Test
  void isSilentWithoutRemarks() {
    assertThat(finding().isSilent()).isTrue();
    assertThat(finding().isContradiction()).isFalse();
    assertThat(finding().account()).isEmpty();
    assertThat(finding(AGREES).isSilent()).isFalse();
  }

  @Test
  void ofAContradictionOnlyWhatShowsItTells() {
    Finding finding = finding(AGREES, CONTRADICTS);

    assertThat(finding.isContradiction()).isTrue();
    assertThat(finding.telling()).isEqualTo(List.of(CONTRADICTS));
    assertThat(finding.account()).isEqualTo("1 is not 2 (1.0 in exp1:p01, 2.0 in exp1:p02).");
  }

  @Test
  void ofAnAgreementEveryRemarkTells() {
    Finding finding = finding(AGREES, remark(false, "2 is 2", 0));

    assertThat(finding.isContradiction()).isFalse();
    assertThat(finding.account()).isEqualTo("1 is 1 (1.0 in exp1:p01). 2 is 2.");
  }

  @Test
  void showsTwelveFigures() {
    assertThat(remark(false, "s", 12).account()).endsWith(", 12.0 in exp1:p012).");
    assertThat(remark(false, "s", 14).account()).endsWith(", 12.0 in exp1:p012 and 2 more).");
  }
}
