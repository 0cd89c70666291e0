/**
 * spd: what must hold of ablating heads and parameter components of a LlamaSimpleMLP. One class per
 * mode of the report.
 */
package dev.touchstone.suite.experiment.spd;
