package dev.touchstone.suite.verdict;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.datatype.jdk8.Jdk8Module;
import dev.touchstone.suite.observation.Observation;
import org.junit.jupiter.api.Test;

class StoredObservationTest {
  private static final ObjectMapper JSON = new ObjectMapper().registerModule(new Jdk8Module());

  @Test
  void keepsWhatFindingANumberTook() throws Exception {
    Observation found = Observation.quantity(1.5).under("50 steps");

    JsonNode kept = JSON.valueToTree(StoredObservation.of(found));

    assertThat(kept.path("conditions").asText()).isEqualTo("50 steps");
    assertThat(JSON.treeToValue(kept, StoredObservation.class).observation()).isEqualTo(found);
  }
}
