/**
 * What can be done to heads and residual writes, as values that print themselves in one canonical
 * line. Equal ones are equal, and none measures anything.
 */
package dev.touchstone.intervention;
