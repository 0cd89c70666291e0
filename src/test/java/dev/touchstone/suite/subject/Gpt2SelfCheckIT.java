package dev.touchstone.suite.subject;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.touchstone.corpus.Assets;
import dev.touchstone.model.Checkpoint;
import dev.touchstone.suite.training.Gpt2LookAlike;
import dev.touchstone.tensor.Compute;
import io.qameta.allure.Epic;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The check that comes before any verdict about GPT-2, on a checkpoint that only looks like it. */
@Tag("gpt2-shaped")
@Epic("Agreement with TransformerLens")
class Gpt2SelfCheckIT {
  @TempDir Path folder;

  @Test
  void refusesACheckpointOfTheRightShapeThatIsNotGpt2() throws Exception {
    Checkpoint lookAlike = Checkpoint.open(Gpt2LookAlike.write(folder, Assets.fromEnvironment()));

    assertThatThrownBy(() -> Gpt2SelfCheck.check(lookAlike, Compute.fromProperties()))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("where GPT-2 small gives 5.331856")
        .hasMessageContaining("so what is measured here is not GPT-2");
  }
}
