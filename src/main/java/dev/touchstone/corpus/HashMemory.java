package dev.touchstone.corpus;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.touchstone.runtime.AtomicFile;
import dev.touchstone.runtime.Sha256;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/**
 * Hashes of files, remembered in one JSON file from run to run for as long as a file keeps its
 * path, size and time of modification.
 */
final class HashMemory {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** File systems count time in steps of up to two seconds; a change within one leaves no trace. */
  private static final Duration COARSEST_CLOCK = Duration.ofSeconds(2);

  private final Path file;
  private final InstantSource clock;

  /**
   * @param modified when the file was last modified, as text with nanoseconds
   */
  private record Known(long bytes, String modified, String sha256) {
    Known {
      // A damaged memory must not be taken for one.
      Objects.requireNonNull(sha256);
    }
  }

  HashMemory(Path file) {
    this(file, InstantSource.system());
  }

  /**
   * @param clock that of the file systems
   */
  HashMemory(Path file, InstantSource clock) {
    this.file = file;
    this.clock = clock;
  }

  /** The SHA-256 of a file, computed only when it is not remembered. */
  String sha256(Path asset) throws IOException {
    Path path = asset.toRealPath();
    Map<String, Known> remembered = read();
    Known known = remembered.get(path.toString());
    BasicFileAttributes before = Files.readAttributes(path, BasicFileAttributes.class);
    if (known != null && known.equals(known(before, known.sha256))) {
      return known.sha256;
    }
    boolean settled =
        before.lastModifiedTime().toInstant().isBefore(clock.instant().minus(COARSEST_CLOCK));
    Known found = known(before, Sha256.of(path));
    BasicFileAttributes after = Files.readAttributes(path, BasicFileAttributes.class);
    if (settled && found.equals(known(after, found.sha256))) {
      remembered.put(path.toString(), found);
      write(remembered);
    }
    return found.sha256;
  }

  private static Known known(BasicFileAttributes attributes, String sha256) {
    return new Known(
        attributes.size(), attributes.lastModifiedTime().toInstant().toString(), sha256);
  }

  private Map<String, Known> read() {
    try {
      return Objects.requireNonNullElseGet(
          JSON.readValue(file.toFile(), new TypeReference<TreeMap<String, Known>>() {}),
          TreeMap::new);
    } catch (IOException e) {
      // Absent or damaged: nothing is remembered.
      return new TreeMap<>();
    }
  }

  private void write(Map<String, Known> remembered) {
    try {
      AtomicFile.write(file, JSON.writerWithDefaultPrettyPrinter().writeValueAsBytes(remembered));
    } catch (IOException e) {
      // A cache that cannot be written costs the next run the time of hashing, nothing else.
    }
  }
}
