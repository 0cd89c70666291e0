package dev.touchstone.corpus;

import java.net.URI;

/**
 * A file of the Hugging Face hub that the reports were made from.
 *
 * @param address where the hub serves the revision that is pinned
 * @param bytes its size
 * @param sha256 in lower-case hexadecimal
 */
public record Published(URI address, long bytes, String sha256) {
  /** GPT-2 small's complete checkpoint. */
  public static Published gpt2() {
    return of(Catalogue.PUBLISHED.gpt2());
  }

  /** The archive of WikiText-2's splits. */
  public static Published wikiText() {
    return of(Catalogue.PUBLISHED.wikiTextZip());
  }

  private static Published of(HubFile file) {
    Pinned pinned = file.pinned();
    return new Published(file.address(URI.create(Places.HUB)), pinned.bytes(), pinned.hash());
  }
}
