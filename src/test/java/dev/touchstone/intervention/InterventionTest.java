package dev.touchstone.intervention;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.touchstone.model.Gpt2Config;
import dev.touchstone.model.Head;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.NullSource;
import org.junit.jupiter.params.provider.ValueSource;

class InterventionTest {
  private static final Gpt2Config SMALL = new Gpt2Config(12, 12, 768, 3072, 1024, 50257);

  @ParameterizedTest
  @ValueSource(
      strings = {
        "baseline",
        "zero(L1H1)",
        "zero(L0H3@2,5)",
        "values(L0H3)",
        "values(L0H3,L0H4@2,5)+zero(L0H3@6)",
        "relu(L0H3)+values(L0H3@2)",
        "zero(L0H3,L1H1@0,127)+zero(L2H1)",
        "mean(L0H8,L11H3)",
        "mean[wikitext-test](L0H8)",
        "relu(L3H1,L5H0)+zero(L1H1)",
        "identity(L1H0)+l1(L1H1)+mean(L1H2)+relu(L1H3)+zero(L1H4)",
        "kernel(L1H0,L1H4)+relu(L1H3)",
        "resample[7](L0H8,L1H2)",
        "tokenmean[reference](L0H8)",
        "optimal[fit](L1H1)+pattern[reference](L2H0)",
        "project[individual:8](L0,L11)",
        "inject[pca-10](L0H0,L0H1)+zero(L0H0)"
      })
  void readsBackItsOwnText(String text) {
    assertThat(Intervention.parse(text)).hasToString(text);
  }

  @Test
  void isEqualWhateverTheOrderItWasWrittenIn() {
    assertThat(Intervention.parse("zero(L1H1)+relu(L5H0,L3H1)"))
        .isEqualTo(Intervention.parse("relu(L3H1,L5H0)+zero(L1H1)"))
        .hasSameHashCodeAs(Intervention.parse("relu(L3H1,L5H0)+zero(L1H1)"));
    assertThat(Composition.of(ZeroAblation.of(new Head(1, 1))))
        .isEqualTo(ZeroAblation.of(new Head(1, 1)));
  }

  @Test
  void sortsAndMergesPositionsAsItDoesHeads() {
    assertThat(Intervention.parse("zero(L1H1,L0H3@5,2)")).hasToString("zero(L0H3,L1H1@2,5)");
    assertThat(Intervention.parse("zero(L1H1@2)+zero(L0H3@2)")).hasToString("zero(L0H3,L1H1@2)");
    assertThat(ZeroAblation.of(new Head(0, 3)).at(5, 2)).hasToString("zero(L0H3@2,5)");
  }

  @Test
  void mergesPartsThatDoTheSameThing() {
    assertThat(Intervention.parse("zero(L3H0)").and(Intervention.parse("zero(L1H1)")))
        .isEqualTo(ZeroAblation.of(List.of(new Head(1, 1), new Head(3, 0))))
        .hasToString("zero(L1H1,L3H0)");
  }

