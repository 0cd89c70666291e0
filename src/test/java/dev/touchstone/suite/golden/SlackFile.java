package dev.touchstone.suite.golden;

import dev.touchstone.suite.golden.GoldenFile.Text;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.yaml.snakeyaml.nodes.Node;

/**
 * How far a device's numbers were found from those of float64 on the CPU, and what tolerances allow
 * for it.
 *
 * @param times how many times as far they may be
 */
public record SlackFile(double times, List<Row> rows) {
  private static final List<String> KEYS =
      List.of("device", "precision", "weights", "subject", "quantity", "apart", "where");

  /** What is computed with. */
  public enum Precision {
    FLOAT32,
    FLOAT64;

    @Override
    public String toString() {
      return word(this);
    }
  }

  /** What is compared. */
  public enum Quantity {
    /** Less the mean of its position, which softmax does not see; absolute. */
    LOGIT,
    /** A chunk's summed loss, relative. */
    CHUNK_LOSS,
    /** Relative. */
    PERPLEXITY,
    /** A perplexity over the baseline's, relative: the effect of an intervention. */
    EFFECT;

    /** Whether figures of the reports come from it. */
    private boolean isReported() {
      return this == PERPLEXITY || this == EFFECT;
    }

    @Override
    public String toString() {
      return word(this);
    }
  }

  /**
   * What is compared on what.
   *
   * @param device {@code cpu}, {@code gpu} or {@code mps}, without a number
   * @param weights how they are rewritten, in a word: {@code stored} or {@code processed}
   */
  public record Case(
      String device, Precision precision, String weights, String subject, Quantity quantity) {
    /** The same there. */
    public Case onCpu() {
      return new Case("cpu", precision, weights, subject, quantity);
    }

    private boolean isOn(String other) {
      return device.equals(other.replaceAll("\\d+$", ""));
    }

    private boolean isSameElsewhere(Case other) {
      return precision == other.precision
          && weights.equals(other.weights)
          && subject.equals(other.subject)
          && quantity == other.quantity;
    }
  }

  /**
   * A measurement.
   *
   * @param apart the largest distance that was seen
   * @param where the machine and the day
   */
  public record Row(Case of, double apart, String where) {}

  public SlackFile {
    rows = List.copyOf(rows);
  }

  /**
   * Reads the file.
   *
   * @throws GoldenException with every complaint about it
   */
  public static SlackFile read(Path file) {
    return GoldenFile.read(
        file,
        (source, root) -> {
          List<Row> rows = new ArrayList<>();
          Optional<Fields> top = Fields.of(source, root, "the file", List.of("times", "rows"));
          top.ifPresent(fields -> fields.required("times", "10"));
          Optional<Double> times =
              top.flatMap(fields -> fields.value("times", SlackFile::positive));
          for (Node node : top.map(fields -> fields.list("rows")).orElse(List.of())) {
            Fields.of(source, node, "a row", KEYS).flatMap(SlackFile::row).ifPresent(rows::add);
          }
          if (source.isSound() && reported(rows.stream()).isEmpty()) {
            source.complain(
                top.orElseThrow().place(),
                "rows have no perplexity or effect in float32, of any device");
          }
          return () -> new SlackFile(times.orElseThrow(), rows);
        });
  }

  private static Optional<Row> row(Fields fields) {
    Optional<Text> device = fields.required("device", "cpu");
    fields.required("precision", "float32");
    Optional<Precision> precision = word(fields, "precision", Precision.values());
    Optional<Text> weights = fields.required("weights", "processed");
    Optional<Text> subject = fields.required("subject", "nano144");
    fields.required("quantity", "perplexity");
    Optional<Quantity> quantity = word(fields, "quantity", Quantity.values());
    fields.required("apart", "1.7e-7");
    Optional<Double> apart = fields.value("apart", SlackFile::positive);
    Optional<Text> where = fields.required("where", "2 cores, 2026-11-26");
    return device.isPresent()
            && precision.isPresent()
            && weights.isPresent()
            && subject.isPresent()
            && quantity.isPresent()
            && apart.isPresent()
            && where.isPresent()
        ? Optional.of(
            new Row(
                new Case(
                    device.get().value(),
                    precision.get(),
                    weights.get().value(),
                    subject.get().value(),
                    quantity.get()),
                apart.get(),
                where.get().value()))
        : Optional.empty();
  }

  private static <E extends Enum<E>> Optional<E> word(Fields fields, String key, E[] values) {
    return fields.word(
        key,
        text -> Arrays.stream(values).filter(value -> word(value).equals(text)).findFirst(),
        Arrays.stream(values).map(SlackFile::word).toList());
  }

  private static String word(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  private static double positive(String text) {
    double number;
    try {
      number = Double.parseDouble(text);
    } catch (NumberFormatException e) {
      number = Double.NaN;
    }
    if (!(number > 0 && number < Double.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException("\"" + text + "\" is no number above 0, such as 1.7e-7");
    }
    return number;
  }

  /** Whether it was measured on a device. */
  public boolean knows(String device) {
    return largest(row -> row.of.isOn(device)).isPresent();
  }

  /**
   * What tolerances allow on a device, relative to a perplexity: of one that was not measured what
   * they allow on the one that is furthest off.
   */
  public double relative(String device) {
    OptionalDouble own = reported(rows.stream().filter(row -> row.of.isOn(device)));
    return times * own.orElseGet(() -> reported(rows.stream()).orElseThrow());
  }

  private static OptionalDouble reported(Stream<Row> rows) {
    return rows.filter(row -> row.of.precision == Precision.FLOAT32)
        .filter(row -> row.of.quantity.isReported())
        .mapToDouble(Row::apart)
        .max();
  }

  /**
   * How far a comparison may be apart: as tolerances, by the device's own row or, where it has
   * none, by the largest of other devices.
   *
   * @throws IllegalArgumentException when no device has one
   */
  public double allowed(Case of) {
    OptionalDouble own = largest(row -> row.of.equals(of));
    return times
        * own.orElseGet(
            () ->
                largest(row -> row.of.isSameElsewhere(of))
                    .orElseThrow(
                        () ->
                            new IllegalArgumentException(
                                "golden/slack.yaml has no row of "
                                    + of
                                    + "; add what a run leaves in reports/agreement.md")));
  }

  private OptionalDouble largest(Predicate<Row> of) {
    return rows.stream().filter(of).mapToDouble(Row::apart).max();
  }
}
