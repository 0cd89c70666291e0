package dev.touchstone.corpus;

import dev.touchstone.corpus.Download.Patience;
import dev.touchstone.runtime.AtomicFile;
import dev.touchstone.runtime.Lazy;
import dev.touchstone.runtime.Reason;
import dev.touchstone.runtime.Sha256;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/**
 * The files the suite needs and the repository does not hold. Each is looked for in the assets
 * folder ({@code -Dtouchstone.assets} or {@code TOUCHSTONE_ASSETS}), in the Hugging Face hub's
 * cache, in Touchstone's own cache ({@code -Dtouchstone.cache}), and is fetched from the hub only
 * with {@code -Dtouchstone.download}. None is given out before its hash has been checked. An asset
 * is looked for once; later calls repeat the answer.
 */
public final class Assets {
  private final Places places;
  private final Catalogue catalogue;
  private final Download download;
  private final HashMemory hashes;
  private final Map<Split, Lazy<Path>> wikiText = new EnumMap<>(Split.class);
  private final Lazy<Gpt2Asset> gpt2 = new Lazy<>(this::findGpt2);

  Assets(Places places, Catalogue catalogue, Download download) {
    this.places = places;
    this.catalogue = catalogue;
    this.download = download;
    this.hashes = new HashMemory(places.userCache().resolve("hashes.json"));
    for (Split split : Split.values()) {
      wikiText.put(split, new Lazy<>(() -> findWikiText(split)));
    }
  }

  /**
   * The assets of the places that this JVM's system properties and environment name.
   *
   * @throws BrokenAssetException when an assets folder is named that cannot be read
   */
  public static Assets fromEnvironment() {
    return new Assets(
        Places.from(System::getProperty, System::getenv),
        Catalogue.PUBLISHED,
        new Download(Patience.USUAL, System.err));
  }

  /**
   * A split of WikiText-2 raw, in its official bytes.
   *
   * @throws Unavailable when it is nowhere
   * @throws BrokenAssetException when a file in its place is not it
   */
  public Path wikiText(Split split) {
    return wikiText.get(split).get();
  }

  /**
   * A split of WikiText-2 as the reports tokenize it: rows joined, encoded at once. Tokens are kept
   * in Touchstone's cache.
   *
   * @throws Unavailable when it is nowhere
   * @throws BrokenAssetException when a file in its place is not it
   */
  public Corpus corpus(Split split, Tokenizer tokenizer) {
    return tokenCache().corpus(WikiText.name(split), WikiText.text(wikiText(split)), tokenizer);
  }

  /** Touchstone's own folder of the user, where everything is kept that a run can make again. */
  public Path userCache() {
    return places.userCache();
  }

  /** The tokens that earlier runs have left in Touchstone's cache. */
  public TokenCache tokenCache() {
    return new TokenCache(places.userCache().resolve("tokens"));
  }

  /**
   * GPT-2 small's checkpoint: the complete one wherever it is, else the part of it that an assets
   * folder may hold. With {@code -Dtouchstone.gpt2.unpinned} the assets folder's complete file may
   * be another one.
   *
   * @throws Unavailable when neither is anywhere
   * @throws BrokenAssetException when a file in its place is not it
   */
  public Gpt2Asset gpt2() {
    return gpt2.get();
  }

  /**
   * The checkpoint that is named: in a folder, or a file itself, or of a repository of the hub at a
   * revision, {@code owner/name@} and 40 hexadecimal digits. A repository's files are looked for in
   * the hub's cache and in Touchstone's own, into which they are fetched if that is allowed, each
   * held against the hash that the hub says of it.
   *
   * @return a safetensors file, or the index of several
   * @throws BrokenAssetException when the name means nothing, what it means has no safetensors, or
   *     is not here and may not be fetched
   */
  public Path checkpoint(String named) {
    return HubModel.isRevision(named)
        ? HubModel.parse(named).checkpoint(places, download)
        : ModelFolder.named(named);
  }

  private Path findWikiText(Split split) {
    Pinned pinned = catalogue.wikiText().get(split);
    // What was unpacked from the hub's zip lies in the user's cache, so that comes before the zip.
    Optional<Path> found = first(Stream.concat(inFolder(pinned), Stream.of(inUserCache(pinned))));
    if (found.isPresent()) {
      return checked(found.get(), pinned);
    }
    HubFile zip = catalogue.wikiTextZip();
    Path source = inCaches(zip).orElseThrow(() -> missing("WikiText-2's " + pinned.path()));
    return unpacked(checked(source, zip.pinned()), pinned);
  }

