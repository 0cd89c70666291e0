package dev.touchstone.suite.observation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class ObservablesTest {
  private final Observables observables =
      new Observables()
          .add(
              "heads/{method:zero|mean}/{head:L\\d+H\\d+}/delta",
              arguments ->
                  Observation.quantity(
                      arguments.text("method").length() + arguments.text("head").length()))
          .add(
              "variance/pc{a:\\d+}-to-pc{b:\\d+}",
              arguments -> Observation.quantity(arguments.integer("b") - arguments.integer("a")))
          .add(
              "failing",
              arguments -> {
                throw new IllegalStateException("computed");
              });

  @Test
  void fillsTheVariablesOfATemplate() {
    assertThat(observables.resolve("heads/zero/L0H11/delta").orElseThrow().get())
        .isEqualTo(Observation.quantity(9));
    assertThat(observables.resolve("variance/pc3-to-pc10").orElseThrow().get())
        .isEqualTo(Observation.quantity(7));
    assertThat(observables.template("variance/pc3-to-pc10"))
        .hasValue("variance/pc{a:\\d+}-to-pc{b:\\d+}");
  }

  @Test
  void computesNothingUntilAsked() {
    assertThat(observables.resolve("failing")).isPresent();
  }

  @Test
  void knowsNoPathWhoseVariablesDoNotMatch() {
    assertThat(observables.resolve("heads/silence/L0H1/delta")).isEmpty();
    assertThat(observables.resolve("heads/zero/0.1/delta")).isEmpty();
    assertThat(observables.resolve("heads/zero/L0H1")).isEmpty();
    assertThat(observables.resolve("heads/zero/L0H1/delta/more")).isEmpty();
  }

  @Test
  void namesTheTemplateThatLooksMostLikeAPath() {
    assertThat(observables.closest("variance/pc1-pc3"))
        .hasValue("variance/pc{a:\\d+}-to-pc{b:\\d+}");
    assertThat(new Observables().closest("anything")).isEmpty();
  }

  @Test
  void rejectsASecondObservableOfTheSameName() {
    assertThatThrownBy(() -> observables.add("failing", arguments -> Observation.quantity(0)))
        .hasMessage("two observables are called failing");
  }

  @Test
  void measuresLikenessSegmentBySegmentWhateverThePatternsLength() {
    observables.add("heads/{method:zero|mean|relu|l1|identity}/all", path -> null);
    assertThat(observables.closest("head/zero/all"))
        .hasValue("heads/{method:zero|mean|relu|l1|identity}/all");
  }

  @Test
  void rejectsABraceThatOpensNoVariable() {
    assertThatThrownBy(() -> observables.add("heads/{head}/ppl", path -> null))
        .hasMessageStartingWith("heads/{head}/ppl has a brace that opens no {name:pattern}");
  }
}