  @Test
  void takesTheMeansOfWhatIsScoredUnlessAnotherTextIsNamed() {
    assertThat(MeanAblation.of(List.of(new Head(0, 8))))
        .isEqualTo(Intervention.parse("mean(L0H8)"))
        .isNotEqualTo(Intervention.parse("mean[wikitext-test](L0H8)"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          zero(L1H1,L1H1)      | L1H1 is named twice; name each head once
          zero(L1H1)+zero(L1H1)| L1H1 is named twice; name each head once
          kernel(L1H1)+relu(L1H1)| L1H1 is named twice, in kernel(L1H1) and in relu(L1H1); choose one for it
          zero(L1H1)+zero(L1H1@2)| L1H1 is named twice, in zero(L1H1) and in zero(L1H1@2); choose one for it
          zero(L1H1@2,2)       | position 2 is named twice; name each position once
          zero(L1H1@)          | "" is no position: count positions from 0, as in zero(L0H1@2,5)
          zero(L1H1@2,L3H1)    | "L3H1" is no position: count positions from 0, as in zero(L0H1@2,5)
          mean(L1H1@2)         | only zero and values can be at some positions, so leave out @2
          values(L1H1@2)+values(L1H1@3)| L1H1 is named twice, in values(L1H1@2) and in values(L1H1@3); choose one for it
          mean(L1H1)+values(L1H1@2)| L1H1 is named twice, in mean(L1H1) and in values(L1H1@2); choose one for it
          mean(L1H1)+zero(L1H1)| L1H1 is named twice, in mean(L1H1) and in zero(L1H1); choose one for it
          resample(L1H1)       | resample must say in brackets what it uses, as in resample[NAME](L0H1)
          pattern(L1H1)        | pattern must say in brackets what it uses, as in pattern[NAME](L0H1)
          optimal[a](L1H1)+mean(L1H1)| L1H1 is named twice, in mean(L1H1) and in optimal[a](L1H1); choose one for it
          project[b:8](L1,L1)  | L1 is named twice; name each layer once
          zero(L1)             | zero works on heads, and L1 is a layer: name its heads, as in L1H0,L1H1
          project[b:8](L1H1)   | project works on layers, and "L1H1" is none: write L3 for layer 3
          project[b:0](L1)     | a write projection needs at least one layer and one component
          project[:8](L1)      | project[:8]: after the basis comes a colon and the number of components, as in project[BASIS:8](L0,L1)
          project(L1)          | project must say in brackets what it uses, as in project[BASIS:8](L0,L1)
          project[b](L1)       | project[b]: after the basis comes a colon and the number of components, as in project[BASIS:8](L0,L1)
          inject(L1H1)         | inject must say in brackets what it uses, as in inject[CHANGE](L0H1)
          relu[x](L1H1)        | relu takes nothing in brackets, so leave out [x]
          zero[x](L1H1)        | zero takes nothing in brackets, so leave out [x]
          values[x](L1H1@2)    | values takes nothing in brackets, so leave out [x]
          zero(H1)             | "H1" is no head: write layer and head counted from 0, as in L0H8
          zero()               | "" is no head: write layer and head counted from 0, as in L0H8
          """)
  void saysWhatIsWrongWithAText(String text, String message) {
    assertThatThrownBy(() -> Intervention.parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(message);
  }

  @ParameterizedTest
  @NullSource
  @ValueSource(strings = {"", "zero", "zero(L1H1", "zero(L1H1)+", "silence(L1H1)", "zero(L1H1) "})
  void namesTheFormsThereAre(String text) {
    assertThatThrownBy(() -> Intervention.parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("relu(L0H1)");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          zero(L12H0)           | there is no head L12H0: the model's are L0H0 to L11H11
          relu(L0H12)           | there is no head L0H12: the model's are L0H0 to L11H11
          zero(L1H1)+mean(L0H12)| there is no head L0H12: the model's are L0H0 to L11H11
          project[b:8](L12)     | there is no layer L12: the model's are L0 to L11
          project[b:769](L0)    | 769 components are more than the residual stream's 768
          """)
  void isHeldAgainstTheModel(String text, String message) {
    Intervention intervention = Intervention.parse(text);

    assertThatThrownBy(() -> intervention.check(SMALL)).hasMessage(message);
  }

  @ParameterizedTest
  @ValueSource(strings = {"zero(L11H11)", "project[b:768](L11)", "project[b:1](L0)", "baseline"})
  void mayNameTheLastHeadLayerAndComponent(String text) {
    Intervention.parse(text).check(SMALL);
  }

  @Test
  void needsAHeadALayerAndPositionsFromZero() {
    assertThatThrownBy(() -> new HeadSet(List.of()))
        .hasMessage("an intervention on heads needs at least one head");
    assertThatThrownBy(() -> new WriteProjection(List.of(), "b", 1))
        .hasMessage("a write projection needs at least one layer and one component");
    assertThatThrownBy(() -> ZeroAblation.of(new Head(0, 0)).at(-1))
        .hasMessage("position -1 is below 0; count from 0");
  }

  @ParameterizedTest
  @CsvSource({
    "relu(L3H1)+zero(L5H1), 3",
    "zero(L5H1), 5",
    "baseline, 2147483647",
    "'project[b:8](L4,L2)', 2"
  })
  void knowsTheFirstLayerItChanges(String text, int layer) {
    assertThat(Intervention.parse(text).firstLayer()).isEqualTo(layer);
  }
}
