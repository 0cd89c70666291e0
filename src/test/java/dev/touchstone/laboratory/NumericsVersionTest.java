package dev.touchstone.laboratory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.touchstone.Javac;
import dev.touchstone.corpus.Chunks;
import dev.touchstone.intervention.Intervention;
import dev.touchstone.intervention.Materials;
import dev.touchstone.laboratory.NumericsVersion.Measurement;
import java.io.IOException;
import java.io.OutputStream;
import java.net.URISyntaxException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The library is compiled again with a change, and what its losses are known by is looked at. */
class NumericsVersionTest {
  private static final Path SOURCES = Path.of("src/main/java/dev/touchstone");

  /** One of each kind, and all of them together. */
  private static final List<Intervention> INTERVENTIONS =
      Stream.of(
              "baseline",
              "zero(L0H0)",
              "mean(L0H1)",
              "relu(L0H2)",
              "inject[circuit](L1H0)",
              "project[writes:2](L1)",
              "pattern[text](L0H1)",
              "resample[1](L0H1)",
              "inject[circuit](L1H0)+mean(L0H1)+pattern[text](L1H1)+project[writes:2](L1)"
                  + "+relu(L0H2)+resample[1](L1H2)+zero(L0H0)")
          .map(Intervention::parse)
          .toList();

  @TempDir Path folder;

  private static URL classes() {
    return NumericsVersion.class.getProtectionDomain().getCodeSource().getLocation();
  }

  /** Nothing of the running code is behind it. */
  private static NumericsVersion of(URL... places) {
    return new NumericsVersion(new URLClassLoader(places, null));
  }

  private static String source(String file) throws IOException {
    return Files.readString(SOURCES.resolve(file));
  }

  /** Of the library with an edit in a source, in which the text to be replaced stands once. */
  private NumericsVersion with(String file, String replace, String by) throws IOException {
    return with(Map.of(file, edited(file, replace, by)));
  }

  private static String edited(String file, String replace, String by) throws IOException {
    String sound = source(file);
    assertThat(sound).as(file).containsOnlyOnce(replace);
    return sound.replace(replace, by);
  }

  /** Of the library with other texts in some sources. */
  private NumericsVersion with(Map<String, String> sources) throws IOException {
    Path work = Files.createTempDirectory(folder, "changed");
    List<Path> written = new ArrayList<>();
    for (var each : sources.entrySet()) {
      Path source = work.resolve(each.getKey());
      Files.createDirectories(source.getParent());
      written.add(Files.writeString(source, each.getValue()));
    }
    Path classes = Files.createDirectory(work.resolve("classes"));
    Javac.compile(written, classes);
    return of(classes.toUri().toURL(), classes());
  }

  /** The interventions whose losses are not known any more. */
  private static List<String> forgotten(NumericsVersion changed) {
    NumericsVersion now = NumericsVersion.current();
    return INTERVENTIONS.stream()
        .filter(
            each -> !changed.of(Measurement.LOSSES, each).equals(now.of(Measurement.LOSSES, each)))
        .map(Intervention::toString)
        .toList();
  }

  private static List<String> all() {
    return INTERVENTIONS.stream().map(Intervention::toString).toList();
  }

  @Test
  void tellsKindsOfInterventionsApartAndNotTheirHeads() {
    NumericsVersion now = NumericsVersion.current();

    assertThat(INTERVENTIONS.stream().map(each -> now.of(Measurement.LOSSES, each)))
        .doesNotHaveDuplicates();
    assertThat(now.of(Measurement.LOSSES, Intervention.parse("zero(L1H2@3)")))
        .isEqualTo(now.of(Measurement.LOSSES, INTERVENTIONS.get(1)))
        .matches("[0-9a-f]{16}");
  }

  @Test
  void isTheSameOfAFolderAndOfAJar() throws IOException, URISyntaxException {
    Path compiled = Path.of(classes().toURI());
    Path jar = folder.resolve("library.jar");
    try (OutputStream file = Files.newOutputStream(jar);
        JarOutputStream out = new JarOutputStream(file);
        Stream<Path> all = Files.walk(compiled)) {
      for (Path each : all.filter(Files::isRegularFile).toList()) {
        out.putNextEntry(new JarEntry(compiled.relativize(each).toString().replace('\\', '/')));
        Files.copy(each, out);
      }
    }

    assertThat(forgotten(of(classes()))).isEmpty();
    assertThat(forgotten(of(jar.toUri().toURL()))).isEmpty();
  }

  /** Nor debug information and parameters' names, which a build writes and this does not. */
  @Test
  void doesNotSeeCommentsAndLines() throws IOException {
    Map<String, String> commented = new TreeMap<>();
    try (Stream<Path> all = Files.walk(SOURCES)) {
      for (Path each : all.filter(file -> file.toString().endsWith(".java")).toList()) {
        String file = SOURCES.relativize(each).toString();
        commented.put(file, source(file).replace(" {\n", " {\n// Moves what follows.\n\n"));
      }
    }

    NumericsVersion changed = with(commented);

    assertThat(forgotten(changed)).isEmpty();
    assertThat(changed.ofAll())
        .isEqualTo(NumericsVersion.current().ofAll())
        .matches("[0-9a-f]{16}");
  }

