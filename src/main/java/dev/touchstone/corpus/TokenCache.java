package dev.touchstone.corpus;

import dev.touchstone.runtime.AtomicFile;
import dev.touchstone.runtime.Sha256;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;

/**
 * Token ids kept in a folder from run to run, one file per text and tokenizer. A file that is
 * damaged, or is whole and of another text, is encoded and written anew; a folder that cannot be
 * written costs only time.
 */
public record TokenCache(Path folder) {
  /** The hash of the ids in hexadecimal, then the ids, big-endian. */
  private static final int HASH_BYTES = 64;

  /** The same as {@link Corpus#of}, encoded only when no earlier run has. */
  public Corpus corpus(String name, String text, Tokenizer tokenizer) {
    String sha256 = Corpus.sha256(text);
    Path file = folder.resolve(sha256 + "-" + tokenizer.name() + ".tokens");
    int[] tokens =
        read(file)
            .filter(kept -> areOf(text, kept, tokenizer))
            .orElseGet(() -> encoded(text, tokenizer, file));
    return new Corpus(name, sha256, tokenizer.name(), tokens);
  }

  /** The hash says that nothing has happened to the ids, not whose they are. */
  private static boolean areOf(String text, int[] tokens, Tokenizer tokenizer) {
    return Arrays.stream(tokens).allMatch(id -> id >= 0 && id < tokenizer.vocabulary())
        && tokenizer.decode(tokens).equals(text);
  }

  private static int[] encoded(String text, Tokenizer tokenizer, Path file) {
    int[] tokens = tokenizer.encode(text);
    ByteBuffer ids = ByteBuffer.allocate(tokens.length * Integer.BYTES);
    ids.asIntBuffer().put(tokens);
    byte[] hash = Sha256.of(ids.array()).getBytes(StandardCharsets.US_ASCII);
    ByteBuffer content = ByteBuffer.allocate(HASH_BYTES + ids.capacity()).put(hash).put(ids);
    try {
      AtomicFile.write(file, content.array());
    } catch (IOException e) {
      // The next run encodes again.
    }
    return tokens;
  }

  private static Optional<int[]> read(Path file) {
    byte[] content;
    try {
      content = Files.readAllBytes(file);
    } catch (IOException e) {
      return Optional.empty();
    }
    if (content.length < HASH_BYTES) {
      return Optional.empty();
    }
    String hash = new String(content, 0, HASH_BYTES, StandardCharsets.US_ASCII);
    byte[] ids = Arrays.copyOfRange(content, HASH_BYTES, content.length);
    if (!Sha256.of(ids).equals(hash)) {
      return Optional.empty();
    }
    int[] tokens = new int[ids.length / Integer.BYTES];
    ByteBuffer.wrap(ids).asIntBuffer().get(tokens);
    return Optional.of(tokens);
  }
}
