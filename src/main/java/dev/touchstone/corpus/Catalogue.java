package dev.touchstone.corpus;

import dev.touchstone.corpus.HubFile.Kind;
import java.util.List;
import java.util.Map;

/**
 * The files the reports were made from, pinned.
 *
 * @param gpt2 GPT-2 small's complete checkpoint
 * @param gpt2Attention the part of it that needs no embedding and no MLP
 * @param wikiTextZip the archive of WikiText-2's splits
 * @param wikiText the splits, each named in the archive as in its path
 */
record Catalogue(
    HubFile gpt2, Pinned gpt2Attention, HubFile wikiTextZip, Map<Split, Pinned> wikiText) {
  /** What OpenAI and Merity et al. (2016) published. */
  static final Catalogue PUBLISHED =
      new Catalogue(
          new HubFile(
              Kind.MODEL,
              List.of("openai-community/gpt2", "gpt2"),
              "607a30d783dfa663caf39e06633721c8d4cfcd7e",
              "model.safetensors",
              new Pinned(
                  "gpt2/model.safetensors",
                  548_105_171,
                  "248dfc3911869ec493c76e65bf2fcf7f615828b0254c12b473182f0f81d3a707")),
          new Pinned(
              "gpt2-attention/model.safetensors",
              116_888_016,
              "3747b40d18e1e39ab50641c6cdc143758d0024a1bf07fb1c2a88ba63eda9fd02"),
          new HubFile(
              Kind.DATASET,
              List.of("ggml-org/ci"),
              "927b3642933080f1b0e811e2f916e14c292992f9",
              "wikitext-2-raw-v1.zip",
              new Pinned(
                  "wikitext-2-raw-v1.zip",
                  4_721_645,
                  "ef7edb566e3e2b2d31b29c1fdb0c89a4cc683597484c3dc2517919c615435a11")),
          Map.of(
              Split.VALIDATION,
              new Pinned(
                  "wikitext-2-raw/wiki.valid.raw",
                  1_146_846,
                  "4cd0f6876d07a413aa911261ff6d363c72d757d47f0fdd6015702014c89cb9c7"),
              Split.TEST,
              new Pinned(
                  "wikitext-2-raw/wiki.test.raw",
                  1_290_590,
                  "173c87a53759e0201f33e0ccf978e510c2042d7f2cb78229d9a50d79b9e7dd08")));
}
