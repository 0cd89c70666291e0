package dev.touchstone.suite.reproduction;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.touchstone.corpus.Tokenizer;
import dev.touchstone.decomposition.AdversarialMasks;
import dev.touchstone.decomposition.Component;
import dev.touchstone.decomposition.ComponentModel;
import dev.touchstone.intervention.Intervention;
import dev.touchstone.measurement.AttentionAblation;
import dev.touchstone.measurement.AttentionAblation.Outcome;
import dev.touchstone.model.Checkpoint;
import dev.touchstone.model.Gpt2;
import dev.touchstone.model.LlamaSimpleMlp;
import dev.touchstone.suite.figure.Panels;
import dev.touchstone.suite.figure.TextTable;
import dev.touchstone.tensor.Compute;
import io.qameta.allure.Epic;
import java.awt.GraphicsEnvironment;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.opentest4j.TestAbortedException;

/** spd's figures on llama-nano: in {@code reports/figures} and in Allure. */
@Tag("spd")
@Tag("figures")
@Epic("Figures")
class SpdFiguresIT {
  private static final Path SUBJECT = Path.of("golden/subjects/llama-nano");
  private static final Path FIGURES =
      Path.of(System.getProperty("touchstone.reports", "reports")).resolve("figures");
  private static final int LENGTH = 48;
  private static final int TABLE_ROWS = 24;
  private static final String COMPONENTS = "h.1.attn.q_proj:0,h.1.attn.k_proj:0";
  private static final NDManager MANAGER = Compute.fromProperties().newManager();
  private static final LlamaSimpleMlp TARGET =
      LlamaSimpleMlp.load(Checkpoint.open(SUBJECT.resolve("model.safetensors")), MANAGER);
  private static final Tokenizer TOKENIZER = Tokenizer.r50kPrefix(TARGET.config().vocabulary());
  private static final int[] TOKENS = tokens();
  private static final AttentionAblation ABLATION =
      new AttentionAblation(
          ComponentModel.load(
              Checkpoint.open(SUBJECT.resolve("decomposition.safetensors")), TARGET, MANAGER),
          Gpt2.ids(MANAGER, List.of(TOKENS)).duplicate(),
          MANAGER);

