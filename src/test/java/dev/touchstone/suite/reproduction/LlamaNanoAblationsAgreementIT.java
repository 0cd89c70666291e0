package dev.touchstone.suite.reproduction;

import dev.touchstone.corpus.Corpus;
import dev.touchstone.corpus.Tokenizer;
import io.qameta.allure.Epic;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Other ways to ablate heads of llama-nano. */
@Tag("spd")
@Epic("Agreement with TransformerLens")
@AgreesWith("llama-nano/ablations.json")
class LlamaNanoAblationsAgreementIT {
  private final DecomposedLlama llama;
  private final AblationsAgreement ablations;

  LlamaNanoAblationsAgreementIT(Recorded oracle, DecomposedLlama llama) throws IOException {
    this.llama = llama;
    String text = Files.readString(Path.of("golden/corpus/embedded.txt"));
    ablations =
        AblationsAgreement.on(
            oracle, llama.target(), Corpus.of("embedded", text, Tokenizer.r50kPrefix(1024)));
  }

  @Test
  void isOfTheSameWeightsAndDonors() {
    ablations.isOfTheSameWeightsAndDonors(llama.weights().sha256());
  }

  @Test
  void givesTheLossUnderEveryIntervention(Agreement agreement) {
    ablations.givesTheLossUnderEveryIntervention(agreement);
  }

  @Test
  void findsConstantsAsGoodAsOthersFind(Agreement agreement) {
    ablations.findsConstantsAsGoodAsOthersFind(agreement, 100, 0.3, 0.01);
  }
}
