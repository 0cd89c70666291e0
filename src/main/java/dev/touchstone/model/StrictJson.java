package dev.touchstone.model;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParseException;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;

/**
 * JSON as the reference reader of safetensors takes it, which is serde_json: UTF-8 without a
 * byte-order mark, whole characters, at most 127 levels, no number beyond a float64's. A key given
 * twice, which the format forbids and that reader lets pass, is refused too. A text is gone through
 * once, and nothing of it is kept here but the keys that must not come again.
 */
final class StrictJson implements AutoCloseable {
  /** Names, strings and numbers may be as long as the text. */
  private static final JsonFactory JSON =
      JsonFactory.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          // Names of one hash would make a table of names slow.
          .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxNestingDepth(127)
                  .maxNameLength(Integer.MAX_VALUE)
                  .maxStringLength(Integer.MAX_VALUE)
                  .maxNumberLength(Integer.MAX_VALUE)
                  .build())
          .build();

  /** The largest int64 has as many. */
  private static final int DIGITS = 19;

  /** What is beyond a float64 takes as many characters or more, as 1e309 does. */
  private static final int SHORT = 5;

  private final JsonParser parser;
  private String name;

  /** Begins at the first value of a text. */
  StrictJson(byte[] text) throws IOException {
    parser =
        JSON.createParser(
            new InputStreamReader(
                new ByteArrayInputStream(text), StandardCharsets.UTF_8.newDecoder()));
    parser.nextToken();
  }

  /** What is wrong with a text in whose midst reading failed. */
  static String complaint(IOException failure) {
    if (failure instanceof CharacterCodingException) {
      return "not UTF-8";
    }
    String detail =
        failure instanceof JsonProcessingException json
            ? json.getOriginalMessage()
            : failure.toString();
    return "not JSON as the format has it (" + detail + ")";
  }

  /** Whether the value is an object, whose members can then be read. */
  boolean isObject() {
    return parser.currentToken() == JsonToken.START_OBJECT;
  }

  boolean isNull() {
    return parser.currentToken() == JsonToken.VALUE_NULL;
  }

  /**
   * Goes on to the next member of an object; whether there is one. The value of the member before
   * must have been read, or skipped if it is an object or an array.
   */
  boolean nextMember() throws IOException {
    if (parser.nextToken() != JsonToken.FIELD_NAME) {
      return false;
    }
    name = text();
    parser.nextToken();
    return true;
  }

  /** The name of the member that was gone on to last. */
  String name() {
    return name;
  }

  /** The value, if it is a string. */
  Optional<String> string() throws IOException {
    return parser.currentToken() == JsonToken.VALUE_STRING ? Optional.of(text()) : Optional.empty();
  }

  /** The value, if it is an array of whole numbers from 0 to the largest int64. */
  Optional<long[]> wholeNumbers() throws IOException {
    if (parser.currentToken() != JsonToken.START_ARRAY) {
      return Optional.empty();
    }
    long[] numbers = new long[4];
    int count = 0;
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      boolean fits =
          parser.currentToken() == JsonToken.VALUE_NUMBER_INT
              && parser.getTextLength() <= DIGITS
              && parser.getNumberType() != JsonParser.NumberType.BIG_INTEGER;
      // That a negative zero is none tells only its text.
      long number =
          fits && parser.getTextCharacters()[parser.getTextOffset()] != '-'
              ? parser.getLongValue()
              : -1;
      if (number < 0) {
        return Optional.empty();
      }
      numbers = count < numbers.length ? numbers : Arrays.copyOf(numbers, 2 * count);
      numbers[count++] = number;
    }
    return Optional.of(Arrays.copyOf(numbers, count));
  }

  /** The value, or how it begins, as sentences show it. */
  String shown() throws IOException {
    return isNull() || string().isEmpty() ? parser.getText() : '"' + parser.getText() + '"';
  }

  /** Passes over the value. */
  void skip() throws IOException {
    int depth = 0;
    do {
      JsonToken token = parser.currentToken();
      if (token.isStructStart()) {
        depth++;
      } else if (token.isStructEnd()) {
        depth--;
      } else if (!token.isNumeric()) {
        text();
      } else if (parser.getTextLength() >= SHORT
          && Double.isInfinite(Double.parseDouble(parser.getText()))) {
        throw new JsonParseException(parser, "a number is out of range");
      }
    } while (depth > 0 && parser.nextToken() != null);
  }

  /** Insists that nothing follows. */
  void end() throws IOException {
    if (parser.nextToken() != null) {
      throw new JsonParseException(parser, "something follows the end");
    }
  }

  private String text() throws IOException {
    String text = parser.getText();
    int each;
    for (int at = 0; at < text.length(); at += Character.charCount(each)) {
      each = text.codePointAt(at);
      if (Character.getType(each) == Character.SURROGATE) {
        throw new JsonParseException(parser, "half of a surrogate pair stands alone");
      }
    }
    return text;
  }

  @Override
  public void close() throws IOException {
    parser.close();
  }
}
