package dev.touchstone.corpus;

/**
 * Consecutive tokens of a corpus that a model sees at once.
 *
 * @param start the position of the first in the corpus
 * @param tokens their ids
 */
public record Chunk(int start, int[] tokens) {}
