package dev.touchstone.corpus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatNoException;

import dev.touchstone.runtime.Sha256;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HashMemoryTest {
  private static final FileTime LONG_AGO = FileTime.from(Instant.parse("2026-01-01T00:00:00Z"));

  @TempDir private Path folder;
  private Path asset;
  private Path file;

  @BeforeEach
  void settledAsset() throws IOException {
    asset = folder.resolve("asset");
    file = folder.resolve("cache").resolve("hashes.json");
    write("one", LONG_AGO);
  }

  @Test
  void aFileThatKeptSizeAndTimeIsNotHashedAgain() throws IOException {
    String first = hash();
    // Only a memory can give the old hash for a content that changed without a trace.
    write("two", LONG_AGO);

    assertThat(first).isEqualTo(Sha256.of("one".getBytes()));
    assertThat(hash()).isEqualTo(first);
  }

  @Test
  void anotherTimeOrSizeIsHashedAgain() throws IOException {
    hash();
    write("two", FileTime.from(LONG_AGO.toInstant().plusSeconds(2)));
    assertThat(hash()).isEqualTo(Sha256.of("two".getBytes()));

    write("three", FileTime.from(LONG_AGO.toInstant().plusSeconds(2)));
    assertThat(hash()).isEqualTo(Sha256.of("three".getBytes()));
  }

  @Test
  void aFileThatHasJustChangedIsNotRemembered() throws IOException {
    write("one", FileTime.from(Instant.now().plusSeconds(60)));

    hash();

    assertThat(file).doesNotExist();
  }

  @ParameterizedTest
  @ValueSource(ints = {-400, 400})
  void aClockThatJumpsGivesNoOldHash(int days) throws IOException {
    Instant jumped = Instant.now().plus(Duration.ofDays(days));
    HashMemory memory = new HashMemory(file, InstantSource.fixed(jumped));
    for (String content : List.of("one", "two")) {
      Files.writeString(asset, content);

      assertThat(memory.sha256(asset)).isEqualTo(Sha256.of(content.getBytes()));
      assertThat(memory.sha256(asset)).isEqualTo(Sha256.of(content.getBytes()));
    }
  }

  @Test
  @DisabledOnOs(value = OS.WINDOWS, disabledReason = "links need a privilege there")
  void aLinkIsTheFileItPointsTo() throws IOException {
    Path link = Files.createSymbolicLink(folder.resolve("link"), asset);

    assertThat(new HashMemory(file).sha256(link)).isEqualTo(hash());
    assertThat(file).content().containsOnlyOnce("sha256");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "null", "[]", "{\"/\":{}}", "{\"/\":null}", "{\"/\":{\"by"})
  void aDamagedMemoryIsWrittenAnew(String damaged) throws IOException {
    Files.createDirectories(file.getParent());
    Files.writeString(file, damaged);

    assertThat(hash()).isEqualTo(Sha256.of("one".getBytes()));
    assertThat(file).content().contains(Sha256.of("one".getBytes()));
  }

  @Test
  void isSharedByManyAtOnce() throws IOException {
    for (int i = 0; i < 8; i++) {
      Path each = Files.writeString(folder.resolve("asset" + i), "content " + i);
      Files.setLastModifiedTime(each, LONG_AGO);
    }

    IntStream.range(0, 80)
        .parallel()
        .forEach(
            i -> {
              Path each = folder.resolve("asset" + i % 8);
              assertThatNoException()
                  .isThrownBy(
                      () ->
                          assertThat(new HashMemory(file).sha256(each))
                              .isEqualTo(Sha256.of(("content " + i % 8).getBytes())));
            });

    assertThat(file.getParent().toFile().list()).containsExactly("hashes.json");
  }

  @Test
  void aMemoryThatCannotBeWrittenDoesNoHarm() throws IOException {
    Files.createFile(file.getParent());

    assertThat(hash()).isEqualTo(Sha256.of("one".getBytes()));
  }

  private String hash() throws IOException {
    return new HashMemory(file).sha256(asset);
  }

  private void write(String content, FileTime modified) throws IOException {
    Files.writeString(asset, content);
    Files.setLastModifiedTime(asset, modified);
  }
}
