package dev.touchstone.suite.subject;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.touchstone.corpus.Assets;
import dev.touchstone.corpus.BrokenAssetException;
import dev.touchstone.model.CheckpointException;
import dev.touchstone.model.Gpt2Config;
import dev.touchstone.suite.training.MadeUpGpt2;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GivenModelTest {
  @TempDir private Path folder;

  private GivenModel made(String name, int layers, int context, int vocabulary) throws IOException {
    Path own = folder.resolve(name);
    MadeUpGpt2.write(own, new Gpt2Config(layers, 2, 8, 16, context, vocabulary), 1);
    return given(own);
  }

  private static GivenModel given(Path path) {
    return GivenModel.onEmbedded(path.toString(), Assets.fromEnvironment(), Path.of("golden"));
  }

  @Test
  void isCalledAsItsFolderAndSaysWhatItIs() throws IOException {
    GivenModel model = made("My Model_v1.5", 2, 32, 300);

    assertThat(model.name()).isEqualTo("my-model-v1.5");
    assertThat(model.likeness())
        .startsWith("has 2 layers of 2 heads over a d_model of 8, where GPT-2 small has 12 of 12")
        .contains("the repository's own text", "the first 300 of r50k's tokens");
    assertThat(model.onWikiText()).isFalse();
    assertThat(made("gpt2", 2, 32, 300).name()).isEqualTo("given-gpt2");
  }

  @Test
  void knowsTheVocabularyByItsSize() throws IOException {
    assertThat(made("whole", 2, 32, 50_257).words().account()).startsWith("GPT-2's own tokens");
    assertThat(made("padded", 2, 32, 50_304).words().account())
        .startsWith("r50k's tokens, to which its further 47 ids are never given");
    assertThat(made("whole", 2, 32, 50_257).words().tokenizer().name()).isEqualTo("r50k");
  }

  @ParameterizedTest(name = "{0} layers, a context of {1}, {2} tokens")
  @CsvSource({
    "2, 31, 300, has a context of 31: the experiments take one of 32 at least",
    "1, 32, 300, has a single layer: the experiments are about layers above the first",
    "2, 32, 255, 'has a vocabulary of 255 tokens, fewer than there are bytes'",
  })
  void isRefusedWhereTheExperimentsCannotBeMade(
      int layers, int context, int vocabulary, String why) {
    assertThatThrownBy(() -> made("small", layers, context, vocabulary))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining("small/model.safetensors " + why);
  }

  @Test
  void isRefusedWithOtherWords() throws IOException {
    made("worded", 2, 32, 300);
    Path own = folder.resolve("worded");
    StringBuilder words = new StringBuilder();
    for (int id = 0; id < 300; id++) {
      words.append("%s\"w%d\": %d".formatted(id == 0 ? "{" : ", ", id, id));
    }
    Files.writeString(own.resolve("vocab.json"), words + "}");

    assertThatThrownBy(() -> given(own))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining("vocab.json does not have ! as token 0, as r50k does");
  }

  @Test
  void isRefusedAsAnotherArchitecture() throws IOException {
    made("llama", 2, 32, 300);
    Path config = folder.resolve("llama/config.json");
    Files.writeString(config, Files.readString(config).replace("\"gpt2\"", "\"llama\""));

    assertThatThrownBy(() -> given(folder.resolve("llama")))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining("llama");
    assertThatThrownBy(() -> given(Path.of("golden/subjects/llama-nano/model.safetensors")))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining("it is partial or of another architecture");
  }

  @Test
  void isRefusedWithoutAFile() {
    assertThatThrownBy(() -> given(folder.resolve("nowhere")))
        .isInstanceOf(BrokenAssetException.class)
        .hasMessageContaining("is no folder here");
  }
}
