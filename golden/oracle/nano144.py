"""What TransformerLens measures of nano144: exp10's ablations and linearizations of its 144 heads.

    python nano144.py --model model.safetensors --ranks r50k_base.tiktoken --corpus refrains.txt --out nano144

The measurements of docs/protocol.md, sections 2 to 5; the reports' names for them (10C, 10F, ...) are kept.
"""

import argparse
import hashlib
import math
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy
import torch
from safetensors.torch import load_file
from torch import Tensor
from torch.nn.functional import cross_entropy
from transformer_lens import HookedTransformer
from transformer_lens.hook_points import HookPoint

from files import sha256, versions, write_json, write_tensors
from lens import hooked, hugging_face
from r50k import Encoding

LAYERS, HEADS, CONTEXT, VOCABULARY = 12, 12, 128, 4096
TIER_2K = 2048
BATCH = 2048
"""Tokens evaluated at once: the whole of the 2k tier."""

LINEAR: dict[str, Callable[[Tensor], Tensor]] = {"relu": torch.relu, "l1": torch.abs, "identity": lambda scores: scores}
LOGIT_POSITIONS = slice(0, CONTEXT, 8)

LARGEST = 10
"""How many of the 2k tier's largest zero-ablations the full tier repeats."""

SEQUENCES, PERIOD = 16, 64
"""Of random tokens said twice: how many, and after how many tokens they come again."""

P4_CONTEXTS = (32, 64, CONTEXT)
P4_HEADS = [0, 30, 70]


@dataclass(frozen=True, order=True)
class Head:
    layer: int
    index: int

    def __str__(self) -> str:
        return f"L{self.layer}H{self.index}"


ALL = [Head(layer, index) for layer in range(LAYERS) for index in range(HEADS)]
OUTSIDE_LAYER_0 = [head for head in ALL if head.layer > 0]

Hooks = list[tuple[str, Callable[[Tensor, HookPoint], Tensor | None]]]


def by_layer(heads: Iterable[Head]) -> dict[int, list[int]]:
    layers: dict[int, list[int]] = {}
    for head in heads:
        layers.setdefault(head.layer, []).append(head.index)
    return layers


def replacing_z(heads: Iterable[Head], outputs: Tensor) -> Hooks:
    """Sets z, the output before W_O, at every position to `outputs` [layer, head, d_head]."""

    def hook(layer: int, indices: list[int]) -> Callable[[Tensor, HookPoint], Tensor]:
        def replace(z: Tensor, hook: HookPoint) -> Tensor:
            z[:, :, indices] = outputs[layer, indices]
            return z

        return replace

    return [(f"blocks.{layer}.attn.hook_z", hook(layer, indices)) for layer, indices in by_layer(heads).items()]


def linearizing(heads: Iterable[Head], weight: Callable[[Tensor], Tensor]) -> Hooks:
    """Replaces the softmax of the scores, future ones set to 0, by `weight` of them over the row's sum of |weight|."""

    def hooks(layer: int, indices: list[int]) -> Hooks:
        patterns: list[Tensor] = []

        def compute(scores: Tensor, hook: HookPoint) -> None:
            linear = scores[:, indices]
            weights = weight(linear.masked_fill(linear == -math.inf, 0.0))
            patterns.append(weights / weights.abs().sum(-1, keepdim=True).clamp(min=1e-8))

        def replace(pattern: Tensor, hook: HookPoint) -> Tensor:
            pattern[:, indices] = patterns.pop()
            return pattern

        attention = f"blocks.{layer}.attn"
        return [(f"{attention}.hook_attn_scores", compute), (f"{attention}.hook_pattern", replace)]

    return [hook for layer, indices in by_layer(heads).items() for hook in hooks(layer, indices)]


