package dev.touchstone.decomposition;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.touchstone.model.Checkpoint;
import dev.touchstone.model.CheckpointException;
import dev.touchstone.model.Hooks;
import dev.touchstone.model.LinearMaps;
import dev.touchstone.model.LlamaSimpleMlp;
import dev.touchstone.model.LlamaSimpleMlpConfig;
import dev.touchstone.tensor.Scope;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A model and the parameter components of some of its linear maps (stochastic parameter
 * decomposition, Bushnaq et al. 2025; docs/protocol.md, "Components"). Modules without components
 * keep their weights.
 *
 * @param components by module
 * @param networks by module; a module without one has no causal importance
 */
public record ComponentModel(
    LlamaSimpleMlp target,
    Map<String, LinearComponents> components,
    Map<String, ImportanceNetwork> networks) {
  private static final String COMPONENTS = "_components.";
  private static final String NETWORKS = "_ci_fns.";

  /** Keeps the order of the modules. */
  public ComponentModel {
    components = Collections.unmodifiableMap(new LinkedHashMap<>(components));
    networks = Collections.unmodifiableMap(new LinkedHashMap<>(networks));
  }

  /**
   * Reads a decomposition by the original's names: {@code _components.h-0-attn-q_proj.V} [d_in, C]
   * and {@code .U} [C, d_out], {@code _ci_fns.h-0-attn-q_proj.layers.0.W} and {@code .b}, the
   * layers' numbers ascending; other tensors are left alone.
   *
   * @param parent where the components live; they are not closed with the model
   * @throws CheckpointException when a tensor is missing or does not fit the model
   */
  public static ComponentModel load(
      Checkpoint checkpoint, LlamaSimpleMlp target, NDManager parent) {
    Map<String, LinearComponents> components = new LinkedHashMap<>();
    Map<String, ImportanceNetwork> networks = new LinkedHashMap<>();
    for (String module : target.config().modules()) {
      String name = COMPONENTS + stored(module);
      if (checkpoint.has(name + ".V")) {
        Shape weight = target.weights().get(module + ".weight").getShape();
        int count = checkpoint.dimension(name + ".V", 2, 1);
        checkpoint.expect(name + ".V", new Shape(weight.get(1), count));
        checkpoint.expect(name + ".U", new Shape(count, weight.get(0)));
        components.put(
            module,
            new LinearComponents(
                checkpoint.load(parent, name + ".V"), checkpoint.load(parent, name + ".U")));
        List<ImportanceNetwork.Layer> layers =
            layers(checkpoint, module, weight.get(1), count, parent);
        if (!layers.isEmpty()) {
          networks.put(module, ImportanceNetwork.of(layers));
        }
      }
    }
    if (components.isEmpty()) {
      throw new CheckpointException(
          checkpoint.path(),
          "has no tensor '_components.h-0-attn-q_proj.V' or of another module, so it decomposes"
              + " nothing",
          "choose a decomposition of this model, with the original's names of its tensors");
    }
    return new ComponentModel(target, components, networks);
  }

  private static List<ImportanceNetwork.Layer> layers(
      Checkpoint checkpoint, String module, long input, int count, NDManager parent) {
    // The original numbers the activations between the layers too: 0, 2, 4.
    Pattern weight =
        Pattern.compile(
            "(" + Pattern.quote(NETWORKS + stored(module)) + "\\.layers\\.(0|[1-9]\\d{0,3}))\\.W");
    List<String> names =
        checkpoint.names().stream()
            .map(weight::matcher)
            .filter(Matcher::matches)
            .sorted(Comparator.comparingInt(found -> Integer.parseInt(found.group(2))))
            .map(found -> found.group(1))
            .toList();
    if (names.isEmpty()) {
      return List.of();
    }
    String first = names.get(0) + ".W";
    int axes = checkpoint.shape(first).dimension() == 2 ? 2 : 3;
    boolean shared = axes == 2;
    long in = !shared && checkpoint.dimension(first, axes, 1) == 1 ? 1 : input;
    List<ImportanceNetwork.Layer> layers = new ArrayList<>();
    for (String name : names) {
      boolean last = layers.size() == names.size() - 1;
      int each = shared ? count : 1;
      int out = last ? each : checkpoint.dimension(name + ".W", axes, axes - 1);
      checkpoint.expect(name + ".W", shared ? new Shape(in, out) : new Shape(count, in, out));
      checkpoint.expect(name + ".b", shared ? new Shape(out) : new Shape(count, out));
      layers.add(
          new ImportanceNetwork.Layer(
              checkpoint.load(parent, name + ".W"), checkpoint.load(parent, name + ".b")));
      in = out;
    }
    return layers;
  }

  private static String stored(String module) {
    return module.replace('.', '-');
  }

  /** All tensors by the names they are read from. */
  public Map<String, NDArray> tensors() {
    Map<String, NDArray> tensors = new LinkedHashMap<>();
    components.forEach(
        (module, parts) -> {
          tensors.put(COMPONENTS + stored(module) + ".V", parts.v());
          tensors.put(COMPONENTS + stored(module) + ".U", parts.u());
        });
    networks.forEach(
        (module, network) -> {
          for (int i = 0; i < network.layers().size(); i++) {
            String name = NETWORKS + stored(module) + ".layers." + 2 * i;
            tensors.put(name + ".W", network.layers().get(i).weight());
            tensors.put(name + ".b", network.layers().get(i).bias());
          }
        });
    return tensors;
  }

  /**
   * Insists that there is such a component.
   *
   * @throws IllegalArgumentException naming the modules or components there are
   */
  public void check(Component component) {
    LinearComponents parts = components.get(component.module());
    if (parts == null) {
      throw new IllegalArgumentException(
          "there is no component %s: the decomposed modules are %s"
              .formatted(component, String.join(", ", components.keySet())));
    }
    if (component.index() >= parts.count()) {
      throw new IllegalArgumentException(
          "there is no component %s: those of %s are 0 to %d"
              .formatted(component, component.module(), parts.count() - 1));
    }
  }

  /**
   * Insists that there is such a contribution.
   *
   * @throws IllegalArgumentException naming what is not there
   */
  public void check(Contribution contribution) {
    check(contribution.component());
    String module = contribution.component().module();
    contribution
        .head()
        .ifPresent(
            head -> {
              LlamaSimpleMlpConfig config = target.config();
              int heads = module.endsWith("q_proj") ? config.heads() : config.keyValueHeads();
              if (!module.matches("h\\." + head.layer() + "\\.attn\\.[qkv]_proj")
                  || head.index() >= heads) {
                throw new IllegalArgumentException(
                    "%s is no part of what %s gives: of q_proj, k_proj and v_proj it is a head of their layer, of the latter two a key and value head"
                        .formatted(head, module));
              }
            });
  }

  /**
   * Token ids [batch, position] to logits [batch, position, vocabulary] with components in the
   * place of the modules that have a mask. Differentiable in the masks and in V and U.
   */
  public NDArray logits(NDArray ids, Map<String, ModuleMask> masks, Hooks hooks) {
    return target.logits(ids, hooks, maps(masks));
  }

  /** The linear maps of a pass under these masks. */
  public LinearMaps maps(Map<String, ModuleMask> masks) {
    return (module, input) -> {
      ModuleMask mask = masks.get(module);
      return mask == null
          ? target.linear(module, input)
          : mask.apply(components.get(module), input, () -> target.linear(module, input));
    };
  }

  /** Linear maps whose outputs lack what some components contribute. */
  public LinearMaps less(LinearMaps maps, List<Contribution> contributions) {
    return (module, input) -> {
      NDArray output = maps.apply(module, input);
      for (Contribution each : contributions) {
        if (each.component().module().equals(module)) {
          output = output.sub(each.of(components.get(module), input, target.config().headWidth()));
        }
      }
      return output;
    };
  }

  /** What the modules with components read in a pass of the target, kept in {@code keeper}. */
  public Map<String, NDArray> inputs(NDArray ids, NDManager keeper) {
    Map<String, NDArray> inputs = new LinkedHashMap<>();
    Scope.measure(
        () ->
            target.logits(
                ids,
                Hooks.NONE,
                (module, input) -> {
                  if (components.containsKey(module)) {
                    inputs.put(module, Scope.keep(input.duplicate(), keeper));
                  }
                  return target.linear(module, input);
                }));
    return inputs;
  }

  /**
   * Causal importance: what the networks say, clamped to [0, 1], [batch, position, C] by module.
   */
  public Map<String, NDArray> importances(NDArray ids, NDManager keeper) {
    return importances(ids, raw -> raw, keeper);
  }

  /** The same with what the networks say changed before it is clamped. */
  public Map<String, NDArray> importances(
      NDArray ids, UnaryOperator<NDArray> change, NDManager keeper) {
    Map<String, NDArray> importances = new LinkedHashMap<>();
    try (NDManager passing = keeper.newSubManager()) {
      inputs(ids, passing)
          .forEach(
              (module, input) ->
                  importances.put(
                      module,
                      Scope.keep(
                          Scope.compute(
                              () ->
                                  change
                                      .apply(
                                          networks.get(module).apply(input, components.get(module)))
                                      .clip(0f, 1f)),
                          keeper)));
    }
    return importances;
  }

  /** W - (V U)^T, [d_out, d_in]. */
  public NDArray weightDelta(String module) {
    return target.weights().get(module + ".weight").sub(components.get(module).weight());
  }

  /** Masks of ones, [1, 1, C], kept in {@code keeper}. */
  public Map<String, ModuleMask> ones(NDManager keeper) {
    Map<String, ModuleMask> masks = new LinkedHashMap<>();
    components.forEach(
        (module, parts) ->
            masks.put(module, ModuleMask.of(keeper.ones(new Shape(1, 1, parts.count())))));
    return masks;
  }
}
