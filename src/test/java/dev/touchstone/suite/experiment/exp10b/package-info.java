/**
 * exp10b: heads zeroed, averaged and linearized, alone and together. One class per part of the
 * report, and the effects that exp10d builds on.
 */
package dev.touchstone.suite.experiment.exp10b;
