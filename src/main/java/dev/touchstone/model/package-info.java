/**
 * Checkpoints, the processing of their weights, and the models that compute logits from them, with
 * sites at which a pass can be watched or changed. Nothing here knows what is changed, or why.
 */
package dev.touchstone.model;
