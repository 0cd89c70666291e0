/**
 * Statistics of numbers: intervals and their arithmetic, the bootstrap, repeated draws, power laws,
 * sums of losses. Nothing here knows a tensor.
 */
package dev.touchstone.statistics;
