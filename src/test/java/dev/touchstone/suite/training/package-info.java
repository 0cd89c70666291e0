/**
 * What trained the embedded subjects and wrote their files, and what makes models up for tests. No
 * test trains any; the subjects' READMEs give the commands.
 */
package dev.touchstone.suite.training;
