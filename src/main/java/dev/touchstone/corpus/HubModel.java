package dev.touchstone.corpus;

import dev.touchstone.corpus.HubFile.Kind;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * A model's repository on the hub at one revision, whose files are not known beforehand.
 *
 * @param name owner and name
 * @param revision of git, all of it
 */
record HubModel(String name, String revision) {
  private static final String FORM = "[\\w.-]+/[\\w.-]+@[0-9a-f]{40}";

  /** What tells the architecture and the tokens; a repository may lack any of it. */
  private static final List<String> BESIDE = List.of("config.json", "tokenizer.json", "vocab.json");

  /** Whether it is a repository's name with a revision. */
  static boolean isRevision(String named) {
    return named.matches(FORM);
  }

  static HubModel parse(String named) {
    String[] parts = named.split("@");
    return new HubModel(parts[0], parts[1]);
  }

  /**
   * Its checkpoint, from wherever all of it is.
   *
   * @throws BrokenAssetException when it is nowhere, and is not to be had
   */
  Path checkpoint(Places places, Download download) {
    Path cached =
        file("config.json").cached(places.hubCache()).findFirst().orElseThrow().getParent();
    Path own = places.userCache().resolve("hub").resolve(name.replace("/", "--")).resolve(revision);
    Optional<Path> here = ModelFolder.whole(cached).or(() -> ModelFolder.whole(own));
    if (here.isPresent()) {
      return here.get();
    }
    if (!places.download()) {
      throw new BrokenAssetException(
          "%s at %s is neither in the hub's cache %s nor in Touchstone's cache %s: add -Dtouchstone.download to fetch it."
              .formatted(name, revision, cached, own));
    }
    try {
      return fetched(places.hub(), own, download);
    } catch (Unavailable e) {
      throw new BrokenAssetException(e.reason() + " Try again, or name a folder that has it.", e);
    }
  }

  private HubFile file(String file) {
    return new HubFile(Kind.MODEL, List.of(name), revision, file, new Pinned(file, 0, ""));
  }

  private Path fetched(URI hub, Path folder, Download download) {
    BESIDE.forEach(file -> fetch(hub, file, folder, download));
    if (fetch(hub, ModelFolder.SINGLE, folder, download)) {
      return folder.resolve(ModelFolder.SINGLE);
    }
    Path index = folder.resolve(ModelFolder.INDEX);
    if (!fetch(hub, ModelFolder.INDEX, folder, download)) {
      throw new BrokenAssetException(
          "%s has neither %s nor %s at %s: check the name and the revision, or choose a model that has safetensors."
              .formatted(name, ModelFolder.SINGLE, ModelFolder.INDEX, revision));
    }
    for (String shard : ModelFolder.shards(index)) {
      if (!fetch(hub, shard, folder, download)) {
        throw new BrokenAssetException(
            "%s lacks %s, which its %s names at %s: choose another revision."
                .formatted(name, shard, ModelFolder.INDEX, revision));
      }
    }
    return index;
  }

  /** Fetches a file unless it is there; false when the repository has none of the name. */
  private boolean fetch(URI hub, String file, Path folder, Download download) {
    Path target = folder.resolve(file);
    if (Files.exists(target)) {
      return true;
    }
    URI address = file(file).address(hub);
    Optional<Pinned> said = download.ask(address, name + "/" + file);
    said.ifPresent(pinned -> download.fetch(address, pinned, target));
    return said.isPresent();
  }
}
