/**
 * Numbers taken from a pass: losses, divergences, changed predictions, captured activations. Each
 * is a function of a pass and knows no text.
 */
package dev.touchstone.measurement;