  @ParameterizedTest
  @CsvSource({
    "measurement/CrossEntropy.java, perToken",
    "model/Unembedding.java, LOGITS_AT_ONCE",
    "model/Gpt2.java, written constants Reading norm",
    "model/WeightProcessing.java, rewrite foldNorm Rewriting",
    "intervention/Linearization.java, weigh rectified SMALLEST_DIVISOR",
    "intervention/MeanAblation.java, means"
  })
  void doesNotSeeNamesThatOnlyTheirOwnFileUses(String file, String names) throws IOException {
    String renamed = source(file);
    for (String name : names.split(" ")) {
      String before = renamed;
      renamed =
          renamed.replaceAll(
              "(?<![\\w.\"]|the )" + name + "\\b|(?<=this\\.|step\\.|kind\\.)" + name + "\\b",
              "Renamed" + name);
      assertThat(renamed).as(name).isNotEqualTo(before);
    }

    assertThat(forgotten(with(Map.of(file, renamed)))).isEmpty();
  }

  /** Lambdas and classes without a name are numbered through their file. */
  @Test
  void doesNotSeeTheOrderOfAFile() throws IOException {
    String before =
        """
          /** Another lambda and another class without a name, before all others. */
          static Runnable unrelated() {
            Runnable first = () -> System.out.println("first");
            return new Runnable() {
              @Override
              public void run() {
                first.run();
              }
            };
          }

        """;
    Map<String, String> sources = new TreeMap<>();
    for (var each :
        Map.of(
                "intervention/Linearization.java", "  /** Linearizes these heads. */\n",
                "model/Gpt2.java", "  private Unembedding unembedding() {\n")
            .entrySet()) {
      String file = each.getKey();
      sources.put(file, edited(file, each.getValue(), before + each.getValue()));
    }

    assertThat(forgotten(with(sources))).isEmpty();
  }

