package dev.touchstone.corpus;

/**
 * A file that is known by its hash.
 *
 * @param path below the assets folder and below the user's cache, with {@code /}
 * @param bytes its size
 * @param sha256 in lower-case hexadecimal
 */
record Pinned(String path, long bytes, String sha256) {}
