/**
 * exp06: PCA of W_QK, injection of its reconstruction, and clusters of heads. One class per part of
 * the report.
 */
package dev.touchstone.suite.experiment.exp06;