  private static int[] tokens() {
    try {
      String text = Files.readString(Path.of("golden/corpus/embedded.txt"));
      return Arrays.copyOf(TOKENIZER.encode(text), LENGTH);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @BeforeAll
  static void needsFonts() {
    if (GraphicsEnvironment.getLocalGraphicsEnvironment().getAvailableFontFamilyNames().length
        == 0) {
      throw new TestAbortedException("no fonts are installed here, and a figure needs one");
    }
  }

  @AfterAll
  static void close() {
    MANAGER.close();
  }

  private static Outcome deterministic() {
    return ABLATION.deterministic(Component.parseAll(COMPONENTS));
  }

  @Test
  void drawsPatternsBeforeAndAfter() throws IOException {
    Outcome outcome = deterministic();
    List<List<Panels.Map>> rows = new ArrayList<>(grid("", outcome.baseline().patterns()));
    rows.addAll(grid(", ablated", outcome.ablated().patterns()));
    keep(
        "spd-patterns",
        "Attention patterns, query down and key across: all components, and without " + COMPONENTS,
        new Panels(
                "llama-nano: attention with all components and without " + COMPONENTS,
                "key position across, query position down",
                rows,
                false)
            .draw());
  }

  @Test
  void drawsDifferencesOnASymmetricScale() throws IOException {
    Outcome components = deterministic();
    Outcome head = ABLATION.heads(Intervention.parse("zero(L0H3)"));
    List<List<Panels.Map>> rows = new ArrayList<>(grid(", components", differences(components)));
    rows.addAll(grid(", L0H3 silenced", differences(head)));
    keep(
        "spd-pattern-differences",
        "Patterns ablated less baseline, on one scale around 0. Silencing a head of layer 0 leaves"
            + " layer 0's patterns alone.",
        new Panels(
                "llama-nano: patterns without "
                    + COMPONENTS
                    + ", and with L0H3 silenced, less baseline",
                "key position across, query position down",
                rows,
                true)
            .draw());
    assertThat(differences(head).get(0).abs().max().getFloat()).isZero();
  }

  @Test
  void drawsAdversarialPatternsBesideWhatIsShownInTheirPlace() throws IOException {
    var adversarial =
        ABLATION.adversarial(
            Component.parseAll(COMPONENTS), AdversarialMasks.STEPS, AdversarialMasks.STEP_SIZE, 1);
    List<List<Panels.Map>> rows =
        new ArrayList<>(grid(", shown", adversarial.reported().ablated().patterns()));
    rows.addAll(grid(", adversarial", adversarial.adversarial().ablated().patterns()));
    keep(
        "spd-adversarial-patterns",
        "Adversarial mode: the patterns of deterministic masks, which the report shows, and those"
            + " of the adversarial masks themselves.",
        new Panels(
                "llama-nano: adversarial mode as shown, and under the adversarial masks",
                "key position across, query position down",
                rows,
                false)
            .draw());
  }

  @Test
  void drawsValueNorms() throws IOException {
    List<Component> values = Component.parseAll("h.0.attn.v_proj:0,h.1.attn.v_proj:0");
    Outcome outcome = ABLATION.deterministic(values);
    List<List<Panels.Map>> rows = new ArrayList<>();
    for (int layer : outcome.baseline().values().keySet()) {
      rows.add(
          List.of(
              norms("layer " + layer, outcome.baseline().values().get(layer)),
              norms("layer " + layer + ", ablated", outcome.ablated().values().get(layer))));
    }
    keep(
        "spd-value-norms",
        "The norm of each key-value head's value at each position, with all components and without"
            + " the first of each layer's values.",
        new Panels(
                "llama-nano: norms of values, with all components and without v_proj:0",
                "position across, key-value head down",
                rows,
                false)
            .draw());
  }

  @Test
  void tabulatesPredictionsAndChangedPositions() throws IOException {
    Outcome outcome = ABLATION.heads(Intervention.parse("zero(L0H3)"));
    int[] before = predictions(outcome.baseline());
    int[] after = predictions(outcome.ablated());
    List<TextTable.Row> rows = new ArrayList<>();
    for (int position = LENGTH - TABLE_ROWS; position < LENGTH; position++) {
      rows.add(
          new TextTable.Row(
              List.of(
                  Integer.toString(position),
                  word(TOKENS[position]),
                  word(before[position]),
                  word(after[position])),
              before[position] != after[position]));
    }
    keep(
        "spd-predictions",
        "The most likely next token before and after; shaded where it changed.",
        new TextTable(
                String.format(
                    Locale.ROOT,
                    "llama-nano, L0H3 silenced: %.0f%% of %d positions changed, KL %.3f nats",
                    100 * outcome.change().fracTop1Changed(),
                    LENGTH,
                    outcome.change().meanKlDivergence()),
                List.of("position", "token", "next, baseline", "next, ablated"),
                rows)
            .draw());
    assertThat(IntStream.range(0, LENGTH).filter(i -> before[i] != after[i]).count())
        .isEqualTo(outcome.change().changed());
  }

  /** The most likely tokens after each position of the first sequence. */
  private static int[] predictions(AttentionAblation.Pass pass) {
    long[] tokens = pass.logits().get(0).argMax(1).toLongArray();
    return LongStream.of(tokens).mapToInt(Math::toIntExact).toArray();
  }

  private static String word(int token) {
    return "\u201c"
        + TOKENIZER.decode(new int[] {token}).replace("\n", "\\n").replace('\uFFFD', '?')
        + "\u201d";
  }

  private static Map<Integer, NDArray> differences(Outcome outcome) {
    Map<Integer, NDArray> differences = new TreeMap<>();
    outcome
        .ablated()
        .patterns()
        .forEach(
            (layer, pattern) ->
                differences.put(layer, pattern.sub(outcome.baseline().patterns().get(layer))));
    return differences;
  }

  private static List<List<Panels.Map>> grid(String suffix, Map<Integer, NDArray> patterns) {
    List<List<Panels.Map>> rows = new ArrayList<>();
    patterns.forEach(
        (layer, heads) -> {
          List<Panels.Map> row = new ArrayList<>();
          for (int head = 0; head < heads.getShape().get(0); head++) {
            row.add(
                Panels.Map.of(
                    "L" + layer + "H" + head + suffix, heads.get(head).toFloatArray(), LENGTH));
          }
          rows.add(row);
        });
    return rows;
  }

  private static Panels.Map norms(String name, NDArray values) {
    NDArray norms = values.square().sum(new int[] {2}).sqrt().transpose();
    return Panels.Map.of(name, norms.toFloatArray(), LENGTH);
  }

  private static void keep(String name, String caption, BufferedImage image) throws IOException {
    ByteArrayOutputStream png = new ByteArrayOutputStream();
    ImageIO.write(image, "png", png);
    FigureFile.keep(FIGURES, "llama-nano-" + name, caption, png.toByteArray());
    int[] pixels =
        image.getRGB(0, 0, image.getWidth(), image.getHeight(), null, 0, image.getWidth());
    assertThat(Arrays.stream(pixels).distinct().count()).as("colours").isGreaterThan(10);
  }
}
