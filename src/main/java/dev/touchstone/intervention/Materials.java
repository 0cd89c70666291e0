package dev.touchstone.intervention;

import java.util.HashMap;
import java.util.Map;

/** What the interventions of a run name, by that name. */
public record Materials(Map<String, Material> byName) {
  /** Nothing named. */
  public static final Materials NONE = new Materials(Map.of());

  public Materials {
    byName = Map.copyOf(byName);
  }

  /** These and one more. */
  public Materials with(String name, Material material) {
    Map<String, Material> more = new HashMap<>(byName);
    more.put(name, material);
    return new Materials(more);
  }

  /** These, with the material of a name made if that was deferred. */
  Materials made(String name) {
    return get(name) instanceof Deferred deferred ? with(name, deferred.made().get()) : this;
  }

  HeadOutputs headOutputs(String name) {
    return get(name, HeadOutputs.class, "outputs of heads for these sequences");
  }

  MeanPatterns meanPatterns(String name) {
    return get(name, MeanPatterns.class, "mean patterns");
  }

  HeadMeans headMeans(String name) {
    return get(name, HeadMeans.class, "head means");
  }

  WriteBasis writeBasis(String name) {
    return get(name, WriteBasis.class, "basis of writes");
  }

  QueryChange queryChange(String name) {
    return get(name, QueryChange.class, "change of W_Q");
  }

  /**
   * The material of a name, whatever it is.
   *
   * @throws IllegalArgumentException when none was given
   */
  public Material get(String name) {
    if (!byName.containsKey(name)) {
      throw absent("material", name);
    }
    return byName.get(name);
  }

  private <T extends Material> T get(String name, Class<T> type, String what) {
    Material material = byName.get(name);
    if (!type.isInstance(material)) {
      throw absent(what, name);
    }
    return type.cast(material);
  }

  private IllegalArgumentException absent(String what, String name) {
    return new IllegalArgumentException(
        "no " + what + " called \"" + name + "\" was given; there are " + byName.keySet());
  }
}
