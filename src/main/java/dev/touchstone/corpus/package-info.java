/**
 * Texts as token chunks, the tokenizer, and pinned, hashed assets with their download. Text in,
 * token ids out; no model.
 */
package dev.touchstone.corpus;
