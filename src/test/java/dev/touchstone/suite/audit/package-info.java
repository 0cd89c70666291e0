/**
 * Interval arithmetic over printed figures: whether the reports' digits can all be right. Needs no
 * model.
 */
package dev.touchstone.suite.audit;
