package dev.touchstone.corpus;

import java.io.Serializable;
import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/**
 * Consecutive tokens of a corpus that a model sees at once.
 *
 * @param start the position of the first in the corpus
 * @param tokens their ids
 */
public record Chunk(int start, int[] tokens) implements Serializable {
  /** What tells it apart in its corpus: where it starts, and a CRC-32C of its tokens. */
  public long key() {
    ByteBuffer ids = ByteBuffer.allocate(tokens.length * Integer.BYTES);
    ids.asIntBuffer().put(tokens);
    CRC32C checksum = new CRC32C();
    checksum.update(ids);
    return (long) start << Integer.SIZE | checksum.getValue();
  }
}
