package dev.touchstone.suite.golden;

import dev.touchstone.suite.golden.GoldenFile.Text;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What tasks of a cluster took where somebody measured it, on GPT-2's shape.
 *
 * @param where the machine and the day
 * @param rate of a worker with one thread, in GFLOP/s
 * @param driver the rate of the process that asks, in GFLOP/s
 * @param start seconds until the first task is begun
 * @param opening seconds in which a worker opens the model
 * @param overhead seconds of a task in which its worker does not compute
 * @param dispatch seconds of a task in which the driver can send no other
 * @param megabytes a second between two machines, which nobody measured
 * @param spread what tasks took, as shares of what they should have
 */
public record ScaleFile(
    String where,
    double rate,
    double driver,
    double start,
    double opening,
    double overhead,
    double dispatch,
    double megabytes,
    List<Double> spread) {
  private static final List<String> NUMBERS =
      List.of("rate", "driver", "start", "opening", "overhead", "dispatch", "megabytes");

  public ScaleFile {
    spread = List.copyOf(spread);
  }

  /**
   * Reads the file.
   *
   * @throws GoldenException with every complaint about it
   */
  public static ScaleFile read(Path file) {
    return GoldenFile.read(
        file,
        (source, root) -> {
          List<String> keys = new ArrayList<>(NUMBERS);
          keys.addAll(List.of("where", "spread"));
          Map<String, Double> numbers = new HashMap<>();
          List<Double> spread = new ArrayList<>();
          Optional<Fields> top = Fields.of(source, root, "the file", keys);
          Optional<Text> where =
              top.flatMap(fields -> fields.required("where", "2 cores, 2026-11-26"));
          top.ifPresent(
              fields -> {
                for (String key : NUMBERS) {
                  fields.required(key, "1.5");
                  fields.value(key, Double::valueOf).ifPresent(number -> numbers.put(key, number));
                }
                fields.required("spread", "0.9 1.0 1.1");
                fields
                    .value(
                        "spread", text -> Stream.of(text.split(" ")).map(Double::valueOf).toList())
                    .ifPresent(spread::addAll);
              });
          return () ->
              new ScaleFile(
                  where.orElseThrow().value(),
                  numbers.get("rate"),
                  numbers.get("driver"),
                  numbers.get("start"),
                  numbers.get("opening"),
                  numbers.get("overhead"),
                  numbers.get("dispatch"),
                  numbers.get("megabytes"),
                  spread);
        });
  }
}
