/**
 * How fast Touchstone is on a checkpoint of GPT-2 small's shape, in one run with TransformerLens
 * beside it. Only the profile {@code bench} compiles this; no test and no claim knows of it.
 */
package dev.touchstone.bench;
