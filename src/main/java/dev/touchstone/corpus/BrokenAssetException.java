package dev.touchstone.corpus;

/** An asset that is there but is not what it must be; the message says where and what to do. */
public final class BrokenAssetException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  BrokenAssetException(String sentence) {
    super(sentence);
  }

  BrokenAssetException(String sentence, Throwable cause) {
    super(sentence, cause);
  }
}
