/**
 * What a process of Touchstone's holds and uses while it runs for long: memory, file handles,
 * threads. Linux alone tells.
 */
package dev.touchstone.suite.soak;
