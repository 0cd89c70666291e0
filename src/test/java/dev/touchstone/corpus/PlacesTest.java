package dev.touchstone.corpus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PlacesTest {
  private final Map<String, String> properties = new HashMap<>();
  private final Map<String, String> environment = new HashMap<>();

  @TempDir private Path folder;

  @BeforeEach
  void home() {
    properties.put("user.home", "home");
  }

  @Test
  void withoutSettingsOnlyTheUsersCachesAreSearched() {
    Places places = places();

    assertThat(places.folder()).isEmpty();
    assertThat(places.hubCache()).isEqualTo(Path.of("home/.cache/huggingface/hub"));
    assertThat(places.userCache()).isEqualTo(Path.of("home/.cache/touchstone"));
    assertThat(places.download()).isFalse();
    assertThat(places.unpinned()).isFalse();
  }

  @Test
  void aPropertyNamesTheAssetsFolderBeforeTheEnvironmentDoes() {
    environment.put("TOUCHSTONE_ASSETS", folder.getParent().toString());
    assertThat(places().folder()).contains(folder.getParent());

    properties.put("touchstone.assets", folder.toString());
    assertThat(places().folder()).contains(folder);
  }

  @Test
  void anEmptySettingIsNone() {
    environment.put("TOUCHSTONE_ASSETS", "");
    environment.put("HF_HOME", " ");

    assertThat(places().folder()).isEmpty();
    assertThat(places().hubCache()).isEqualTo(Path.of("home/.cache/huggingface/hub"));
  }

  @Test
  void anAssetsFolderThatDoesNotExistIsRefused() {
    properties.put("touchstone.assets", folder.resolve("nothing").toString());

    assertThatThrownBy(this::places)
        .isInstanceOf(BrokenAssetException.class)
        .hasMessageContaining("nothing that -Dtouchstone.assets names does not exist");
  }

  @Test
  void anAssetsFolderThatIsAFileIsRefused() throws IOException {
    environment.put("TOUCHSTONE_ASSETS", Files.createFile(folder.resolve("file")).toString());

    assertThatThrownBy(this::places)
        .isInstanceOf(BrokenAssetException.class)
        .hasMessageContaining("file that TOUCHSTONE_ASSETS names is not a folder");
  }

  @Test
  void theHubsOwnVariablesPlaceItsCacheAndItsAddress() {
    environment.put("HF_HOME", "hf");
    environment.put("HF_ENDPOINT", "https://mirror.example/");
    assertThat(places().hubCache()).isEqualTo(Path.of("hf/hub"));
    assertThat(places().hub()).hasToString("https://mirror.example/");

    environment.put("HF_HUB_CACHE", "hub");
    assertThat(places().hubCache()).isEqualTo(Path.of("hub"));
  }

  @Test
  void aSwitchIsOnUnlessItIsAbsentOrFalse() {
    properties.put("touchstone.download", "");
    properties.put("touchstone.gpt2.unpinned", "true");
    properties.put("touchstone.cache", "cache");
    assertThat(places().download()).isTrue();
    assertThat(places().unpinned()).isTrue();
    assertThat(places().userCache()).isEqualTo(Path.of("cache"));

    properties.put("touchstone.download", "false");
    assertThat(places().download()).isFalse();
  }

  private Places places() {
    return Places.from(properties::get, environment::get);
  }
}
