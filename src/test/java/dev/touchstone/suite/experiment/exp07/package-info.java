/**
 * exp07: what each block writes to the residual stream, and along how few directions. One class per
 * part of the report.
 */
package dev.touchstone.suite.experiment.exp07;
