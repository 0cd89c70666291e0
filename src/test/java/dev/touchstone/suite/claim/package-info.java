/**
 * What a report says, as values: claims, printed figures, units, tolerances, and how a measurement
 * is held against them. Reads no file and measures nothing.
 */
package dev.touchstone.suite.claim;
