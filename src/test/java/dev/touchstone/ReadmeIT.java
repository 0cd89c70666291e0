package dev.touchstone;

import static org.assertj.core.api.Assertions.assertThat;

import dev.touchstone.corpus.Tokenizer;
import dev.touchstone.suite.reproduction.Agreement;
import dev.touchstone.suite.reproduction.AgreesWith;
import dev.touchstone.suite.reproduction.Recorded;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The README's blocks of Java, compiled and run as they stand there. */
@AgreesWith("nano144/nano144.json")
class ReadmeIT {
  private static final String HEAD = "Ablate a head yourself";
  private static final String PATCHES = "Patch between two prompts";
  private static final String COMPONENTS = "Ablate a component of your own decomposition";

  private final Recorded oracle;

  @TempDir private Path folder;

  ReadmeIT(Recorded oracle) {
    this.oracle = oracle;
  }

  @Tag("nano144")
  @Test
  void ablatesAHead(Agreement agreement) throws Exception {
    Files.deleteIfExists(Path.of("target/mine.sqlite"));

    // Beside how far it is, which a slow machine prints too.
    Map<String, Double> perplexities =
        run(HEAD)
            .lines()
            .filter(line -> line.matches("\\S+ [0-9.]+"))
            .map(line -> line.split(" "))
            .collect(Collectors.toMap(line -> line[0], line -> Double.parseDouble(line[1])));

    assertThat(perplexities)
        .containsOnlyKeys("baseline", "zero(L0H8)", "mean(L0H8)", "relu(L3H1,L5H0)+zero(L1H1)");
    assertThat(perplexities.values()).doesNotHaveDuplicates();
    agreement
        .relative("perplexity", 1e-4)
        .compare(
            "baseline", perplexities.get("baseline"), oracle.number("/full/baseline/perplexity"));
  }

  /** What is printed is TransformerLens's: of the prompts, of the head that restores most. */
  @Tag("nano144")
  @Test
  void patchesBetweenPrompts(Agreement agreement) throws Exception {
    Recorded patching = Recorded.in("nano144/patching.json");
    Map<String, Double> differences =
        Pattern.compile("(\\S+) Prediction\\[logitDifference=([^,]+), divergence=[^\\]]+]")
            .matcher(run(PATCHES))
            .results()
            .collect(
                Collectors.toMap(line -> line.group(1), line -> Double.parseDouble(line.group(2))));
    String strongest =
        Collections.max(
                patching.numbers("/pairs/0/denoising/attribution").entrySet(),
                Map.Entry.comparingByValue())
            .getKey();

    assertThat(differences).containsOnlyKeys("clean", "corrupted", strongest, "directly");
    agreement
        .absolute("logit difference", 2e-4)
        .compare("clean", differences.get("clean"), patching.number("/pairs/0/clean/0"))
        .compare("corrupted", differences.get("corrupted"), patching.number("/pairs/0/corrupted/0"))
        .compare(
            strongest,
            differences.get(strongest),
            patching.number("/pairs/0/denoising/heads/" + strongest + "/0"))
        .compare(
            "directly",
            differences.get("directly"),
            patching.number("/pairs/0/denoising/paths to the logits/" + strongest + "/0"));
  }

  @Tag("spd")
  @Test
  void ablatesComponents() throws Exception {
    String printed = run(COMPONENTS);
    List<MatchResult> changes =
        Pattern.compile(
                "PredictionChange\\[changed=\\d+, positions=(\\d+), meanKlDivergence=([^\\]]+)]")
            .matcher(printed)
            .results()
            .toList();

    assertThat(changes).hasSize(4);
    assertThat(changes)
        .extracting(change -> Integer.parseInt(change.group(1)))
        .containsOnly(tokens(block(COMPONENTS)));
    assertThat(changes).allMatch(change -> Double.parseDouble(change.group(2)) > 0);
    assertThat(printed)
        .contains(" nats, found with 50 steps of 0.01, 0 restarts, from random sources")
        .containsPattern("layer 1 writes at 5: 0\\.\\d+")
        .containsPattern("token before: \\{L0H0=0\\.\\d+, .*L1H3=0\\.\\d+}");
  }

  private static int tokens(String block) {
    Matcher sentence = Pattern.compile("encode\\(\"([^\"]+)\"\\)").matcher(block);
    assertThat(sentence.find()).isTrue();
    return Tokenizer.r50kPrefix(1024).encode(sentence.group(1)).length;
  }

  @Tag("nano144")
  @Test
  void everyBlockIsRun() throws IOException {
    assertThat(Page.of(Path.of("README.md")).blocks("java"))
        .containsOnlyKeys(HEAD, PATCHES, COMPONENTS);
  }

  /** What a block prints in a JVM of its own, which compiles it against what is tested here. */
  private String run(String heading) throws IOException, InterruptedException {
    Path source = folder.resolve("Example.java");
    Files.writeString(
        source,
        """
        %s
        class Example {
          public static void main(String[] args) throws Exception {
        %s
          }
        }
        """
            .formatted(imports(), block(heading)));
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    System.getProperties().stringPropertyNames().stream()
        .filter(name -> name.startsWith("touchstone."))
        .forEach(name -> command.add("-D" + name + "=" + System.getProperty(name)));
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), source.toString()));
    Path complaints = folder.resolve("complaints.txt");

    Process process = new ProcessBuilder(command).redirectError(complaints.toFile()).start();
    String printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

    assertThat(process.waitFor()).as(Files.readString(complaints)).isZero();
    return printed;
  }

  private static String block(String heading) throws IOException {
    return Page.of(Path.of("README.md")).blocks("java").get(heading);
  }

  private static String imports() {
    return Stream.concat(
            Stream.of("ai.djl.ndarray", "ai.djl.ndarray.types", "java.nio.file", "java.util"),
            ArchitectureTest.LIBRARY.stream())
        .map("import %s.*;"::formatted)
        .collect(Collectors.joining("\n"));
  }
}
