package dev.touchstone.corpus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.touchstone.corpus.Download.Patience;
import dev.touchstone.runtime.Sha256;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HubModelTest {
  private static final String REVISION = "0123456789abcdef0123456789abcdef01234567";
  private static final String NAMED = "owner/model@" + REVISION;
  private static final String SERVED = "/owner/model/resolve/" + REVISION + "/";
  private static final byte[] CONFIG = bytes("what git calls 'hello'\n");

  /** {@code git hash-object} says so of {@link #CONFIG}. */
  private static final String GITS = "77c91b8cb6e86a3ff98e76169feeebae0f362b1c";

  private static final byte[] WEIGHTS = bytes("weights");
  private static final byte[] MORE = bytes("more weights");
  private static final byte[] INDEX =
      bytes("{\"weight_map\": {\"a\": \"one.safetensors\", \"b\": \"two.safetensors\"}}");

  @TempDir private Path root;
  private Path own;
  private HubStub hub;

  @BeforeEach
  void serve() throws IOException {
    own = root.resolve("cache/hub/owner--model").resolve(REVISION);
    hub = new HubStub();
  }

  @AfterEach
  void stop() {
    hub.close();
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private Path checkpoint(boolean download) {
    Places places =
        new Places(
            Optional.empty(),
            root.resolve("hub"),
            root.resolve("cache"),
            download,
            false,
            hub.address());
    Patience patience = new Patience(2, Duration.ofMillis(1), Duration.ofSeconds(30));
    PrintStream nowhere = new PrintStream(OutputStream.nullOutputStream());
    return new Assets(places, Catalogue.PUBLISHED, new Download(patience, nowhere))
        .checkpoint(NAMED);
  }

  @Test
  void aModelIsFetchedWithWhatStandsBesideIt() {
    hub.serving(SERVED + "config.json", CONFIG, GITS)
        .serving(SERVED + "model.safetensors", WEIGHTS, Sha256.of(WEIGHTS));

    assertThat(checkpoint(true))
        .isEqualTo(own.resolve("model.safetensors"))
        .hasBinaryContent(WEIGHTS);

    assertThat(own.resolve("config.json")).hasBinaryContent(CONFIG);
    int before = hub.requests().size();
    assertThat(checkpoint(true)).isEqualTo(own.resolve("model.safetensors"));
    assertThat(hub.requests()).as("what is there is not asked for again").hasSize(before);
  }

  @Test
  void theFilesThatAnIndexNamesAreFetchedToo() {
    hub.serving(SERVED + "model.safetensors.index.json", INDEX)
        .serving(SERVED + "one.safetensors", WEIGHTS, Sha256.of(WEIGHTS))
        .serving(SERVED + "two.safetensors", MORE, Sha256.of(MORE));

    assertThat(checkpoint(true)).isEqualTo(own.resolve("model.safetensors.index.json"));

    assertThat(own.resolve("one.safetensors")).hasBinaryContent(WEIGHTS);
    assertThat(own.resolve("two.safetensors")).hasBinaryContent(MORE);
  }

  @Test
  void aFileThatIsNotWhatTheHubSaidIsNotKept() {
    hub.serving(SERVED + "model.safetensors", WEIGHTS, Sha256.of(MORE));
    assertThatThrownBy(() -> checkpoint(true))
        .isInstanceOf(BrokenAssetException.class)
        .hasMessageContaining("gave a file with the hash " + Sha256.of(WEIGHTS));
    assertThat(own.resolve("model.safetensors")).doesNotExist();

    hub.serving(SERVED + "config.json", WEIGHTS, GITS);
    assertThatThrownBy(() -> checkpoint(true))
        .isInstanceOf(BrokenAssetException.class)
        .hasMessageContaining(GITS);
    assertThat(own.resolve("config.json")).doesNotExist();
  }

  @Test
  void nothingIsFetchedUnasked() {
    assertThatThrownBy(() -> checkpoint(false))
        .isInstanceOf(BrokenAssetException.class)
        .hasMessageContaining("add -Dtouchstone.download to fetch it");
    assertThat(hub.requests()).isEmpty();
  }

  @Test
  void theHubsOwnCacheComesFirst() throws IOException {
    Path cached = root.resolve("hub/models--owner--model/snapshots").resolve(REVISION);
    Files.createDirectories(cached);
    Path weights = Files.write(cached.resolve("model.safetensors"), WEIGHTS);

    assertThat(checkpoint(false)).isEqualTo(weights);
  }

  @Test
  void aRepositoryWithoutSafetensorsSaysSo() {
    hub.serving(SERVED + "config.json", CONFIG, GITS);

    assertThatThrownBy(() -> checkpoint(true))
        .isInstanceOf(BrokenAssetException.class)
        .hasMessageContaining("owner/model has neither model.safetensors nor");
  }

  @Test
  void aShardThatIsMissingIsNamed() {
    hub.serving(SERVED + "model.safetensors.index.json", INDEX)
        .serving(SERVED + "one.safetensors", WEIGHTS);

    assertThatThrownBy(() -> checkpoint(true))
        .isInstanceOf(BrokenAssetException.class)
        .hasMessageContaining("lacks two.safetensors");
  }

  @Test
  void anIndexNamesNoFileElsewhere() {
    hub.serving(
        SERVED + "model.safetensors.index.json",
        bytes("{\"weight_map\": {\"a\": \"../../../evil.safetensors\"}}"));

    assertThatThrownBy(() -> checkpoint(true))
        .isInstanceOf(BrokenAssetException.class)
        .hasMessageContaining("names no safetensors files of its own folder");
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource({
    "owner/model, is no folder here",
    "owner/model@main, is no folder here",
    "owner/model@0123, is no folder here",
    "pom.xml, is neither a folder nor a safetensors file",
    "docs, has no safetensors",
  })
  void whatNamesNoCheckpointIsRefused(String named, String why) {
    assertThatThrownBy(() -> ModelFolder.named(named))
        .isInstanceOf(BrokenAssetException.class)
        .hasMessageStartingWith("\"" + named + "\" " + why)
        .hasMessageContaining("owner/name@ and its 40 hexadecimal digits");
  }

  @Test
  void aFolderMayCallItsOnlyFileAnything() throws IOException {
    Path only = Files.write(root.resolve("mine.safetensors"), WEIGHTS);
    assertThat(ModelFolder.named(root.toString())).isEqualTo(only);
    assertThat(ModelFolder.named(only.toString())).isEqualTo(only);

    Files.write(root.resolve("other.safetensors"), WEIGHTS);
    assertThatThrownBy(() -> ModelFolder.named(root.toString()))
        .isInstanceOf(BrokenAssetException.class)
        .hasMessageContaining("has 2 safetensors files and no model.safetensors.index.json");
  }
}