def chunks(tokens: Tensor, length: int) -> Tensor:
    """[chunk, length]: the chunks that start at 0, length, 2 length, ... and end within `tokens`."""
    return tokens[: len(tokens) // length * length].view(-1, length)


class Progress:
    """Lines on standard error, at most one in ten seconds, with the time left at the speed so far."""

    def __init__(self, total_tokens: int) -> None:
        self._total = total_tokens
        self._done = 0
        self._start = self._printed = time.monotonic()

    def advance(self, tokens: int, doing: str) -> None:
        self._done += tokens
        now = time.monotonic()
        if now - self._printed >= 10:
            self._printed = now
            share = self._done / self._total
            left = round((now - self._start) * (1 / share - 1))
            print(f"{share:6.1%}  {left // 60}:{left % 60:02d} left  {doing}", file=sys.stderr, flush=True)


@dataclass(frozen=True)
class Laboratory:
    model: HookedTransformer
    progress: Progress

    def losses(self, chunks: Tensor, hooks: Hooks, doing: str) -> Tensor:
        """Summed cross-entropy of each chunk's tokens after its first, in float64 [chunk]."""
        return torch.cat([
            cross_entropy(
                self.model.run_with_hooks(batch, fwd_hooks=hooks)[:, :-1].flatten(0, 1).double(),
                batch[:, 1:].flatten(),
                reduction="none",
            ).view(len(batch), -1).sum(1)
            for batch in self._batches(chunks, doing)
        ])

    def perplexity(self, chunks: Tensor, hooks: Hooks, doing: str) -> float:
        return perplexity(self.losses(chunks, hooks, doing), chunks)

    def mean_z(self, chunks: Tensor) -> Tensor:
        """Every head's mean z over all positions of `chunks` [layer, head, d_head], summed in float64."""
        config = self.model.cfg
        sums = torch.zeros(config.n_layers, config.n_heads, config.d_head, dtype=torch.float64)

        def add(z: Tensor, hook: HookPoint) -> None:
            sums[hook.layer()] += z.double().sum((0, 1))

        for batch in self._batches(chunks, "mean z"):
            self.model.run_with_hooks(batch, fwd_hooks=[(lambda name: name.endswith("hook_z"), add)])
        return (sums / chunks.numel()).float()

    def _batches(self, chunks: Tensor, doing: str) -> Iterator[Tensor]:
        for batch in chunks.split(BATCH // chunks.shape[1]):
            yield batch
            self.progress.advance(batch.numel(), doing)


def attention(model: HookedTransformer, sequences: Tensor, distance: int, first: int) -> dict[str, float]:
    """How much each head attends to `distance` tokens back, on average over the queries from `first` on."""
    scores: dict[str, float] = {}

    def watch(pattern: Tensor, hook: HookPoint) -> None:
        back = pattern.double().diagonal(-distance, dim1=-2, dim2=-1)  # [sequence, head, query - distance]
        for head, score in enumerate(back[:, :, first - distance :].mean((0, 2)).tolist()):
            scores[str(Head(hook.layer(), head))] = score

    model.run_with_hooks(sequences, fwd_hooks=[(lambda name: name.endswith("hook_pattern"), watch)])
    return scores


def said_twice(vocabulary: int) -> Tensor:
    """[sequence, position]: random tokens, each sequence of a seed of its own, said twice."""
    drawn = [numpy.random.RandomState(seed).random_sample(PERIOD) * vocabulary for seed in range(SEQUENCES)]
    return torch.tensor(numpy.array(drawn).astype(int)).repeat(1, 2)


def predictions(chunks: Tensor) -> int:
    return chunks.shape[0] * (chunks.shape[1] - 1)


def perplexity(losses: Tensor, chunks: Tensor) -> float:
    return math.exp(losses.sum().item() / predictions(chunks))


def steps(total: int) -> list[int]:
    """How many heads a cumulative curve ablates."""
    return sorted({*range(0, total, 10), *(n for n in (5, 15, 25, 35) if n < total), total})


RELU_STEPS = [*range(0, 101, 10), len(OUTSIDE_LAYER_0)]


def delta(ablated: float, baseline: float) -> float:
    """Relative change of perplexity as the reports stored it and ranked by it."""
    return round((ablated - baseline) / baseline, 6)


def least_first(perplexities: dict[Head, float], baseline: float) -> list[Head]:
    return sorted(perplexities, key=lambda head: (abs(delta(perplexities[head], baseline)), head))


def named(perplexities: dict[Head, float]) -> dict[str, float]:
    return {str(head): value for head, value in perplexities.items()}


def names(heads: Iterable[Head]) -> list[str]:
    return [str(head) for head in heads]


def measure(model: HookedTransformer, tokens: Tensor) -> dict[str, Any]:
    full = chunks(tokens, CONTEXT)
    tier_2k = chunks(tokens[:TIER_2K], CONTEXT)
    laboratory = Laboratory(model, Progress(work(tier_2k.numel(), full.numel())))
    nothing = torch.zeros(LAYERS, HEADS, model.cfg.d_head)

    def zero(heads: Iterable[Head]) -> Hooks:
        return replacing_z(heads, nothing)

    def relu(heads: Iterable[Head]) -> Hooks:
        return linearizing(heads, LINEAR["relu"])

    def baseline(chunks: Tensor) -> dict[str, Any]:
        losses = laboratory.losses(chunks, [], "baseline")
        return {
            "loss_sums": losses.tolist(),
            "count": predictions(chunks),
            "perplexity": perplexity(losses, chunks),
        }

    def individual(
        chunks: Tensor, heads: Iterable[Head], intervene: Callable[[list[Head]], Hooks], doing: str
    ) -> dict[Head, float]:
        return {head: laboratory.perplexity(chunks, intervene([head]), f"{doing} {head}") for head in heads}

    def cumulative(
        chunks: Tensor, order: list[Head], at: list[int], intervene: Callable[[list[Head]], Hooks], doing: str
    ) -> dict[str, float]:
        return {str(n): laboratory.perplexity(chunks, intervene(order[:n]), f"{doing} {n} heads") for n in at}

    def curve(order: list[Head], intervene: Callable[[list[Head]], Hooks], doing: str) -> dict[str, Any]:
        return {
            "order": names(order),
            "perplexity": cumulative(tier_2k, order, steps(len(order)), intervene, doing),
        }

    baseline_2k = baseline(tier_2k)
    unablated = baseline_2k["perplexity"]
    means_2k = laboratory.mean_z(tier_2k)

    def mean(heads: Iterable[Head]) -> Hooks:
        return replacing_z(heads, means_2k)

    zero_2k = individual(tier_2k, ALL, zero, "zero")
    mean_2k = individual(tier_2k, ALL, mean, "mean")
    linear_2k = {
        method: individual(tier_2k, OUTSIDE_LAYER_0, lambda heads: linearizing(heads, weight), method)
        for method, weight in LINEAR.items()
    }
    by_zero = least_first(zero_2k, unablated)
    by_mean = least_first(mean_2k, unablated)
    best_ranking = least_first(linear_2k["relu"], unablated)
    harmful = [head for head in ALL if delta(zero_2k[head], unablated) < 0]
    largest = sorted(ALL, key=lambda head: (-delta(zero_2k[head], unablated), head))[:LARGEST]

    full_means = laboratory.mean_z(full)
    return {
        "attention": {
            "to-previous-token": attention(model, tier_2k, 1, 1),
            "to-what-came-next": attention(model, said_twice(VOCABULARY), PERIOD - 1, PERIOD),
        },
        "2k": {
            "baseline": baseline_2k,
            "zero": named(zero_2k),
            "mean": named(mean_2k),
        }
        | {method: named(perplexities) for method, perplexities in linear_2k.items()},
        "10C": curve(by_zero, zero, "10C"),
        "10F": curve([head for head in by_mean if head.layer > 0], mean, "10F"),
        "10G": curve([head for head in by_zero if head.layer > 0], zero, "10G"),
        "10H": {"harmful": names(harmful)}
        | curve(
            [head for head in by_mean if head.layer > 0 and head not in harmful],
            lambda heads: zero(harmful) + mean(heads),
            "10H",
        ),
        "relu_cumulative": {
            "best_ranking": names(best_ranking),
            "2k": cumulative(tier_2k, best_ranking, RELU_STEPS, relu, "ReLU"),
            "full": cumulative(full, best_ranking, RELU_STEPS, relu, "full ReLU"),
        },
        "full": {
            "baseline": baseline(full),
            "zero": named(individual(full, largest, zero, "full zero")),
            "mean": named(
                individual(full, largest[:1], lambda heads: replacing_z(heads, full_means), "full mean")
            ),
        },
        "P4": {
            str(context): cumulative(chunks(tokens, context), best_ranking, P4_HEADS, relu, f"P4 {context}")
            for context in P4_CONTEXTS
        },
    }


def work(tier_2k: int, full: int) -> int:
    """Tokens that `measure` evaluates, as if 10H found no harmful head: how many there are is known only later."""
    protected = len(OUTSIDE_LAYER_0)
    curves = len(steps(len(ALL))) + 3 * len(steps(protected)) + len(RELU_STEPS)
    passes_2k = 2 + 2 * len(ALL) + len(LINEAR) * protected + curves
    passes_full = 2 + len(RELU_STEPS) + LARGEST + 1 + len(P4_CONTEXTS) * len(P4_HEADS)
    return passes_2k * tier_2k + passes_full * full


def command_line(description: str | None) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", type=Path, required=True, help="nano144's weights, safetensors")
    parser.add_argument("--ranks", type=Path, required=True, help="r50k_base.tiktoken")
    parser.add_argument("--corpus", type=Path, required=True, help="the text, UTF-8, encoded as it stands")
    parser.add_argument("--out", type=Path, required=True, help="folder to write")
    parser.add_argument("--threads", type=int, default=1, help="threads PyTorch may use (default 1)")
    return parser


def subject(arguments: argparse.Namespace) -> tuple[HookedTransformer, Tensor]:
    """The model and the tokens of its text that the command line names."""
    torch.set_num_threads(arguments.threads)
    text = arguments.corpus.read_bytes().decode("utf-8")
    return (
        hooked(hugging_face(load_file(arguments.model), HEADS)),
        torch.tensor(Encoding(arguments.ranks, VOCABULARY).encode(text)),
    )


@torch.inference_mode()
def main() -> None:
    parser = command_line(__doc__)
    arguments = parser.parse_args()
    model, tokens = subject(arguments)
    if len(tokens) < TIER_2K:
        parser.error(f"{arguments.corpus} has {len(tokens)} tokens; the 2k tier needs {TIER_2K}")

    first = tokens[:CONTEXT]
    write_tensors(
        arguments.out / "nano144-logits.safetensors",
        {"logits": model(first[None])[0, LOGIT_POSITIONS]},
    )
    write_json(
        arguments.out / "nano144.json",
        {
            "versions": versions(),
            "model": {"sha256": sha256(arguments.model)},
            "corpus": {
                "sha256": sha256(arguments.corpus),
                "tokens": len(tokens),
                "token_ids_sha256": hashlib.sha256(tokens.numpy().astype(numpy.dtype("<i4")).tobytes()).hexdigest(),
            },
        }
        | measure(model, tokens),
    )


if __name__ == "__main__":
    main()
