/**
 * What a run leaves for people and machines: pages of Markdown, JSON and CSV, and an RO-Crate that
 * describes them. Formats what it is given and judges nothing.
 */
package dev.touchstone.suite.page;
