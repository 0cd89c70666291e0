/**
 * Statistics of numbers: intervals and their arithmetic, the bootstrap, repeated draws, k-means and
 * NumPy's random generator, sums of losses. Nothing here knows a tensor.
 */
package dev.touchstone.statistics;
