package dev.touchstone.corpus;

import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/**
 * Where assets are looked for and what may be done to get them.
 *
 * @param folder laid out by the user
 * @param hubCache the Hugging Face hub's, only ever read
 * @param userCache Touchstone's own
 * @param download whether what is missing may be fetched
 * @param unpinned whether another checkpoint may stand in for GPT-2
 * @param hub from where it is fetched
 */
record Places(
    Optional<Path> folder,
    Path hubCache,
    Path userCache,
    boolean download,
    boolean unpinned,
    URI hub) {
  static final String HUB = "https://huggingface.co";

  /**
   * The places that system properties and environment variables name; both give null for what is
   * not set.
   *
   * @throws BrokenAssetException when an assets folder is named that cannot be read
   */
  static Places from(UnaryOperator<String> property, UnaryOperator<String> environment) {
    Path caches = Path.of(property.apply("user.home"), ".cache");
    return new Places(
        folder(property, environment),
        given(environment, "HF_HUB_CACHE")
            .map(Path::of)
            .or(() -> given(environment, "HF_HOME").map(home -> Path.of(home, "hub")))
            .orElse(caches.resolve("huggingface").resolve("hub")),
        given(property, "touchstone.cache").map(Path::of).orElse(caches.resolve("touchstone")),
        isOn(property, "touchstone.download"),
        isOn(property, "touchstone.gpt2.unpinned"),
        // The hub's own tools take a mirror from the same variable.
        URI.create(given(environment, "HF_ENDPOINT").orElse(HUB)));
  }

  private static Optional<Path> folder(
      UnaryOperator<String> property, UnaryOperator<String> environment) {
    Optional<String> fromProperty = given(property, "touchstone.assets");
    String source = fromProperty.isPresent() ? "-Dtouchstone.assets" : "TOUCHSTONE_ASSETS";
    Optional<Path> folder =
        fromProperty.or(() -> given(environment, "TOUCHSTONE_ASSETS")).map(Path::of);
    folder.ifPresent(
        path -> {
          String problem =
              !Files.exists(path)
                  ? "does not exist"
                  : !Files.isDirectory(path)
                      ? "is not a folder"
                      : !Files.isReadable(path) || !Files.isExecutable(path)
                          ? "may not be read by this user"
                          : null;
          if (problem != null) {
            throw new BrokenAssetException(
                "The assets folder %s that %s names %s: name another or none."
                    .formatted(path.toAbsolutePath(), source, problem));
          }
        });
    return folder;
  }

  private static Optional<String> given(UnaryOperator<String> source, String name) {
    return Stream.ofNullable(source.apply(name)).filter(value -> !value.isBlank()).findFirst();
  }

  private static boolean isOn(UnaryOperator<String> property, String name) {
    String value = property.apply(name);
    return value != null && !value.equals("false");
  }
}
