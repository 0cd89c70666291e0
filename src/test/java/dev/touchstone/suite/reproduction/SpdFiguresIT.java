package dev.touchstone.suite.reproduction;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import dev.touchstone.corpus.Tokenizer;
import dev.touchstone.decomposition.AscentBudget;
import dev.touchstone.decomposition.Component;
import dev.touchstone.intervention.Intervention;
import dev.touchstone.measurement.AttentionAblation;
import dev.touchstone.measurement.AttentionAblation.Outcome;
import dev.touchstone.model.Gpt2;
import dev.touchstone.suite.figure.Panels;
import dev.touchstone.suite.page.Markdown;
import dev.touchstone.suite.verdict.Drawing;
import io.qameta.allure.Allure;
import io.qameta.allure.Epic;
import java.awt.GraphicsEnvironment;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
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
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.opentest4j.TestAbortedException;

/** spd's figures on llama-nano: in {@code reports/figures} and in Allure. */
@Tag("spd")
@Tag("figures")
@Epic("Figures")
@ExtendWith(Fixtures.class)
class SpdFiguresIT {
  private static final int LENGTH = 48;
  private static final int TABLE_ROWS = 24;
  private static final String COMPONENTS = "h.1.attn.q_proj:0,h.1.attn.k_proj:0";

  private final Suite suite;
  private final Tokenizer tokenizer;
  private final int[] tokens;
  private final AttentionAblation ablation;

  SpdFiguresIT(DecomposedLlama llama, Suite suite) throws IOException {
    this.suite = suite;
    tokenizer = Tokenizer.r50kPrefix(llama.target().config().vocabulary());
    String text = Files.readString(Path.of("golden/corpus/embedded.txt"));
    tokens = Arrays.copyOf(tokenizer.encode(text), LENGTH);
    ablation =
        new AttentionAblation(
            llama.model(), Gpt2.ids(llama.manager(), List.of(tokens)).duplicate(), llama.manager());
  }

  private static void needsFonts() {
    if (GraphicsEnvironment.getLocalGraphicsEnvironment().getAvailableFontFamilyNames().length
        == 0) {
      throw new TestAbortedException("no fonts are installed here, and a figure needs one");
    }
  }

  private Outcome deterministic() {
    return ablation.deterministic(Component.parseAll(COMPONENTS));
  }

  @Test
  void drawsPatternsBeforeAndAfter() throws IOException {
    Outcome outcome = deterministic();
    List<List<Panels.Map>> rows = new ArrayList<>(grid("", outcome.baseline().patterns()));
    rows.addAll(grid(", ablated", outcome.ablated().patterns()));
    keep(
        "spd-patterns",
        List.of("patterns"),
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
    Outcome head = ablation.heads(Intervention.parse("zero(L0H3)"));
    List<List<Panels.Map>> rows = new ArrayList<>(grid(", components", differences(components)));
    rows.addAll(grid(", L0H3 silenced", differences(head)));
    keep(
        "spd-pattern-differences",
        List.of("patterns", "heads"),
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
    var adversarial = ablation.adversarial(Component.parseAll(COMPONENTS), AscentBudget.REPORT, 1);
    List<List<Panels.Map>> rows =
        new ArrayList<>(grid(", shown", adversarial.reported().ablated().patterns()));
    rows.addAll(grid(", adversarial", adversarial.adversarial().ablated().patterns()));
    keep(
        "spd-adversarial-patterns",
        List.of("adversarial", "concerns"),
        "Adversarial mode: the patterns of deterministic masks, which the report shows, and those"
            + " of the adversarial masks themselves, found with "
            + adversarial.budget()
            + String.format(
                Locale.ROOT,
                ": losses of %.3f and, ablated, %.3f nats.",
                adversarial.baseline().loss(),
                adversarial.ablated().loss()),
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
    Outcome outcome = ablation.deterministic(values);
    List<List<Panels.Map>> rows = new ArrayList<>();
    for (int layer : outcome.baseline().values().keySet()) {
      rows.add(
          List.of(
              norms("layer " + layer, outcome.baseline().values().get(layer)),
              norms("layer " + layer + ", ablated", outcome.ablated().values().get(layer))));
    }
    keep(
        "spd-value-norms",
        List.of("patterns"),
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
  void tabulatesPredictionsAndChangedPositions() {
    Outcome outcome = ablation.heads(Intervention.parse("zero(L0H3)"));
    int[] before = predictions(outcome.baseline());
    int[] after = predictions(outcome.ablated());
    List<List<String>> rows =
        IntStream.range(LENGTH - TABLE_ROWS, LENGTH)
            .mapToObj(
                position ->
                    List.of(
                        Integer.toString(position),
                        word(tokens[position]),
                        word(before[position]),
                        before[position] == after[position] ? "" : word(after[position])))
            .toList();
    Allure.description(
        String.format(
            Locale.ROOT,
            "llama-nano, L0H3 silenced: %.0f%% of %d positions changed, KL %.3f nats. The most"
                + " likely next token before and, where it changed, after.",
            100 * outcome.change().fracTop1Changed(),
            LENGTH,
            outcome.change().meanKlDivergence()));
    Allure.addAttachment(
        "llama-nano-spd-predictions",
        "text/markdown",
        Markdown.table(List.of("position", "token", "next, baseline", "next, ablated"), rows),
        "md");
    assertThat(IntStream.range(0, LENGTH).filter(i -> before[i] != after[i]).count())
        .isEqualTo(outcome.change().changed());
  }

  /** The most likely tokens after each position of the first sequence. */
  private static int[] predictions(AttentionAblation.Pass pass) {
    long[] tokens = pass.logits().get(0).argMax(1).toLongArray();
    return LongStream.of(tokens).mapToInt(Math::toIntExact).toArray();
  }

  private String word(int token) {
    return "\u201c"
        + tokenizer.decode(new int[] {token}).replace("\n", "\\n").replace('\uFFFD', '?')
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

  private void keep(String name, List<String> parts, String caption, BufferedImage image)
      throws IOException {
    ByteArrayOutputStream png = new ByteArrayOutputStream();
    ImageIO.write(image, "png", png);
    FigureFile.keep(
        suite,
        new Drawing(
            "llama-nano", "figures/llama-nano-%s.png".formatted(name), caption, "spd", parts),
        png.toByteArray());
    int[] pixels =
        image.getRGB(0, 0, image.getWidth(), image.getHeight(), null, 0, image.getWidth());
    assertThat(Arrays.stream(pixels).distinct().count()).as("colours").isGreaterThan(10);
  }
}
