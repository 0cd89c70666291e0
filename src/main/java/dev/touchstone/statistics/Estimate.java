package dev.touchstone.statistics;

/**
 * A number and where it may lie, in the same unit.
 *
 * @param value the number itself
 * @param interval its 95% interval
 */
public record Estimate(double value, Interval interval) {}
