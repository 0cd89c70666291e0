/**
 * Reads the files of the golden folder into claims. Every complaint names file, line and what to
 * write instead.
 */
package dev.touchstone.suite.golden;
