package dev.touchstone.corpus;

import com.knuddels.jtokkit.Encodings;
import com.knuddels.jtokkit.api.Encoding;
import com.knuddels.jtokkit.api.EncodingType;
import com.knuddels.jtokkit.api.GptBytePairEncodingParams;
import com.knuddels.jtokkit.api.IntArrayList;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * A byte-pair encoding: text to token ids and back. Ordinary text only; nothing in it is read as a
 * special token.
 */
public final class Tokenizer {
  private static final String RANKS = "/com/knuddels/jtokkit/r50k_base.tiktoken";
  private static final Pattern SPLIT =
      Pattern.compile(
          "'(?:[sdmt]|ll|ve|re)| ?\\p{L}++| ?\\p{N}++| ?[^\\s\\p{L}\\p{N}]++|\\s++$|\\s+(?!\\S)|\\s",
          Pattern.UNICODE_CHARACTER_CLASS);

  private final String name;
  private final int vocabulary;
  private final Encoding encoding;

  private Tokenizer(String name, int vocabulary, Encoding encoding) {
    this.name = name;
    this.vocabulary = vocabulary;
    this.encoding = encoding;
  }

  /** GPT-2's own encoding, r50k: 50257 ids, of which the last is {@code <|endoftext|>}. */
  public static Tokenizer r50k() {
    return new Tokenizer(
        "r50k", 50257, Encodings.newLazyEncodingRegistry().getEncoding(EncodingType.R50K_BASE));
  }

  /**
   * The encoding of the first {@code ranks} ranks of r50k. Ranks are in the order in which merges
   * were learnt, so any prefix that holds the 256 bytes is itself a byte-pair encoding.
   *
   * @throws IllegalArgumentException when {@code ranks} leaves out a byte or exceeds r50k
   */
  public static Tokenizer r50kPrefix(int ranks) {
    if (ranks < 256 || ranks > 50256) {
      throw new IllegalArgumentException(
          "a prefix of r50k has 256 to 50256 ranks, not "
              + ranks
              + ": the first 256 are the bytes");
    }
    String name = "r50k-" + ranks;
    var registry = Encodings.newLazyEncodingRegistry();
    registry.registerGptBytePairEncoding(
        new GptBytePairEncodingParams(name, SPLIT, firstRanks(ranks), Map.of()));
    return new Tokenizer(name, ranks, registry.getEncoding(name).orElseThrow());
  }

  /** The encoding's name: {@code r50k}, or {@code r50k-4096} for a prefix. */
  public String name() {
    return name;
  }

  /** How many ids there are; every id is below it. */
  public int vocabulary() {
    return vocabulary;
  }

  /** The token ids of the whole text, encoded at once. */
  public int[] encode(String text) {
    return encoding.encodeOrdinary(text).toArray();
  }

  /** The bytes that an id stands for. */
  public byte[] bytes(int id) {
    IntArrayList list = new IntArrayList(1);
    list.add(id);
    return encoding.decodeBytes(list);
  }

  /** The text of the ids; a character cut in two by the selection becomes U+FFFD. */
  public String decode(int[] ids) {
    IntArrayList list = new IntArrayList(ids.length);
    for (int id : ids) {
      list.add(id);
    }
    return encoding.decode(list);
  }

  private static Map<byte[], Integer> firstRanks(int count) {
    Map<byte[], Integer> ranks = new LinkedHashMap<>(count * 2);
    try (var stream = Encoding.class.getResourceAsStream(RANKS);
        var lines = new BufferedReader(new InputStreamReader(stream, StandardCharsets.US_ASCII))) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        int space = line.indexOf(' ');
        int rank = Integer.parseInt(line.substring(space + 1));
        if (rank < count) {
          ranks.put(Base64.getDecoder().decode(line.substring(0, space)), rank);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException("the r50k ranks in the jtokkit library cannot be read", e);
    }
    return ranks;
  }
}
