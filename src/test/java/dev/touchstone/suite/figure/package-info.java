/**
 * Pictures of experiments, with the reports' points beside what was measured. Draws what it is
 * given.
 */
package dev.touchstone.suite.figure;
