package dev.touchstone.suite.verdict;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.datatype.jdk8.Jdk8Module;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** How {@code verdicts.json} keeps a run, beside what it shows. */
public final class RunFormat {
  /** Of the format; raised by a change after which an older file cannot be read. */
  public static final int VERSION = 1;

  /** What the format is, from the folder of reports. */
  public static final String SCHEMA = "../docs/verdicts.schema.json";

  private static final Path SCHEMA_FILE = Path.of("docs/verdicts.schema.json");

  static final JsonMapper JSON =
      JsonMapper.builder()
          .addModule(new Jdk8Module())
          .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .defaultPropertyInclusion(
              JsonInclude.Value.construct(
                  JsonInclude.Include.NON_ABSENT, JsonInclude.Include.NON_ABSENT))
          .build();

  private RunFormat() {}

  /** A new file's beginning: which run it is of. */
  public static ObjectNode begun(Run run) {
    ObjectNode root = JSON.createObjectNode().put("version", VERSION);
    root.set("run", JSON.valueToTree(run.identity()));
    return root;
  }

  /**
   * Which run a file is of.
   *
   * @throws IOException when the file does not say it in this version's way
   */
  public static Identity identity(JsonNode root) throws IOException {
    return JSON.treeToValue(root.get("run"), Identity.class);
  }

  /** Adds which run it is compared with. */
  public static void putBaseline(Run run, ObjectNode root) {
    root.set("baseline", JSON.valueToTree(run.baseline()));
  }

  /** Adds to a verdict's fields what later runs take from it. */
  public static void keep(Verdict verdict, Ledger ledger, ObjectNode fields) {
    StoredVerdict stored = StoredVerdict.of(verdict, ledger);
    stored.observation().ifPresent(seen -> fields.set("observation", JSON.valueToTree(seen)));
    stored.ledger().ifPresent(known -> fields.set("ledger", JSON.valueToTree(known)));
  }

  /** What a run's file has and must not have, or the reverse; nothing of a right one. */
  public static List<String> complaints(JsonNode root) {
    try {
      Schema schema =
          SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12)
              .getSchema(JSON.readTree(Files.readString(SCHEMA_FILE)));
      return schema.validate(root).stream().map(Object::toString).toList();
    } catch (IOException e) {
      throw new IllegalStateException(
          SCHEMA_FILE + " cannot be read (" + e + "): run in the project's folder", e);
    }
  }
}
