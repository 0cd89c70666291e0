/**
 * What trained the embedded subjects, and wrote their files. No test runs it; the subjects' READMEs
 * give the commands.
 */
package dev.touchstone.suite.training;
