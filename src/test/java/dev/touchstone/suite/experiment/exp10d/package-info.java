/**
 * exp10d: the same over all tokens, generation, self-refinement, best of N, and context length. One
 * class per part of the report.
 */
package dev.touchstone.suite.experiment.exp10d;
