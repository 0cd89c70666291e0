package dev.touchstone.suite.experiment.exp07;

import dev.touchstone.corpus.Chunks;
import dev.touchstone.decomposition.Pca;
import dev.touchstone.decomposition.Spectrum;
import dev.touchstone.model.Site;
import dev.touchstone.runtime.Lazy;
import dev.touchstone.suite.subject.Bench;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * exp07's material: what each block writes to the residual stream (delta-phi), its attention and
 * its MLP apart, and the components of these writes by layer and of all layers together.
 */
public final class ResidualWrites {
  private final Bench bench;
  private final Map<WriteSample, Lazy<Writes>> writes = new ConcurrentHashMap<>();
  private final Map<String, Lazy<Spectrum>> spectra = new ConcurrentHashMap<>();
  private final Map<String, Lazy<Pca>> bases = new ConcurrentHashMap<>();

  public ResidualWrites(Bench bench) {
    this.bench = bench;
  }

  int layers() {
    return bench.config().layers();
  }

  /** d_model. */
  int width() {
    return bench.config().width();
  }

  /** The writes at some positions. */
  Writes at(WriteSample sample) {
    return writes
        .computeIfAbsent(
            sample,
            key ->
                new Lazy<>(
                    () -> {
                      Chunks chunks = bench.test();
                      return Writes.of(bench, chunks, sample.positions(chunks));
                    }))
        .get();
  }

  /** A block's writes at the report's positions, [position][d_model]. */
  double[][] block(int layer) {
    return at(WriteSample.FIRST).rows(Site.RESIDUAL_AFTER, layer);
  }

  /** How the variance of a layer's writes falls off. */
  Spectrum spectrum(WriteSample sample, Site site, int layer) {
    return spectra
        .computeIfAbsent(
            sample + " " + site + " " + layer,
            key -> new Lazy<>(() -> Spectrum.of(at(sample).rows(site, layer))))
        .get();
  }

  /** How the variance of the blocks' writes of the first layers together falls off. */
  Spectrum pooledSpectrum(WriteSample sample, int layers) {
    return spectra
        .computeIfAbsent(
            sample + " of " + layers,
            key -> new Lazy<>(() -> Spectrum.of(at(sample).pooled(layers))))
        .get();
  }

  /** The components of a block's own writes. */
  Pca ownBasis(int layer) {
    return bases
        .computeIfAbsent("own " + layer, key -> new Lazy<>(() -> Pca.of(block(layer))))
        .get();
  }

  /** The components of all blocks' writes together. */
  Pca sharedBasis() {
    return bases
        .computeIfAbsent(
            "shared", key -> new Lazy<>(() -> Pca.of(at(WriteSample.FIRST).pooled(layers()))))
        .get();
  }
}
