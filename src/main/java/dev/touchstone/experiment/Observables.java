package dev.touchstone.experiment;

import dev.touchstone.measurement.Observation;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.commons.text.similarity.LevenshteinDistance;

/**
 * What can be asked of the experiments, by path. A template such as {@code
 * exp10b/individual/{method:zero|mean}/{head:L\d+H\d+}/delta-ppl} gives each variable part a name
 * and the pattern its text must match (without braces or groups); a path fills them. Resolving
 * computes nothing: an observation is made when the resolved supplier is asked.
 */
public final class Observables {
  private static final Pattern VARIABLE = Pattern.compile("\\{([a-z][a-z0-9-]*):([^{}]+)}");

  private final List<Entry> entries = new ArrayList<>();

  private record Entry(
      String template,
      Pattern path,
      List<String> variables,
      Function<Arguments, Observation> observable) {}

  /** The variable parts of a path, by name. */
  public record Arguments(Map<String, String> values) {
    /** The text that stands for the variable. */
    public String text(String variable) {
      String text = values.get(variable);
      if (text == null) {
        throw new IllegalArgumentException("no variable " + variable + " among " + values.keySet());
      }
      return text;
    }

    /** The whole number that stands for the variable. */
    public int integer(String variable) {
      return Integer.parseInt(text(variable));
    }
  }

  /**
   * Adds an observable under a template that no earlier one uses.
   *
   * @return this
   */
  public Observables add(String template, Function<Arguments, Observation> observable) {
    if (templates().contains(template)) {
      throw new IllegalArgumentException("two observables are called " + template);
    }
    List<String> variables = new ArrayList<>();
    StringBuilder path = new StringBuilder();
    int literal = 0;
    for (Matcher variable = VARIABLE.matcher(template); variable.find(); ) {
      path.append(Pattern.quote(template.substring(literal, variable.start())));
      path.append('(').append(variable.group(2)).append(')');
      variables.add(variable.group(1));
      literal = variable.end();
    }
    path.append(Pattern.quote(template.substring(literal)));
    entries.add(new Entry(template, Pattern.compile(path.toString()), variables, observable));
    return this;
  }

  /** The observable a path names, not yet observed; empty when there is none. */
  public Optional<Supplier<Observation>> resolve(String path) {
    for (Entry entry : entries) {
      Matcher matcher = entry.path().matcher(path);
      if (matcher.matches()) {
        Map<String, String> values = new LinkedHashMap<>();
        for (int i = 0; i < entry.variables().size(); i++) {
          values.put(entry.variables().get(i), matcher.group(i + 1));
        }
        Arguments arguments = new Arguments(values);
        return Optional.of(() -> entry.observable().apply(arguments));
      }
    }
    return Optional.empty();
  }

  /** Every template, in the order of their adding. */
  public List<String> templates() {
    return entries.stream().map(Entry::template).toList();
  }

  /** The template that looks most like a path which none matches, to be named in an error. */
  public Optional<String> closest(String path) {
    LevenshteinDistance distance = LevenshteinDistance.getDefaultInstance();
    return templates().stream()
        .min(
            Comparator.comparingInt(
                template -> distance.apply(VARIABLE.matcher(template).replaceAll(""), path)));
  }
}
