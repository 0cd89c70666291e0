package dev.touchstone.suite.reproduction;

import dev.touchstone.laboratory.Work;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * What a run will measure of a subject, found out by asking everything of a rehearsal.
 *
 * @param parts in the order in which they are judged
 * @param beside how many claims are measured otherwise than by passes over text, or not at all, by
 *     what was said of them
 */
record Plan(String subject, List<Part> parts, Map<String, Integer> beside) {
  /**
   * What an experiment takes that nothing before it in the plan does.
   *
   * @param kept what it asks for that is in the record
   */
  public record Part(String name, Work missing, Work kept) {
    private String line(Optional<Speed> speed) {
      String time =
          speed
              .filter(any -> missing.gflop() > 0)
              .map(here -> ", " + here.time(missing))
              .orElse("");
      return String.format(
          Locale.ROOT,
          "  %-44s %6d passes, %6d kept already%s",
          name,
          missing.passes(),
          kept.passes(),
          time);
    }
  }

  /** How fast passes go here, in GFLOP/s, as one was timed. */
  public record Speed(String where, double rate) {
    /** How long something takes at it, for people. */
    String time(Work work) {
      long minutes = Math.round(work.gflop() / rate / 60);
      if (minutes == 0) {
        return "less than a minute";
      }
      return minutes < 120
          ? "about %d min".formatted(minutes)
          : "about %d h %d min".formatted(minutes / 60, minutes % 60);
    }
  }

  public Plan {
    parts = List.copyOf(parts);
  }

  /** All that is missing. */
  public Work missing() {
    return parts.stream().map(Part::missing).reduce(Work.NONE, Work::plus);
  }

  /** All that is in the record. */
  public Work kept() {
    return parts.stream().map(Part::kept).reduce(Work.NONE, Work::plus);
  }

  /**
   * The plan for people, a line for each part.
   *
   * @param speed without which it says nothing of time
   */
  public String text(Optional<Speed> speed) {
    List<String> lines = new ArrayList<>();
    lines.add(
        "What a run measures of %s, in passes of a chunk, whole or from some layer on%s:"
            .formatted(
                subject,
                speed
                    .map(
                        here ->
                            String.format(
                                Locale.ROOT, " (%s: %.0f GFLOP/s)", here.where(), here.rate()))
                    .orElse("")));
    parts.stream().map(part -> part.line(speed)).forEach(lines::add);
    lines.add(new Part("all of it", missing(), kept()).line(speed));
    beside.forEach(
        (reason, claims) -> lines.add("  besides, %d claims: %s".formatted(claims, reason)));
    return String.join(System.lineSeparator(), lines);
  }
}
