package dev.touchstone.suite.subject;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.touchstone.corpus.Tokenizer;
import dev.touchstone.model.Checkpoint;
import dev.touchstone.model.CheckpointException;
import dev.touchstone.runtime.Reason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/**
 * What a model's token ids mean. A text can be given to it only if they are r50k's, or the first of
 * them.
 *
 * @param tokenizer what makes its tokens
 * @param account what they are, for readers
 */
public record Vocabulary(Tokenizer tokenizer, String account) {
  private static final int BYTES = 256;

  /**
   * The vocabulary of a checkpoint, by how many ids it has and, where {@code tokenizer.json} or
   * {@code vocab.json} stands beside it, by what these say.
   *
   * @throws CheckpointException when it is another than r50k's
   */
  static Vocabulary of(Checkpoint checkpoint, int ids) {
    Tokenizer r50k = Tokenizer.r50k();
    if (ids < BYTES) {
      throw new CheckpointException(
          checkpoint.path(),
          "has a vocabulary of " + ids + " tokens, fewer than there are bytes",
          "give a model whose tokens are r50k's, GPT-2's own, or the first of them");
    }
    int shared = Math.min(ids, r50k.vocabulary());
    String source = checkedAgainst(checkpoint, r50k, shared - (ids < r50k.vocabulary() ? 0 : 1));
    Tokenizer tokenizer =
        ids < r50k.vocabulary() ? Tokenizer.r50kPrefix(Math.min(ids, 50_256)) : r50k;
    String account =
        ids == r50k.vocabulary()
            ? "GPT-2's own tokens, r50k"
            : ids < r50k.vocabulary()
                ? "the first %d of r50k's tokens, which its vocabulary is taken for".formatted(ids)
                : "r50k's tokens, to which its further %d ids are never given"
                    .formatted(ids - r50k.vocabulary());
    return new Vocabulary(tokenizer, account + source);
  }

  /** Holds what is written beside the checkpoint against r50k, and says so. */
  private static String checkedAgainst(Checkpoint checkpoint, Tokenizer r50k, int shared) {
    for (var file :
        Map.of("tokenizer.json", "/model/vocab", "vocab.json", "").entrySet().stream()
            .sorted(Map.Entry.comparingByKey())
            .toList()) {
      Path path = checkpoint.path().resolveSibling(file.getKey());
      if (Files.exists(path)) {
        JsonNode words = read(path).at(file.getValue());
        for (int id = 0; id < shared; id++) {
          String word = spelled(r50k.bytes(id));
          if (words.path(word).asInt(-1) != id) {
            throw new CheckpointException(
                path,
                "does not have %s as token %d, as r50k does".formatted(word, id),
                "Touchstone knows GPT-2's own tokens alone; give a model that has them");
          }
        }
        return ", as its " + file.getKey() + " says";
      }
    }
    return " (no tokenizer.json beside it says otherwise)";
  }

  private static JsonNode read(Path path) {
    try {
      return new ObjectMapper().readTree(path.toFile());
    } catch (IOException e) {
      throw new CheckpointException(
          path, "cannot be read (" + Reason.of(e, path) + ")", "take it away or mend it", e);
    }
  }

  /** Bytes as GPT-2's files spell them, each as a character that can be seen. */
  private static String spelled(byte[] bytes) {
    StringBuilder spelled = new StringBuilder();
    for (byte each : bytes) {
      int value = Byte.toUnsignedInt(each);
      spelled.append((char) (isSeen(value) ? value : BYTES + unseenBefore(value)));
    }
    return spelled.toString();
  }

  private static boolean isSeen(int value) {
    return value > ' ' && value < 0x7F || value > 0xA0 && value != 0xAD;
  }

  private static int unseenBefore(int value) {
    int unseen = 0;
    for (int other = 0; other < value; other++) {
      unseen += isSeen(other) ? 0 : 1;
    }
    return unseen;
  }
}
