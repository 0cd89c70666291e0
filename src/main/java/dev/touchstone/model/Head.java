package dev.touchstone.model;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * An attention head by its place in the grid, both counted from 0: {@code L0H8} is head 8 of layer
 * 0.
 */
public record Head(int layer, int index) implements Comparable<Head>, Serializable {
  private static final Pattern NAME = Pattern.compile("L(\\d{1,4})H(\\d{1,4})");
  private static final Comparator<Head> ORDER =
      Comparator.comparingInt(Head::layer).thenComparingInt(Head::index);

  /**
   * The head a name stands for.
   *
   * @throws IllegalArgumentException when the text is not of the form {@code L0H8}
   */
  public static Head parse(String name) {
    Matcher matcher = NAME.matcher(name);
    if (!matcher.matches()) {
      throw new IllegalArgumentException(
          "\"" + name + "\" is no head: write layer and head counted from 0, as in L0H8");
    }
    return new Head(Integer.parseInt(matcher.group(1)), Integer.parseInt(matcher.group(2)));
  }

  /** Every head of a model, by layer, then by index. */
  public static List<Head> all(int layers, int heads) {
    List<Head> all = new ArrayList<>(layers * heads);
    for (int layer = 0; layer < layers; layer++) {
      for (int index = 0; index < heads; index++) {
        all.add(new Head(layer, index));
      }
    }
    return List.copyOf(all);
  }

  @Override
  public int compareTo(Head other) {
    return ORDER.compare(this, other);
  }

  @Override
  public String toString() {
    return "L" + layer + "H" + index;
  }
}
