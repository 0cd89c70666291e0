/**
 * The expressions that claim files write: interval arithmetic over printed figures, which tells
 * whether the reports' digits can all be right, and formulas over what is measured. Needs no model.
 */
package dev.touchstone.suite.audit;
