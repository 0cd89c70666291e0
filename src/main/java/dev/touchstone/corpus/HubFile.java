package dev.touchstone.corpus;

import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * A file of one revision of a repository on the Hugging Face hub.
 *
 * @param names the repository's name, then names it had before, under which old caches keep it
 */
record HubFile(Kind kind, List<String> names, String revision, String file, Pinned pinned) {
  /** What a repository holds, which shows in its address and in its folder in the hub's cache. */
  enum Kind {
    MODEL("", "models--"),
    DATASET("datasets/", "datasets--");

    private final String address;
    private final String folder;

    Kind(String address, String folder) {
      this.address = address;
      this.folder = folder;
    }
  }

  /** Where the hub serves it. */
  URI address(URI hub) {
    return URI.create(
        "%s/%s%s/resolve/%s/%s"
            .formatted(
                hub.toString().replaceFirst("/+$", ""),
                kind.address,
                names.get(0),
                revision,
                file));
  }

  /** Where the hub's own tools would have put it. */
  Stream<Path> cached(Path hubCache) {
    return names.stream()
        .map(
            name ->
                hubCache
                    .resolve(kind.folder + name.replace("/", "--"))
                    .resolve("snapshots")
                    .resolve(revision)
                    .resolve(file));
  }
}
