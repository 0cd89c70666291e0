package dev.touchstone.suite.experiment.exp06;

import static org.junit.jupiter.api.Assumptions.abort;

import dev.touchstone.corpus.Assets;
import dev.touchstone.corpus.Unavailable;
import dev.touchstone.decomposition.ScikitLearnClusters;
import dev.touchstone.laboratory.Laboratory;
import dev.touchstone.suite.experiment.Experiments;
import dev.touchstone.suite.subject.Bench;
import dev.touchstone.tensor.Compute;
import io.qameta.allure.Epic;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** exp06's 6C from the weights on against scikit-learn: 20 seeds, every number of clusters. */
@Tag("nano144")
@Tag("exp06")
@Epic("Agreement with TransformerLens")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ClusterAgreementIT {
  /** Both sides process the weights in float32, each rounding its own way. */
  private static final double FLOAT32 = 1e-6;

  private Assets assets;
  private Laboratory laboratory;
  private QueryKeyPca nano144;
  private QueryKeyPca gpt2;

  @BeforeAll
  void open() {
    assets = Assets.fromEnvironment();
    laboratory = Experiments.laboratory(assets);
    Compute compute = Compute.fromProperties();
    nano144 = new QueryKeyPca(Bench.nano144(Path.of("golden"), laboratory, compute));
    gpt2 = new QueryKeyPca(Bench.gpt2(assets, laboratory, compute));
  }

  @AfterAll
  void close() {
    laboratory.close();
  }

  @ParameterizedTest(name = "nano144, {0} clusters")
  @ValueSource(ints = {4, 8, 12, 16, 32, 64})
  void clustersNano144AsScikitLearnDoes(int k) {
    agree("nano144", nano144, k);
  }

  /** Its attention weights are enough. */
  @ParameterizedTest(name = "gpt2, {0} clusters")
  @ValueSource(ints = {4, 8, 12, 16, 32, 64})
  void clustersGpt2AsScikitLearnDoes(int k) {
    try {
      if (!assets.gpt2().pinned()) {
        abort("Another checkpoint stands in for GPT-2, of which the oracle says nothing.");
      }
    } catch (Unavailable notHere) {
      abort(notHere.getMessage());
    }
    agree("gpt2", gpt2, k);
  }

  private static void agree(String subject, QueryKeyPca pca, int k) {
    ScikitLearnClusters.of(subject)
        .agreeOn(pca.circuits().coefficients(pca.pca(), QueryKeyClusters.DIMENSIONS), k, FLOAT32);
  }
}
