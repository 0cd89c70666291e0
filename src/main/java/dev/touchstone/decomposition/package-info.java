/**
 * Linear algebra over weights and activations: principal components, clusters, parameter components
 * with their masks and causal importances. Arrays in, arrays out.
 */
package dev.touchstone.decomposition;
