package dev.touchstone.model;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The {@code config.json} beside a checkpoint, as Hugging Face writes it.
 *
 * @param fields a JSON object, without fields when there is no file
 */
record ConfigFile(Path file, JsonNode fields) {
  // A field given twice would otherwise silently win over the first.
  private static final JsonMapper JSON =
      JsonMapper.builder(
              JsonFactory.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build())
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  /** Bytes, a thousand times what one has. */
  private static final int LARGEST = 1_000_000;

  /**
   * Reads it where there is one.
   *
   * @throws CheckpointException when it is no JSON object, names a field twice, or has more than a
   *     million bytes
   */
  static ConfigFile beside(Checkpoint checkpoint) {
    Path file = checkpoint.path().resolveSibling("config.json");
    try {
      if (Files.exists(file) && Files.size(file) > LARGEST) {
        throw new CheckpointException(file, "has more than " + LARGEST + " bytes", restore());
      }
      JsonNode fields = Files.exists(file) ? JSON.readTree(file.toFile()) : JSON.createObjectNode();
      if (!fields.isObject()) {
        throw new CheckpointException(file, "is no JSON object", restore());
      }
      return new ConfigFile(file, fields);
    } catch (IOException e) {
      String detail =
          e instanceof JsonProcessingException json ? json.getOriginalMessage() : e.toString();
      throw new CheckpointException(file, "cannot be read as JSON (" + detail + ")", restore(), e);
    }
  }

  private static String restore() {
    return "restore the file that came with the checkpoint";
  }

  /** Whether there is a file. */
  boolean exists() {
    return Files.exists(file);
  }

  /** Whether a field says anything; Hugging Face writes null for what is as usual. */
  boolean has(String field) {
    return fields.hasNonNull(field);
  }

  /**
   * A count.
   *
   * @throws CheckpointException when it is not there or no whole number above 0
   */
  int count(String field) {
    JsonNode number = fields.path(field);
    if (number.isInt() && number.intValue() > 0) {
      return number.intValue();
    }
    throw new CheckpointException(
        file,
        number.isMissingNode() ? "has no " + field : "gives " + field + " as " + number,
        "it must be a whole number above 0");
  }

  /**
   * A number that has a usual value.
   *
   * @throws CheckpointException when it is there and no number above 0 that a float32 holds
   */
  double number(String field, double usual) {
    double number = has(field) ? fields.get(field).asDouble(0) : usual;
    boolean given = !has(field) || fields.get(field).isNumber();
    if (!given || (float) number <= 0 || Float.isInfinite((float) number)) {
      throw new CheckpointException(
          file, "gives " + field + " as " + fields.get(field), "it must be a number above 0");
    }
    return number;
  }

  /**
   * Insists that a field, where it says anything, says what is computed: a value that is passed
   * over gives another model's numbers.
   *
   * @throws CheckpointException when it says anything else
   */
  void expect(String field, Object... computed) {
    JsonNode given = fields.path(field);
    if (has(field) && Stream.of(computed).noneMatch(value -> says(given, value))) {
      throw new CheckpointException(
          file,
          "gives " + field + " as " + given,
          "what the checkpoint holds and Touchstone computes is "
              + Arrays.stream(computed).map(Object::toString).collect(Collectors.joining(" or "))
              + "; choose another checkpoint or put the file right");
    }
  }

  private static boolean says(JsonNode given, Object value) {
    return value instanceof Number number
        ? given.isNumber() && given.doubleValue() == number.doubleValue()
        : given.asText().equals(value.toString());
  }
}
