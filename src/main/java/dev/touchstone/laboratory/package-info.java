/**
 * Runs a subject under an intervention over a text once, keeps what came out, resumes where a
 * killed run stopped, and shows progress. The only room that schedules work.
 */
package dev.touchstone.laboratory;
