/**
 * The little that DJL lacks: scopes that free what they allocate, the choice of a device, seeded
 * random arrays. Nothing here knows a transformer.
 */
package dev.touchstone.tensor;
