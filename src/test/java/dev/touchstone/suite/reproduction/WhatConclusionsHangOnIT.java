package dev.touchstone.suite.reproduction;

import static org.assertj.core.api.Assertions.assertThat;

import dev.touchstone.runtime.AtomicFile;
import io.qameta.allure.Allure;
import io.qameta.allure.Epic;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ArgumentsSource;

/** What exp06's and exp07's conclusions hang on, as a page: in {@code reports} and in Allure. */
@Tag("nano144")
@Epic("What the conclusions hang on")
class WhatConclusionsHangOnIT {
  @ParameterizedTest(name = "exp06 and exp07")
  @ArgumentsSource(ClaimCases.OfTheSuite.class)
  void isWritten(Suite suite) throws IOException {
    String page = WhatConclusionsHangOn.page(List.of(suite.shown("gpt2"), suite.shown("nano144")));

    AtomicFile.write(suite.reports().resolve("what-conclusions-hang-on.md"), page);
    Allure.addAttachment("what-conclusions-hang-on", "text/markdown", page, ".md");
    // nano144 is always here, so its part is never missing.
    assertThat(page).contains("**What remains.** 8 clusters cost more than 4 in");
  }
}
