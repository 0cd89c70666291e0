package dev.touchstone.corpus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;

import dev.touchstone.corpus.Download.Patience;
import dev.touchstone.model.Checkpoint;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The real files, where this machine has them; a cache of its own keeps it off the user's. */
class PublishedAssetsTest {
  @TempDir private Path cache;
  private Assets assets;

  @BeforeEach
  void find() {
    Places found =
        Places.from(
            name -> name.equals("touchstone.download") ? null : System.getProperty(name),
            System::getenv);
    assets =
        new Assets(
            new Places(
                found.folder(),
                found.hubCache(),
                cache,
                found.download(),
                found.unpinned(),
                found.hub()),
            Catalogue.PUBLISHED,
            new Download(Patience.USUAL, System.err));
  }

  @Test
  void theValidationSplitHasTheReportsCounts() throws IOException {
    Path file = wikiText(Split.VALIDATION);
    Corpus corpus = assets.corpus(Split.VALIDATION, Tokenizer.r50k());

    assertThat(WikiText.rows(Files.readString(file))).hasSize(3760);
    assertThat(corpus.length()).isEqualTo(251_048);
    assertThat(corpus.chunks(Chunking.every(1024)).all()).hasSize(245);
    assertThat(assets.corpus(Split.VALIDATION, Tokenizer.r50k()).tokens())
        .isEqualTo(corpus.tokens());
  }

  @Test
  void theTestSplitHasTheReportsCounts() throws IOException {
    Path file = wikiText(Split.TEST);
    Corpus corpus = assets.corpus(Split.TEST, Tokenizer.r50k());

    assertThat(WikiText.rows(Files.readString(file))).hasSize(4358);
    assertThat(corpus.length()).isEqualTo(287_644);
    assertThat(corpus.firstTokens(200_000).chunks(Chunking.followed(1024)).all()).hasSize(195);
  }

  @Test
  void theCheckpointHasTheAttentionOfTwelveLayers() {
    Gpt2Asset asset;
    try {
      asset = assets.gpt2();
    } catch (Unavailable unavailable) {
      asset = abort(unavailable.getMessage());
    }
    Checkpoint checkpoint = Checkpoint.open(asset.path());

    assertThat(checkpoint.has("wte.weight")).isEqualTo(asset.complete());
    for (int layer = 0; layer < 12; layer++) {
      float[] weights = checkpoint.floats("h." + layer + ".attn.c_attn.weight");
      assertThat(weights).hasSize(768 * 2304);
      assertThat(weights[weights.length / 2]).isFinite();
    }
  }

  private Path wikiText(Split split) {
    try {
      return assets.wikiText(split);
    } catch (Unavailable unavailable) {
      return abort(unavailable.getMessage());
    }
  }
}
