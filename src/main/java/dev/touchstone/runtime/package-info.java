/**
 * What any long-running program needs: files that appear only when whole, whose turn it is to make
 * one, hashes, values worked out once, progress. Nothing here knows a model or a text.
 */
package dev.touchstone.runtime;
