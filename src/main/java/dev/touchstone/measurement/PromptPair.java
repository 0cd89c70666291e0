package dev.touchstone.measurement;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.touchstone.model.Hooks;
import dev.touchstone.model.Site;
import dev.touchstone.model.TokenIds;
import dev.touchstone.model.Transformer;
import dev.touchstone.tensor.Divergence;
import dev.touchstone.tensor.Scope;
import java.util.Collection;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * Two prompts of one length that differ in what matters, and two answers. Activations of one
 * prompt's pass are put into the other's, and what that does to the prediction after the last token
 * is measured (Heimersheim and Nanda 2024, "How to use and interpret activation patching").
 */
public final class PromptPair implements AutoCloseable {
  /** Whose activations go into whose pass. */
  public enum Direction {
    /** The clean prompt's into the corrupted one's: what restores the answer. */
    DENOISING,
    /** The corrupted prompt's into the clean one's: what breaks it. */
    NOISING
  }

  /**
   * What is predicted after a prompt.
   *
   * @param logitDifference the answer's logit less the foil's
   * @param divergence KL(clean || this) over the vocabulary, in nats
   */
  public record Prediction(double logitDifference, double divergence) {}

  private enum Prompt {
    CLEAN,
    CORRUPTED
  }

  private final Transformer model;
  private final NDManager keeper;
  private final int length;
  private final int answer;
  private final int foil;
  private final Map<Prompt, NDArray> ids = new EnumMap<>(Prompt.class);
  private final Map<Prompt, Map<Site, Capture>> seen = new EnumMap<>(Prompt.class);
  private final NDArray cleanLogits;

  /**
   * Runs the clean prompt.
   *
   * @param clean token ids
   * @param corrupted as many
   * @param answer the token that the clean prompt calls for
   * @param foil the token that the corrupted one does
   * @throws IllegalArgumentException when the prompts are not of one length, or a token is none of
   *     the vocabulary's
   */
  public PromptPair(Transformer model, int[] clean, int[] corrupted, int answer, int foil) {
    this.model = model;
    this.answer = answer;
    this.foil = foil;
    length = TokenIds.length(List.of(clean, corrupted));
    keeper = model.manager().newSubManager();
    ids.put(Prompt.CLEAN, TokenIds.of(keeper, List.of(clean)));
    ids.put(Prompt.CORRUPTED, TokenIds.of(keeper, List.of(corrupted)));
    for (Prompt prompt : Prompt.values()) {
      seen.put(prompt, new EnumMap<>(Site.class));
    }
    cleanLogits = Scope.keep(Scope.compute(() -> last(ids.get(Prompt.CLEAN), Hooks.NONE)), keeper);
    long vocabulary = cleanLogits.size();
    for (int token : List.of(answer, foil)) {
      if (token < 0 || token >= vocabulary) {
        keeper.close();
        throw new IllegalArgumentException(
            "there is no token %d to answer with: the model's vocabulary goes from 0 to %d"
                .formatted(token, vocabulary - 1));
      }
    }
  }

  /** What the clean prompt predicts; it diverges by 0. */
  public Prediction clean() {
    return predicted(Direction.NOISING, Hooks.NONE);
  }

  /** What the corrupted prompt predicts. */
  public Prediction corrupted() {
    return predicted(Direction.DENOISING, Hooks.NONE);
  }

  Transformer model() {
    return model;
  }

  /** The prediction of the prompt that is patched, under hooks. */
  Prediction predicted(Direction direction, Hooks hooks) {
    return Scope.measure(
        () -> {
          NDArray logits = last(ids.get(into(direction)), hooks);
          return new Prediction(
              difference(logits).getFloat(), Divergence.kl(cleanLogits, logits).getFloat());
        });
  }

  /** The logit difference of the prompt that is patched, under hooks; to be differentiated. */
  NDArray difference(Direction direction, Hooks hooks) {
    return difference(last(ids.get(into(direction)), hooks));
  }

  private NDArray difference(NDArray logits) {
    return logits.get(answer).sub(logits.get(foil));
  }

  /** Logits [vocabulary] after the last token. */
  private NDArray last(NDArray tokens, Hooks hooks) {
    return model.logits(tokens, hooks).get("0, -1");
  }

  /** An activation of the prompt whose activations are taken, of batch 1. */
  NDArray from(Direction direction, Site site, int layer) {
    return activation(
        direction == Direction.DENOISING ? Prompt.CLEAN : Prompt.CORRUPTED, site, layer);
  }

  /** An activation of the prompt that is patched, of batch 1. */
  NDArray into(Direction direction, Site site, int layer) {
    return activation(into(direction), site, layer);
  }

  private static Prompt into(Direction direction) {
    return direction == Direction.DENOISING ? Prompt.CORRUPTED : Prompt.CLEAN;
  }

  private NDArray activation(Prompt prompt, Site site, int layer) {
    return seen.get(prompt)
        .computeIfAbsent(
            site,
            looked -> {
              Capture capture = new Capture(keeper, looked);
              Scope.measure(() -> model.logits(ids.get(prompt), capture.hooks()).getShape());
              return capture;
            })
        .at(site, layer);
  }

  /** Where activations come from. */
  @FunctionalInterface
  interface Source {
    NDArray at(Site site, int layer);
  }

  /**
   * Hooks that put another pass's activations in the place of some.
   *
   * @throws IllegalArgumentException when the model or the prompts have no such place
   */
  Hooks patching(Collection<Place> places, Source source) {
    places.forEach(place -> place.check(model.config(), length));
    return new Hooks() {
      @Override
      public boolean sees(Site site, int layer) {
        return places.stream().anyMatch(place -> place.site() == site && place.layer() == layer);
      }

      @Override
      public NDArray at(Site site, int layer, NDArray activation) {
        if (!sees(site, layer)) {
          return activation;
        }
        NDArray patched = activation.duplicate();
        NDArray other = source.at(site, layer);
        for (Place place : places) {
          if (place.site() == site && place.layer() == layer) {
            patched.set(place.index(), other.get(place.index()));
          }
        }
        return patched;
      }
    };
  }

  @Override
  public void close() {
    keeper.close();
  }
}
