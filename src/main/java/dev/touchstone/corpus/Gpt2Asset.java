package dev.touchstone.corpus;

import java.nio.file.Path;

/**
 * GPT-2 small's checkpoint, as far as it is here.
 *
 * @param path a safetensors file
 * @param sha256 the file's hash, found by reading it
 * @param complete whether it has every tensor, or only those of the attention and the layer norms
 * @param pinned whether it is the file the reports were made from; if not, a developer has let
 *     another one stand in for it
 */
public record Gpt2Asset(Path path, String sha256, boolean complete, boolean pinned) {}
