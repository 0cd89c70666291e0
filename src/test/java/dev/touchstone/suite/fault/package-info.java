/**
 * Mistakes made on purpose: one line of an operator edited, compiled and loaded beside the suite,
 * which then judges by what the faulty code observes. Knows no claim.
 */
package dev.touchstone.suite.fault;
