/**
 * The suite: five research reports, claim by claim, on top of the library. Its rooms know reports,
 * claims, verdicts and pages; the library knows none of them.
 */
package dev.touchstone.suite;