  private Gpt2Asset findGpt2() {
    HubFile file = catalogue.gpt2();
    Pinned pinned = file.pinned();
    Optional<Path> own = first(inFolder(pinned));
    if (own.isPresent() && places.unpinned()) {
      String sha256 = hash(own.get());
      return new Gpt2Asset(own.get(), sha256, true, sha256.equals(pinned.hash()));
    }
    Optional<Path> complete = own.or(() -> inCaches(file));
    if (complete.isPresent()) {
      return new Gpt2Asset(checked(complete.get(), pinned), pinned.hash(), true, true);
    }
    Pinned part = catalogue.gpt2Attention();
    Path partial = first(inFolder(part)).orElseThrow(() -> missing("GPT-2's " + pinned.path()));
    return new Gpt2Asset(checked(partial, part), part.hash(), false, true);
  }

  /**
   * A file of the hub in its cache or in the user's, into which it is fetched if that is allowed.
   */
  private Optional<Path> inCaches(HubFile file) {
    Path own = inUserCache(file.pinned());
    Optional<Path> found = first(Stream.concat(file.cached(places.hubCache()), Stream.of(own)));
    if (found.isEmpty() && places.download()) {
      download.fetch(file.address(places.hub()), file.pinned(), own);
      return Optional.of(own);
    }
    return found;
  }

  private Stream<Path> inFolder(Pinned pinned) {
    return places.folder().map(folder -> folder.resolve(pinned.path())).stream();
  }

  private Path inUserCache(Pinned pinned) {
    return places.userCache().resolve(pinned.path());
  }

  private static Optional<Path> first(Stream<Path> candidates) {
    return candidates.filter(Files::exists).findFirst();
  }

  private Path checked(Path file, Pinned pinned) {
    String found = hash(file);
    if (!found.equals(pinned.hash())) {
      throw broken(file, found, pinned);
    }
    return file;
  }

  private String hash(Path file) {
    try {
      return hashes.sha256(file);
    } catch (IOException e) {
      throw new BrokenAssetException(
          "%s cannot be read (%s): check that it is a file this user may read."
              .formatted(file, Reason.of(e, file)),
          e);
    }
  }

  private static BrokenAssetException broken(Path file, String found, Pinned pinned) {
    return new BrokenAssetException(
        ("%s is not the %s that was pinned (its SHA-256 is %s instead of %s): delete it or put the "
                + "official file in its place.")
            .formatted(file, pinned.path(), found, pinned.hash()));
  }

  private Path unpacked(Path zip, Pinned pinned) {
    Path target = inUserCache(pinned);
    byte[] content = member(zip, pinned);
    try {
      AtomicFile.write(target, content);
      return target;
    } catch (IOException e) {
      throw new BrokenAssetException(e.getMessage() + ".", e);
    }
  }

  /** The member that bears the pinned path; nothing else of the zip is looked at. */
  private static byte[] member(Path zip, Pinned pinned) {
    try (ZipFile archive = new ZipFile(zip.toFile())) {
      ZipEntry entry = archive.getEntry(pinned.path());
      if (entry == null) {
        throw new BrokenAssetException(
            zip + " has no " + pinned.path() + ": delete it and let it be fetched again.");
      }
      byte[] content;
      try (var in = archive.getInputStream(entry)) {
        content = in.readNBytes(Math.toIntExact(pinned.bytes() + 1));
      }
      String found = Sha256.of(content);
      if (!found.equals(pinned.hash())) {
        throw broken(zip.resolve(pinned.path()), found, pinned);
      }
      return content;
    } catch (IOException e) {
      throw new BrokenAssetException(
          "%s cannot be unpacked (%s): delete it and let it be fetched again."
              .formatted(zip, Reason.of(e, zip)),
          e);
    }
  }

  private Unavailable missing(String what) {
    return Unavailable.untilDownloaded(
        "%s is not in %s, the hub's cache %s or Touchstone's cache %s."
            .formatted(
                what,
                places
                    .folder()
                    .map(folder -> "the assets folder " + folder)
                    .orElse("an assets folder (none is named)"),
                places.hubCache(),
                places.userCache()));
  }
}
