package dev.touchstone.corpus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.touchstone.ChildJvm;
import dev.touchstone.Seeds;
import dev.touchstone.corpus.Download.Patience;
import dev.touchstone.corpus.HubStub.Mishap;
import dev.touchstone.runtime.Sha256;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DownloadTest {
  private static final String SERVED = "/file";
  private static final int SIZE = 1 << 20;
  private static final Patience PATIENCE =
      new Patience(3, Duration.ofMillis(1), Duration.ofSeconds(30));

  private final byte[] content = new byte[SIZE];
  private final Download download = download(PATIENCE.silence());

  @TempDir private Path folder;
  private Path target;
  private Path part;
  private HubStub hub;

  @BeforeEach
  void serve() throws IOException {
    new Random(Seeds.seed("DownloadTest")).nextBytes(content);
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

  /** Longer in all than a connection may be silent. */
  @Test
  void aFileThatComesSlowlyArrives() {
    hub.failing(Mishap.DRIPS);

    download(Duration.ofSeconds(1)).fetch(hub.address().resolve(SERVED), pinned(), target);

    assertThat(target).hasBinaryContent(content);
    assertThat(hub.requests()).hasSize(1);
  }

  @Test
  void anAnswerThatEndsTooSoonIsTakenUpWhereItEnded() {
    hub.failing(Mishap.SHORT, Mishap.SHORT);

    fetch();

    assertThat(target).hasBinaryContent(content);
    assertThat(hub.requests())
        .containsExactly(
            SERVED, SERVED + " bytes=" + SIZE / 2 + "-", SERVED + " bytes=" + SIZE * 3 / 4 + "-");
  }

  @Test
  void anAnswerThatAlwaysEndsTooSoonIsGivenUp() {
    hub.withoutRanges().failing(Mishap.SHORT, Mishap.SHORT, Mishap.SHORT);

    assertThatThrownBy(this::fetch)
        .isInstanceOf(Unavailable.class)
        .hasMessageContaining("the answer ended after %d of %d bytes", SIZE / 2, SIZE);
    assertThat(target).doesNotExist();
  }

  @Test
  void aWebPageIsNoFileAndCostsNothingThatHasArrived() throws IOException {
    leavePart(Arrays.copyOf(content, 1000));
    hub.failing(Mishap.LOGIN);

    assertThatThrownBy(this::fetch)
        .isInstanceOf(BrokenAssetException.class)
        .hasMessageContaining("it is a web page, as of a network that asks for a login first")
        .hasMessageContaining("see what it is, and try again");

    assertThat(target).doesNotExist();
    fetch();
    assertThat(target).hasBinaryContent(content);
    assertThat(hub.requests()).containsOnly(SERVED + " bytes=1000-");
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, SIZE - 1, SIZE + 1, 2 * SIZE})
  void aFileOfAnotherLengthIsNotFetched(int length) throws IOException {
    for (int arrived : List.of(0, 1000)) {
      leavePart(Arrays.copyOf(content, arrived));
      hub.serving(SERVED, Arrays.copyOf(content, length));

      assertThatThrownBy(this::fetch)
          .isInstanceOf(BrokenAssetException.class)
          .hasMessageContaining("file, which has %d bytes: it has ", SIZE);

      assertThat(target).doesNotExist();
      hub.serving(SERVED, content);
      fetch();
      assertThat(target).hasBinaryContent(content);
      Files.delete(target);
    }
  }

  @Test
  void anotherFileOfTheSameLengthIsDeletedAndTheNextTryBeginsAnew() {
    hub.serving(SERVED, new byte[SIZE]);

    assertThatThrownBy(this::fetch)
        .isInstanceOf(BrokenAssetException.class)
        .hasMessageContaining("which was deleted: try again");

    assertThat(part.getParent()).isDirectoryNotContaining(file -> file.equals(target));
    assertThat(part).doesNotExist();
    hub.serving(SERVED, content);
    fetch();
    assertThat(target).hasBinaryContent(content);
  }

  /** Of two at once one fetches; the other says that it waits, and uses what comes. */
  @Test
  void twoAtOnceFetchOnce() {
    hub.failing(Mishap.DRIPS);
    ByteArrayOutputStream said = new ByteArrayOutputStream();
    Download other = new Download(PATIENCE, new PrintStream(said, true, StandardCharsets.UTF_8));

    CompletableFuture<Void> first = CompletableFuture.runAsync(this::fetch);
    await(() -> hub.requests().size() == 1);
    other.fetch(hub.address().resolve(SERVED), pinned(), target);

    assertThat(target).hasBinaryContent(content);
    first.join();
    assertThat(hub.requests()).containsExactly(SERVED);
    assertThat(said.toString(StandardCharsets.UTF_8))
        .containsOnlyOnce("file is being fetched to " + target + " by another process: waiting");
    assertThat(target.getParent()).isDirectoryContaining(target::equals);
    assertThat(target.getParent().toFile().list()).containsExactly("file");
  }

  /** What the dead one held is free, and what it had is there. */
  @Test
  void whoWaitsGoesOnWhenTheOtherIsKilled() throws Exception {
    hub.failing(Mishap.SILENCE);
    String address = hub.address().resolve(SERVED).toString();
    CompletableFuture<Void> second;
    try (ChildJvm first =
        ChildJvm.start(folder, List.of(), DownloadingRun.class, address, target.toString())) {
      await(() -> part.toFile().length() == SIZE / 2);
      second = CompletableFuture.runAsync(this::fetch);
      TimeUnit.MILLISECONDS.sleep(500);
      assertThat(second).isNotDone();
      assertThat(hub.requests()).hasSize(1);
      first.kill();
      assertThat(first.end()).as(first.complaints()).isEqualTo(ChildJvm.KILLED);
    }

    second.join();
    assertThat(target).hasBinaryContent(content);
    assertThat(hub.requests()).containsExactly(SERVED, SERVED + " bytes=" + SIZE / 2 + "-");
  }

  /** A limit on the length of any file stands for a disk without room. */
  @Test
  @EnabledOnOs(OS.LINUX)
  void aFullDiskEndsItAtOnceAndTheNextTryGoesOn() throws Exception {
    String address = hub.address().resolve(SERVED).toString();
    try (ChildJvm run =
        ChildJvm.start(
            folder,
            List.of("bash", "-c", "ulimit -f 512 && exec \"$0\" \"$@\""),
            DownloadingRun.class,
            address,
            target.toString())) {
      assertThat(run.end()).isEqualTo(DownloadingRun.REFUSED);
      assertThat(run.complaints())
          .matches("file could not be downloaded from [^\n]* \\(File too large\\)\\.[^\n]*\n");
    }
    assertThat(target).doesNotExist();
    assertThat(hub.requests()).hasSize(1);

    fetch();

    assertThat(target).hasBinaryContent(content);
    assertThat(hub.requests()).element(1).isEqualTo(SERVED + " bytes=" + SIZE / 2 + "-");
  }

  @Test
  void aCacheThatIsAFileIsNamed() throws IOException {
    Files.writeString(target.getParent(), "mine");

    assertThatThrownBy(this::fetch)
        .isInstanceOf(Unavailable.class)
        .hasMessageContaining("file could not be downloaded from ")
        .hasMessageContaining(target.getParent().toString());

    assertThat(target.getParent()).hasContent("mine");
    assertThat(hub.requests()).isEmpty();
  }

  /** Fetches what the test serves in a process of its own. */
  static final class DownloadingRun {
    static final int REFUSED = 3;

    public static void main(String[] args) {
      byte[] content = new byte[SIZE];
      new Random(1).nextBytes(content);
      try {
        download(PATIENCE.silence())
            .fetch(
                URI.create(args[0]),
                new Pinned("file", SIZE, Sha256.of(content)),
                Path.of(args[1]));
      } catch (Unavailable unavailable) {
        System.err.println(unavailable.getMessage());
        System.exit(REFUSED);
      }
    }
  }

  private static void await(BooleanSupplier condition) {
    long begun = System.nanoTime();
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime() - begun).isLessThan(TimeUnit.MINUTES.toNanos(1));
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5));
    }
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
        new Patience(PATIENCE.attempts(), PATIENCE.pause(), silence),
        new PrintStream(OutputStream.nullOutputStream()));
  }
}
