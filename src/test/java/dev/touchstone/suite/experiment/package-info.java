/**
 * All experiments over all subjects. Wiring only: what is measured stands in a room per report
 * below.
 */
package dev.touchstone.suite.experiment;