  @Test
  void doesNotSeeANewKindOfIntervention() throws IOException {
    NumericsVersion changed =
        with(
            Map.of(
                "intervention/Intervention.java",
                edited(
                    "intervention/Intervention.java",
                    "permits OnHeads,",
                    "permits OnHeads, Nothing,"),
                "intervention/Nothing.java",
                """
                package dev.touchstone.intervention;

                import dev.touchstone.model.HeadGrid;
                import dev.touchstone.model.Hooks;

                public record Nothing() implements Intervention {
                  @Override
                  public int firstLayer() {
                    return 0;
                  }

                  @Override
                  public void check(HeadGrid grid) {}

                  @Override
                  public Hooks hooks(Materials materials) {
                    return (site, layer, activation) -> activation.neg();
                  }
                }
                """));

    assertThat(forgotten(changed)).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "runtime/Progress.java | 10_000 | 20_000",
        "runtime/Lazy.java | synchronized T get() { | synchronized T get() { System.out.println();",
        "laboratory/Store.java | 120_000 | 60_000",
        "laboratory/Subject.java | was opened as | was opened to be",
        "laboratory/Laboratory.java | '\" interventions\"' | '\" changes\"'",
        "decomposition/Pca.java | double[] coefficients(double[] row, int k) { | double[] coefficients(double[] row, int k) { k = 3;",
        "decomposition/Pca.java | 'Spectrum spectrum) {' | 'Spectrum spectrum) { static int one() { return 1; }'",
        "statistics/KMeans.java | 1e-12 | 1e-11",
        "model/Head.java | is no head: | is not a head:",
        "intervention/InterventionParser.java | is no intervention: | is not an intervention:",
        "intervention/HeadSet.java | there is no head | there is not a head"
      })
  void doesNotSeeWhatNoLossReaches(String file, String replace, String by) throws IOException {
    assertThat(forgotten(with(file, replace, by))).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "model/Constants.java | 1 / Math.sqrt(headWidth) | 1 / Math.cbrt(headWidth)",
        "model/Unembedding.java | NEGATIVE_INFINITY | MIN_VALUE",
        "model/Precision.java | 0x1p-24f | 0x1p-25f",
        "model/SafetensorsHeader.java | long dataStart = LENGTH_BYTES + length; | long dataStart = length;",
        "model/WeightProcessing.java | scale.reshape(-1, 1) | scale.reshape(1, -1)",
        "model/WeightProcessing.java | 'new int[] {-1}' | 'new int[] {-2}'",
        "model/WeightProcessing.java | FOLD_VALUE_BIASES(WeightProcessing::foldValueBiases); | FOLD_VALUE_BIASES(WeightProcessing::foldLayerNorm);",
        "model/Gpt2.java | 'split(3, 2)' | 'split(3, 1)'",
        "model/Block.java | softmax(3) | softmax(2)",
        "model/Hooks.java | return false; | return true;",
        "model/Unembedding.java | 'gather(tokens.get(range), 1)' | 'gather(tokens.get(range), 0)'",
        "model/Unembedding.java | 1 << 24 | 1 << 22",
        "statistics/LossSum.java | DoubleStream.of(losses).sum() | DoubleStream.of(losses).max().orElse(0)",
        "model/KeyValueCache.java | ROOM = 32 | ROOM = 64"
      })
  void seesAChangeOfWhatEveryLossReaches(String file, String replace, String by)
      throws IOException {
    assertThat(forgotten(with(file, replace, by))).isEqualTo(all());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "zero | intervention/ZeroAblation.java | mask[head] = 0f | mask[head] = 0.5f",
        "zero | intervention/ZeroAblation.java | 'getShape().get(3) -' | 'getShape().get(2) -'",
        "mean, resample | intervention/Replacement.java | addi(1f) | addi(2f)",
        "pattern | intervention/MeanPatterns.java | '+ 1) * size' | '+ 1) * size + 0 * layer'",
        "resample | intervention/Donors.java | this::of | 'sequence -> of(sequence)'",
        "mean, resample | intervention/HeadMeans.java | means.length / heads | means.length / heads + 0 * layer",
        "relu | intervention/Linearization.java | 1e-8f | 1e-6f",
        "relu | intervention/Linearization.java | IDENTITY, KERNEL -> past(scores); | IDENTITY, KERNEL -> past(scores).neg();",
        "relu | intervention/Linearization.java | maximum( | add(",
        "inject | intervention/QueryKeyInjection.java | site != Site.QUERY | site != Site.KEY",
        "project | intervention/WriteProjection.java | if (site == Site.RESIDUAL_BEFORE) | if (site == Site.MLP_OUTPUT)",
        "project | intervention/WriteBasis.java | means.get(layer).length; | means.get(0).length;"
      })
  void seesAChangeOfAnInterventionInItsOwnLossesOnly(
      String kind, String file, String replace, String by) throws IOException {
    NumericsVersion changed = with(file, replace, by);
    assertThat(changed.ofAll()).isNotEqualTo(NumericsVersion.current().ofAll());
    // What silences is also what makes room for means.
    assertThat(forgotten(changed))
        .contains(all().get(all().size() - 1))
        .allMatch(
            each ->
                Stream.of(kind.split(", ")).anyMatch(each::contains)
                    || replace.startsWith("mask") && each.matches("mean.*|resample.*"))
        .hasSizeGreaterThan(1);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "LOSSES | laboratory/Passes.java | 'Math.min(intervention.firstLayer(), ' | 'Math.max(intervention.firstLayer(), '",
        "HEAD_SUMS | laboratory/Passes.java | 'new int[] {0, 1}' | 'new int[] {1, 0}'",
        "REFERENCES | measurement/Reference.java | sum.addi(pattern) | sum.subi(pattern)",
        "CANDIDATES | model/Generator.java | 'get(\":, -1\")' | 'get(\":, -2\")'",
        "CANDIDATES | model/Decoding.java | sum > number | sum >= number",
        "CANDIDATES | laboratory/Candidates.java | << 32 | << 31"
      })
  void seesAChangeInTheMeasurementThatReachesIt(
      Measurement measurement, String file, String replace, String by) throws IOException {
    NumericsVersion now = NumericsVersion.current();
    NumericsVersion changed = with(file, replace, by);
    Intervention none = Intervention.BASELINE;

    assertThat(Measurement.values())
        .filteredOn(each -> !changed.of(each, none).equals(now.of(each, none)))
        .containsExactly(measurement);
    assertThat(changed.ofAll()).isNotEqualTo(now.ofAll());
  }

  @Test
  void saysWhenAMethodWhereComputingBeginsIsGone() throws IOException {
    String file = "laboratory/Passes.java";
    NumericsVersion renamed = with(Map.of(file, source(file).replace("headSums(", "sums(")));

    assertThatThrownBy(() -> renamed.of(Measurement.HEAD_SUMS, Intervention.BASELINE))
        .hasMessage(
            "dev.touchstone.laboratory.Passes has no method headSums, where computing is said"
                + " to begin: name the one that computes now");
  }

  @Test
  void losesOnlyWhatWasMeasuredByOtherCode() throws IOException {
    Chunks chunks = SmallGpt2.chunks(5);
    List<Intervention> interventions =
        Stream.of("baseline", "relu(L0H2)", "mean(L1H1)").map(Intervention::parse).toList();
    List<Long> computed = new ArrayList<>();
    for (NumericsVersion numerics :
        List.of(
            NumericsVersion.current(),
            with("runtime/Progress.java", "10_000", "20_000"),
            with("intervention/Linearization.java", "1e-8f", "1e-6f"),
            with("model/Constants.java", "Math.sqrt(headWidth)", "Math.cbrt(headWidth)"))) {
      try (Laboratory laboratory = Laboratory.at(folder.resolve("laboratory.sqlite"), numerics);
          Subject subject = SmallGpt2.subject()) {
        laboratory.losses(subject, chunks, interventions, Materials.NONE);
        computed.add(laboratory.computed());
      }
    }

    assertThat(computed).containsExactly(15L, 0L, 5L, 15L);
  }
}
