package dev.touchstone.laboratory;

import dev.touchstone.model.Gpt2;
import dev.touchstone.runtime.Sha256;
import dev.touchstone.tensor.Compute;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Tells whether the code that computes is the code that computed before: a hash over the compiled
 * classes of the packages that losses depend on, and the engine's version. Nobody has to remember
 * to raise a number.
 */
final class NumericsVersion {
  private static final List<String> PACKAGES =
      List.of("tensor", "statistics", "model", "intervention", "measurement", "laboratory");

  private NumericsVersion() {}

  /** Of the classes that run: sixteen hexadecimal digits. */
  static String current() {
    try {
      Path code = Path.of(Gpt2.class.getProtectionDomain().getCodeSource().getLocation().toURI());
      if (Files.isDirectory(code)) {
        return of(code);
      }
      try (FileSystem jar = FileSystems.newFileSystem(code, Map.of())) {
        return of(jar.getPath("/"));
      }
    } catch (IOException e) {
      throw new UncheckedIOException("Touchstone's own classes cannot be read", e);
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Of the classes below a folder. */
  static String of(Path classes) throws IOException {
    MessageDigest digest = Sha256.digest();
    digest.update(Compute.engine().getBytes(StandardCharsets.UTF_8));
    addClasses(digest, classes);
    return HexFormat.of().formatHex(digest.digest(), 0, 8);
  }

  private static void addClasses(MessageDigest digest, Path root) throws IOException {
    for (String name : PACKAGES) {
      try (Stream<Path> files = Files.list(root.resolve("dev/touchstone/" + name))) {
        for (Path file : files.sorted().toList()) {
          digest.update(Files.readAllBytes(file));
        }
      }
    }
  }
}
