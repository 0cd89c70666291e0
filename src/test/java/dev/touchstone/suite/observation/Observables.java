package dev.touchstone.suite.observation;

import dev.touchstone.corpus.Unavailable;
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
 * exp10b/individual/{method:zero|mean}/{head:L\d+H\d+}/delta-ppl} gives each variable a name and
 * the pattern its text must match, within one segment; a path fills them. Resolving computes
 * nothing: an observation is made when the resolved supplier is asked.
 */
public final class Observables {
  // A pattern may hold braces of its own, as \\d{2} does.
  private static final Pattern VARIABLE =
      Pattern.compile("\\{(?<name>[a-z][a-z0-9-]*):(?<pattern>(?:[^/{}]|\\{[^/{}]*})+)}");

  private final List<Entry> entries = new ArrayList<>();

  private record Entry(
      String template,
      Pattern path,
      List<String> variables,
      Function<Arguments, Observation> observable) {
    boolean matches(String text) {
      int words = template.indexOf('{') < 0 ? template.length() : template.indexOf('{');
      return text.regionMatches(0, template, 0, words) && path.matcher(text).matches();
    }
  }

  /** The variable segments of a path, by name. */
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

  /** What experiments observe. */
  public static Observables of(List<Experiment> experiments) {
    Observables observables = new Observables();
    experiments.forEach(experiment -> experiment.register(observables));
    return observables;
  }

  /**
   * Adds an observable under a template that no earlier one uses.
   *
   * @return this
   * @throws IllegalArgumentException when the template is taken, or a brace in it opens no variable
   */
  public Observables add(String template, Function<Arguments, Observation> observable) {
    if (templates().contains(template)) {
      throw new IllegalArgumentException("two observables are called " + template);
    }
    List<String> variables = new ArrayList<>();
    StringBuilder path = new StringBuilder();
    Matcher variable = VARIABLE.matcher(template);
    int end = 0;
    while (variable.find()) {
      variables.add(variable.group("name"));
      path.append(Pattern.quote(template.substring(end, variable.start())));
      path.append('(').append(variable.group("pattern")).append(')');
      end = variable.end();
    }
    path.append(Pattern.quote(template.substring(end)));
    if (words(template).contains("{")) {
      throw new IllegalArgumentException(
          template + " has a brace that opens no {name:pattern} within one segment");
    }
    entries.add(new Entry(template, Pattern.compile(path.toString()), variables, observable));
    return this;
  }

  /** The observable a path names, not yet observed; empty when there is none. */
  public Optional<Supplier<Observation>> resolve(String path) {
    return entry(path)
        .map(
            entry -> {
              Matcher matcher = entry.path().matcher(path);
              matcher.matches();
              Map<String, String> values = new LinkedHashMap<>();
              for (int i = 0; i < entry.variables().size(); i++) {
                values.put(entry.variables().get(i), matcher.group(i + 1));
              }
              Arguments arguments = new Arguments(values);
              return () -> entry.observable().apply(arguments);
            });
  }

  /** The template that a path fills; empty when there is none. */
  public Optional<String> template(String path) {
    return entry(path).map(Entry::template);
  }

  private Optional<Entry> entry(String path) {
    return entries.stream().filter(entry -> entry.matches(path)).findFirst();
  }

  /** The same templates, none of which can be observed for the reason given. */
  public Observables withheld(Supplier<Unavailable> reason) {
    Observables withheld = new Observables();
    for (Entry entry : entries) {
      Function<Arguments, Observation> refuse =
          arguments -> {
            throw reason.get();
          };
      withheld.entries.add(new Entry(entry.template(), entry.path(), entry.variables(), refuse));
    }
    return withheld;
  }

  /** Every template, in the order of their adding. */
  public List<String> templates() {
    return entries.stream().map(Entry::template).toList();
  }

  /** The template that looks most like a path which none matches, to be named in an error. */
  public Optional<String> closest(String path) {
    return templates().stream().min(Comparator.comparingInt(template -> steps(template, path)));
  }

  // Edits between the two, segment by segment; what a variable stands for costs nothing.
  private static int steps(String template, String path) {
    String[] wanted = template.split("/");
    String[] written = path.split("/");
    LevenshteinDistance distance = LevenshteinDistance.getDefaultInstance();
    int steps = 0;
    for (int i = 0; i < Math.max(wanted.length, written.length); i++) {
      String have = i < written.length ? written[i] : "";
      String want = i < wanted.length ? wanted[i] : "";
      steps += matches(want, have) ? 0 : distance.apply(words(want), have);
    }
    return steps;
  }

  private static boolean matches(String segment, String text) {
    Matcher variable = VARIABLE.matcher(segment);
    String pattern =
        variable.replaceAll(
            result -> Matcher.quoteReplacement("(?:" + variable.group("pattern") + ")"));
    return text.matches(pattern);
  }

  /** A template without its variables. */
  private static String words(String template) {
    return VARIABLE.matcher(template).replaceAll("");
  }
}
