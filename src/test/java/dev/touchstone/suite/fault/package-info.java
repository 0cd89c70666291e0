/**
 * Mistakes made on purpose: one line of an operator edited, compiled and loaded beside the suite,
 * which then judges by what the faulty code observes; or made in a room's code, whose unit tests
 * must notice them. Knows no claim.
 */
package dev.touchstone.suite.fault;
