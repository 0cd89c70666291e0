package dev.touchstone.corpus;

import dev.touchstone.runtime.Sha256;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * A file that is known by its hash.
 *
 * @param path below the assets folder and below the user's cache, with {@code /}
 * @param bytes its size
 * @param hash in lower-case hexadecimal: 64 digits of its SHA-256, or the 40 by which git knows it;
 *     empty where nobody has said any
 */
record Pinned(String path, long bytes, String hash) {
  private static final int GIT = 40;

  /** The same hash of a file that should be it. */
  String hashOf(Path file) throws IOException {
    return hash.isEmpty() ? "" : hash.length() == GIT ? gits(file) : Sha256.of(file);
  }

  /** SHA-1 of the word blob, the size, a zero and the content. */
  private static String gits(Path file) throws IOException {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-1");
      digest.update(("blob " + Files.size(file) + "\0").getBytes(StandardCharsets.US_ASCII));
      try (InputStream in = new DigestInputStream(Files.newInputStream(file), digest)) {
        in.transferTo(OutputStream.nullOutputStream());
      }
      return HexFormat.of().formatHex(digest.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-1", e);
    }
  }
}
