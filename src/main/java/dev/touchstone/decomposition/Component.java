package dev.touchstone.decomposition;

import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A parameter component by its module and its place in it, counted from 0: {@code
 * h.0.attn.q_proj:3}.
 */
public record Component(String module, int index) {
  private static final Pattern NAME = Pattern.compile("(?<module>[\\w.]+):(?<index>\\d{1,7})");

  /**
   * The component a name stands for.
   *
   * @throws IllegalArgumentException when the text is not of that form
   */
  public static Component parse(String name) {
    Matcher matcher = NAME.matcher(name.strip());
    if (!matcher.matches()) {
      throw new IllegalArgumentException(
          "\"%s\" is no component: write the module and the component counted from 0, as in h.0.attn.q_proj:3"
              .formatted(name));
    }
    return new Component(matcher.group("module"), Integer.parseInt(matcher.group("index")));
  }

  /** The components of a list, {@code h.0.attn.q_proj:3,h.1.attn.k_proj:7}. */
  public static List<Component> parseAll(String names) {
    return Arrays.stream(names.split(",")).map(Component::parse).toList();
  }

  @Override
  public String toString() {
    return module + ":" + index;
  }
}
