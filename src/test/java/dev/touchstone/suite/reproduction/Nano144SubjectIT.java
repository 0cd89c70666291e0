package dev.touchstone.suite.reproduction;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;

import dev.touchstone.corpus.Assets;
import dev.touchstone.corpus.Chunking;
import dev.touchstone.corpus.Corpus;
import dev.touchstone.corpus.Split;
import dev.touchstone.corpus.Tokenizer;
import dev.touchstone.corpus.Unavailable;
import dev.touchstone.intervention.Intervention;
import dev.touchstone.intervention.Materials;
import dev.touchstone.intervention.ZeroAblation;
import dev.touchstone.model.Head;
import dev.touchstone.statistics.LossSum;
import dev.touchstone.suite.experiment.Experiments;
import dev.touchstone.suite.observation.Tier;
import dev.touchstone.suite.subject.Bench;
import io.qameta.allure.Allure;
import io.qameta.allure.Epic;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.apache.commons.math3.stat.descriptive.DescriptiveStatistics;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Whether nano144 is worth experimenting on: it has learnt, and its heads do different things. */
@Tag("nano144")
@Epic("Embedded subjects")
@ExtendWith(Fixtures.class)
class Nano144SubjectIT {
  /** An interpolated Kneser-Ney bigram's perplexity on the same text and vocabulary. */
  private static final double BIGRAM = 117;

  private final Bench bench;

  Nano144SubjectIT(Experiments experiments) {
    bench = experiments.bench("nano144");
  }

  @Test
  void predictsWikiTextBetterThanABigram() throws IOException {
    Corpus text =
        Corpus.of(
            "wikitext-2/validation, as it stands",
            Files.readString(validation()),
            Tokenizer.r50kPrefix(4096));
    assertThat(text.length()).isEqualTo(349_219);

    double perplexity =
        LossSum.total(
                bench
                    .laboratory()
                    .losses(
                        bench.subject(),
                        text.chunks(Chunking.every(bench.config().context())),
                        Intervention.BASELINE))
            .perplexity();

    Allure.addAttachment(
        "perplexity", String.format(Locale.ROOT, "%.2f; a bigram has %.0f", perplexity, BIGRAM));
    assertThat(perplexity).isLessThan(BIGRAM);
  }

  private static Path validation() {
    try {
      return Assets.fromEnvironment().wikiText(Split.VALIDATION);
    } catch (Unavailable notHere) {
      return abort(notHere.getMessage());
    }
  }

  /** Where it does not, what the reports say of heads could not show in it (GPT-2: 373 times). */
  @Test
  void leansOnAttention() {
    Intervention all = ZeroAblation.of(Head.all(12, 12));
    var losses =
        bench
            .laboratory()
            .losses(
                bench.subject(),
                bench.validation(Tier.TWO_K),
                List.of(Intervention.BASELINE, all),
                Materials.NONE);

    double ratio =
        LossSum.total(losses.get(all)).perplexity()
            / LossSum.total(losses.get(Intervention.BASELINE)).perplexity();

    Allure.addAttachment(
        "all heads zeroed", String.format(Locale.ROOT, "%.2f times the perplexity", ratio));
    assertThat(ratio).isGreaterThan(5);
  }

  @Test
  void hasHeadsThatDiffer() {
    List<Intervention> zeroed = new ArrayList<>();
    zeroed.add(Intervention.BASELINE);
    Head.all(12, 12).forEach(head -> zeroed.add(ZeroAblation.of(head)));
    var losses =
        bench
            .laboratory()
            .losses(bench.subject(), bench.validation(Tier.TWO_K), zeroed, Materials.NONE);
    double baseline = LossSum.total(losses.get(Intervention.BASELINE)).perplexity();

    DescriptiveStatistics deltas = new DescriptiveStatistics();
    zeroed.subList(1, zeroed.size()).stream()
        .mapToDouble(
            intervention -> LossSum.total(losses.get(intervention)).perplexity() / baseline - 1)
        .forEach(deltas::addValue);

    String spread =
        String.format(
            Locale.ROOT,
            "zeroing one head changes perplexity by %+.2f%% to %+.2f%%, median %+.2f%%, standard"
                + " deviation %.2f%%",
            100 * deltas.getMin(),
            100 * deltas.getMax(),
            100 * deltas.getPercentile(50),
            100 * deltas.getStandardDeviation());
    Allure.addAttachment("spread of 144 heads", spread);
    assertThat(deltas.getMax()).isGreaterThan(10 * Math.abs(deltas.getPercentile(50)));
  }
}
