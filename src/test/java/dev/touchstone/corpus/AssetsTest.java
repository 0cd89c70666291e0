package dev.touchstone.corpus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.touchstone.corpus.Download.Patience;
import dev.touchstone.corpus.HubFile.Kind;
import dev.touchstone.runtime.Sha256;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AssetsTest {
  private static final byte[] GPT2 = bytes("a complete checkpoint");
  private static final byte[] ATTENTION = bytes("a partial checkpoint");
  private static final byte[] VALIDATION = bytes(" \n = Title = \n");
  private static final byte[] TEST = bytes(" \n = Other = \n");
  private static final byte[] OTHER = bytes("something else");
  private static final byte[] ZIP =
      zip(
          Map.of(
              "wikitext-2-raw/wiki.valid.raw",
              VALIDATION,
              "wikitext-2-raw/wiki.test.raw",
              TEST,
              "../outside",
              OTHER));
  private static final String GPT2_ADDRESS = "/org/model/resolve/r1/model.safetensors";
  private static final String ZIP_ADDRESS = "/datasets/org/data/resolve/r2/wikitext.zip";

  private static final Download QUIET =
      new Download(
          new Patience(1, Duration.ZERO, Duration.ofSeconds(5)),
          new PrintStream(OutputStream.nullOutputStream()));

  private final Catalogue catalogue =
      new Catalogue(
          new HubFile(
              Kind.MODEL,
              List.of("org/model", "model"),
              "r1",
              "model.safetensors",
              pinned("gpt2/model.safetensors", GPT2)),
          pinned("gpt2-attention/model.safetensors", ATTENTION),
          new HubFile(
              Kind.DATASET, List.of("org/data"), "r2", "wikitext.zip", pinned("wikitext.zip", ZIP)),
          Map.of(
              Split.VALIDATION,
              pinned("wikitext-2-raw/wiki.valid.raw", VALIDATION),
              Split.TEST,
              pinned("wikitext-2-raw/wiki.test.raw", TEST)));

  @TempDir private Path root;
  private Path folder;
  private Path hubCache;
  private Path userCache;
  private HubStub hub;

  @BeforeEach
  void places() throws IOException {
    folder = Files.createDirectory(root.resolve("assets"));
    hubCache = root.resolve("hub");
    userCache = root.resolve("cache");
    hub = new HubStub().serving(GPT2_ADDRESS, GPT2).serving(ZIP_ADDRESS, ZIP);
  }

  @AfterEach
  void stop() {
    hub.close();
  }

  @Test
  void theAssetsFolderComesFirst() throws IOException {
    Path model = put(folder.resolve("gpt2/model.safetensors"), GPT2);
    put(hubCache.resolve("models--org--model/snapshots/r1/model.safetensors"), GPT2);
    Path validation = put(folder.resolve("wikitext-2-raw/wiki.valid.raw"), VALIDATION);

    assertThat(assets(false).gpt2()).isEqualTo(new Gpt2Asset(model, Sha256.of(GPT2), true, true));
    assertThat(assets(false).wikiText(Split.VALIDATION)).isEqualTo(validation);
  }

  @Test
  void theHubsCacheComesNextUnderTheModelsPresentAndFormerName() throws IOException {
    Path former = put(hubCache.resolve("models--model/snapshots/r1/model.safetensors"), GPT2);
    put(userCache.resolve("gpt2/model.safetensors"), GPT2);
    assertThat(assets(false).gpt2().path()).isEqualTo(former);

    Path present = put(hubCache.resolve("models--org--model/snapshots/r1/model.safetensors"), GPT2);
    assertThat(assets(false).gpt2().path()).isEqualTo(present);
  }

  @Test
  void touchstonesOwnCacheComesLast() throws IOException {
    Path model = put(userCache.resolve("gpt2/model.safetensors"), GPT2);

    assertThat(assets(true).gpt2().path()).isEqualTo(model);
    assertThat(hub.requests()).isEmpty();
  }

  @Test
  void aSplitIsUnpackedFromTheHubsCacheAndNothingElseIs() throws IOException {
    put(hubCache.resolve("datasets--org--data/snapshots/r2/wikitext.zip"), ZIP);

    assertThat(assets(false).wikiText(Split.TEST)).hasBinaryContent(TEST);
    assertThat(root.resolve("outside")).doesNotExist();
    assertThat(userCache.resolve("wikitext-2-raw/wiki.valid.raw")).doesNotExist();
  }

  @Test
  void nothingIsDownloadedUnasked() {
    assertThatThrownBy(() -> assets(false).gpt2())
        .isInstanceOfSatisfying(
            Unavailable.class,
            unavailable -> {
              assertThat(unavailable.reason())
                  .contains("GPT-2", folder.toString(), hubCache.toString(), userCache.toString());
              assertThat(unavailable.remedy()).contains("mvn verify -Dtouchstone.download");
            });
    assertThatThrownBy(() -> assets(false).wikiText(Split.TEST))
        .isInstanceOf(Unavailable.class)
        .hasMessageContaining("wiki.test.raw");
    assertThat(hub.requests()).isEmpty();
  }

  @Test
  void whatIsMissingIsDownloadedWhenAskedFor() {
    Path model = userCache.resolve("gpt2/model.safetensors");

    assertThat(assets(true).gpt2()).isEqualTo(new Gpt2Asset(model, Sha256.of(GPT2), true, true));
    assertThat(assets(true).wikiText(Split.VALIDATION)).hasBinaryContent(VALIDATION);
    assertThat(assets(true).wikiText(Split.TEST)).hasBinaryContent(TEST);
    assertThat(hub.requests()).containsExactly(GPT2_ADDRESS, ZIP_ADDRESS);
  }

  @Test
  void aFailedDownloadIsNotTriedAgainByTheSameAssets() {
    hub.close();
    Assets assets = assets(true);

    Throwable first = catchUnavailable(assets);

    assertThat(catchUnavailable(assets)).isSameAs(first);
  }

  private static Unavailable catchUnavailable(Assets assets) {
    try {
      throw new AssertionError("found " + assets.gpt2());
    } catch (Unavailable unavailable) {
      return unavailable;
    }
  }

  @Test
  void aCompleteCheckpointAnywhereIsPreferredToAPartialOne() throws IOException {
    Path partial = put(folder.resolve("gpt2-attention/model.safetensors"), ATTENTION);
    assertThat(assets(false).gpt2())
        .isEqualTo(new Gpt2Asset(partial, Sha256.of(ATTENTION), false, true));

    Path complete = put(userCache.resolve("gpt2/model.safetensors"), GPT2);
    assertThat(assets(false).gpt2().path()).isEqualTo(complete);
  }

  @Test
  void aCompleteCheckpointIsDownloadedEvenIfAPartialOneIsThere() throws IOException {
    put(folder.resolve("gpt2-attention/model.safetensors"), ATTENTION);

    assertThat(assets(true).gpt2().complete()).isTrue();
  }

  @Test
  void aFileWithAnotherHashIsNamedWithBoth() throws IOException {
    Path model = put(folder.resolve("gpt2/model.safetensors"), OTHER);
    Path validation = put(folder.resolve("wikitext-2-raw/wiki.valid.raw"), OTHER);

    assertThatThrownBy(() -> assets(true).gpt2())
        .isInstanceOf(BrokenAssetException.class)
        .hasMessageContainingAll(model.toString(), Sha256.of(OTHER), Sha256.of(GPT2));
    assertThatThrownBy(() -> assets(true).wikiText(Split.VALIDATION))
        .isInstanceOf(BrokenAssetException.class)
        .hasMessageContainingAll(validation.toString(), Sha256.of(OTHER), Sha256.of(VALIDATION));
  }

  @Test
  void aZipWithAnotherHashIsNotOpened() throws IOException {
    Path zip = put(hubCache.resolve("datasets--org--data/snapshots/r2/wikitext.zip"), OTHER);

    assertThatThrownBy(() -> assets(false).wikiText(Split.TEST))
        .isInstanceOf(BrokenAssetException.class)
        .hasMessageContainingAll(zip.toString(), Sha256.of(OTHER));
  }

  @Test
  void aFolderInAFilesPlaceIsNamed() throws IOException {
    Path model = Files.createDirectories(folder.resolve("gpt2/model.safetensors"));

    assertThatThrownBy(() -> assets(false).gpt2())
        .isInstanceOf(BrokenAssetException.class)
        .hasMessageContaining(model + " cannot be read");
  }

  @Test
  void anotherCheckpointStandsInOnlyIfAllowedAndIsMarked() throws IOException {
    Path model = put(folder.resolve("gpt2/model.safetensors"), OTHER);
    Assets lenient =
        new Assets(
            new Places(Optional.of(folder), hubCache, userCache, false, true, hub.address()),
            catalogue,
            QUIET);

    assertThat(lenient.gpt2()).isEqualTo(new Gpt2Asset(model, Sha256.of(OTHER), true, false));
  }

  private Assets assets(boolean download) {
    return new Assets(
        new Places(Optional.of(folder), hubCache, userCache, download, false, hub.address()),
        catalogue,
        QUIET);
  }

  private static Pinned pinned(String path, byte[] content) {
    return new Pinned(path, content.length, Sha256.of(content));
  }

  private static Path put(Path file, byte[] content) throws IOException {
    Files.createDirectories(file.getParent());
    return Files.write(file, content);
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static byte[] zip(Map<String, byte[]> members) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
      for (var member : members.entrySet()) {
        zip.putNextEntry(new ZipEntry(member.getKey()));
        zip.write(member.getValue());
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }
}
