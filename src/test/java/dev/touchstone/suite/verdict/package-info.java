/**
 * Judges claims by the audit and by measurement, and holds what is known not to hold in a ledger.
 * Also what other subjects and other protocols make of a claim.
 */
package dev.touchstone.suite.verdict;
