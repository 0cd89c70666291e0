/**
 * What the suite sees: observations without tensors, observables by path, and how much text they
 * need. Experiments give them, claims ask for them, and neither knows the other.
 */
package dev.touchstone.suite.observation;
