package dev.touchstone.corpus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.touchstone.corpus.Download.Patience;
import dev.touchstone.corpus.HubStub.Mishap;
import dev.touchstone.runtime.Sha256;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collections;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DownloadTest {
  private static final String SERVED = "/file";
  private static final int SIZE = 1 << 20;

  private final byte[] content = new byte[SIZE];
  private final Download download = download(Duration.ofSeconds(30));

  @TempDir private Path folder;
  private Path target;
  private Path part;
  private HubStub hub;

  @BeforeEach
  void serve() throws IOException {
    new Random(1).nextBytes(content);
    target = folder.resolve("cache").resolve("file");
    part = folder.resolve("cache").resolve("file.part");
    hub = new HubStub().serving(SERVED, content);
  }

  @AfterEach
  void stop() {
    hub.close();
  }

  @Test
  void aFileArrivesWhole() throws IOException {
    fetch();

    assertThat(target).hasBinaryContent(content);
    assertThat(part).doesNotExist();
    assertThat(hub.requests()).containsExactly(SERVED);
  }

  @Test
  void aCutConnectionIsTakenUpWhereItBroke() throws IOException {
    hub.failing(Mishap.CUT, Mishap.CUT);

    fetch();

    assertThat(target).hasBinaryContent(content);
    assertThat(hub.requests()).hasSize(3).startsWith(SERVED);
    assertThat(hub.requests().get(1)).startsWith(SERVED + " bytes=");
  }

  @Test
  void aSilentConnectionIsGivenUpAndTakenUpAgain() throws IOException {
    hub.failing(Mishap.SILENCE);

    download(Duration.ofSeconds(2)).fetch(hub.address().resolve(SERVED), pinned(), target);

    assertThat(target).hasBinaryContent(content);
    assertThat(hub.requests()).contains(SERVED + " bytes=" + SIZE / 2 + "-");
  }

  @Test
  void aRunThatWasKilledLeavesItsPartToTheNext() throws IOException {
    leavePart(Arrays.copyOf(content, 1000));

    fetch();

    assertThat(target).hasBinaryContent(content);
    assertThat(hub.requests()).containsExactly(SERVED + " bytes=1000-");
  }

  @Test
  void aPartThatIsAlreadyWholeIsNotFetchedAgain() throws IOException {
    leavePart(content);

    fetch();

    assertThat(target).hasBinaryContent(content);
    assertThat(hub.requests()).isEmpty();
  }

  @Test
  void aServerWithoutRangesSendsEverythingAnew() throws IOException {
    leavePart(new byte[1000]);
    hub.withoutRanges();

    fetch();

    assertThat(target).hasBinaryContent(content);
  }

  @Test
  void aRedirectionKeepsTheRange() throws IOException {
    leavePart(Arrays.copyOf(content, 1000));
    hub.failing(Mishap.REDIRECT);

    fetch();

    assertThat(target).hasBinaryContent(content);
    assertThat(hub.requests()).containsExactly(SERVED + " bytes=1000-", SERVED + " bytes=1000-");
  }

  @Test
  void aServerThatIsBusyIsAskedAgain() throws IOException {
    hub.failing(Mishap.UNAVAILABLE, Mishap.UNAVAILABLE);

    fetch();

    assertThat(target).hasBinaryContent(content);
  }

  @Test
  void aServerThatStaysBusyIsGivenUp() {
    hub.failing(Mishap.UNAVAILABLE, Mishap.UNAVAILABLE, Mishap.UNAVAILABLE);

    assertThatThrownBy(this::fetch)
        .isInstanceOf(Unavailable.class)
        .hasMessageContaining("the server answered 503");
  }

  @Test
  void aServerThatCutsAgainAndAgainWithoutRangesIsGivenUpAndThePartIsKept() {
    hub.withoutRanges().failing(Collections.nCopies(100, Mishap.CUT).toArray(Mishap[]::new));

    assertThatThrownBy(this::fetch).isInstanceOf(Unavailable.class);
    assertThat(target).doesNotExist();
    assertThat(part).exists();
  }

  @Test
  void aFileTheServerDoesNotHaveIsUnavailableAtOnce() {
    Pinned pinned = new Pinned("gpt2/model.safetensors", 1, "00");

    assertThatThrownBy(() -> download.fetch(hub.address().resolve("/other"), pinned, target))
        .isInstanceOfSatisfying(
            Unavailable.class,
            unavailable -> {
              assertThat(unavailable.reason())
                  .contains("gpt2/model.safetensors", "/other", "the server answered 404");
              assertThat(unavailable.remedy()).contains("mvn verify -Dtouchstone.download");
            });
    assertThat(hub.requests()).hasSize(1);
  }

  @Test
  void aServerThatIsNotThereIsUnavailable() {
    hub.close();

    assertThatThrownBy(this::fetch)
        .isInstanceOf(Unavailable.class)
        .hasMessageContaining("could not be downloaded from " + hub.address());
  }

  @Test
  void anotherFileThanThePinnedOneIsDeletedAndNamed() throws IOException {
    leavePart(new byte[SIZE / 2]);

    assertThatThrownBy(this::fetch)
        .isInstanceOf(BrokenAssetException.class)
        .hasMessageContaining(Sha256.of(content))
        .hasMessageContaining("deleted");
    assertThat(target).doesNotExist();
    assertThat(part).doesNotExist();
  }

  @Test
  void aFileLongerThanThePinnedOneIsNotFetchedToItsEnd() {
    Pinned shorter = new Pinned("file", 1000, Sha256.of(Arrays.copyOf(content, 1000)));

    assertThatThrownBy(() -> download.fetch(hub.address().resolve(SERVED), shorter, target))
        .isInstanceOf(BrokenAssetException.class);
    assertThat(part).doesNotExist();
  }

  private void leavePart(byte[] arrived) throws IOException {
    Files.createDirectories(part.getParent());
    Files.write(part, arrived);
  }

  private void fetch() {
    download.fetch(hub.address().resolve(SERVED), pinned(), target);
  }

  private Pinned pinned() {
    return new Pinned("file", SIZE, Sha256.of(content));
  }

  private static Download download(Duration silence) {
    return new Download(
        new Patience(3, Duration.ofMillis(1), silence),
        new PrintStream(OutputStream.nullOutputStream()));
  }
}
