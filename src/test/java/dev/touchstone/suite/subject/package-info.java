/**
 * The subjects that the reports speak of, each with its texts and the laboratory that measures it.
 * What every experiment needs and no report owns.
 */
package dev.touchstone.suite.subject;
