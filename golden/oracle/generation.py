"""What TransformerLens generates with nano144: exp10d's greedy texts and sampled candidates, and the rectified kernel.

    python generation.py --model model.safetensors --ranks r50k_base.tiktoken --corpus refrains.txt \\
        --ranking nano144/stored.json --out nano144

The measurements of docs/protocol.md, section 5; every length is a quarter of the report's, since nano144's context is
128. Greedy texts are generated without a key-value cache, candidates with one.
"""

import json
import math
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import cross_entropy
from transformer_lens import HookedTransformer, HookedTransformerKeyValueCache
from transformer_lens.hook_points import HookPoint

from files import sha256, versions, write_json
from nano144 import CONTEXT, LINEAR, TIER_2K, Head, Hooks, by_layer, chunks, command_line, linearizing, subject

SCALE = 4
PROMPTS, PROMPT, TOKENS = 20, 128 // SCALE, 64 // SCALE
ITERATIONS = 3
CANDIDATES, BEST_OF, TEMPERATURE = 5, (1, 2, 3, 5), 0.8


def rectified_kernel(heads: Iterable[Head]) -> Hooks:
    """Attention weights max(0, q) . max(0, k), each row divided by its sum."""
    heads = list(heads)

    def rectify(layer: int, indices: list[int]) -> Hooks:
        def hook(projected: Tensor, hook: HookPoint) -> Tensor:
            projected[:, :, indices] = torch.relu(projected[:, :, indices])
            return projected

        return [(f"blocks.{layer}.attn.hook_{name}", hook) for name in "qk"]

    rectifying = [hook for layer, indices in by_layer(heads).items() for hook in rectify(layer, indices)]
    return rectifying + linearizing(heads, LINEAR["identity"])


def losses(model: HookedTransformer, texts: Tensor, hooks: Hooks) -> Tensor:
    """Cross-entropy of every token of `texts` after its first [text, position - 1], in float64."""
    logits = model.run_with_hooks(texts, fwd_hooks=hooks)[:, :-1].double()
    return cross_entropy(logits.flatten(0, 1), texts[:, 1:].flatten(), reduction="none").view(len(texts), -1)


def perplexity(model: HookedTransformer, tokens: Tensor, hooks: Hooks) -> float:
    batches = chunks(tokens, CONTEXT).split(16)
    return math.exp(torch.cat([losses(model, batch, hooks).flatten() for batch in batches]).mean().item())


def greedy(model: HookedTransformer, prompts: Tensor, hooks: Hooks) -> dict[str, Any]:
    """What follows the prompts, what it costs the unmodified model, and how near the choices were to being others."""
    texts = prompts
    lead: list[Tensor] = []
    for _ in range(ITERATIONS * TOKENS):
        best = model.run_with_hooks(texts, fwd_hooks=hooks)[:, -1].topk(2)
        lead.append(best.values[:, 0] - best.values[:, 1])
        texts = torch.cat([texts, best.indices[:, :1]], 1)
    scored = losses(model, texts, [])[:, PROMPT - 1 :]
    perplexities = {
        str(iteration): scored[:, : iteration * TOKENS].mean(1).exp().tolist()
        for iteration in range(1, ITERATIONS + 1)
    }
    return {
        "tokens": texts[:, PROMPT:].tolist(),
        "smallest_lead": torch.stack(lead, 1).min(1).values.tolist(),
        "perplexity": {
            iteration: {"mean": sum(values) / len(values), "of_prompts": values}
            for iteration, values in perplexities.items()
        },
    }


def candidates(model: HookedTransformer, prompts: Tensor, hooks: Hooks, generator: torch.Generator) -> Tensor:
    """The perplexity to the unmodified model of each sampled candidate [prompt, candidate]."""
    texts = prompts.repeat_interleave(CANDIDATES, 0)
    cache = HookedTransformerKeyValueCache.init_cache(model.cfg, "cpu", len(texts))
    unread = texts
    for _ in range(TOKENS):
        everything = torch.ones_like(unread)  # without a tokenizer TransformerLens must be told that nothing is padding
        logits = model.run_with_hooks(unread, fwd_hooks=hooks, past_kv_cache=cache, attention_mask=everything)[:, -1]
        unread = torch.multinomial(torch.softmax(logits / TEMPERATURE, -1), 1, generator=generator)
        texts = torch.cat([texts, unread], 1)
    return losses(model, texts, [])[:, PROMPT - 1 :].mean(1).exp().view(len(prompts), CANDIDATES)


def best_of(model: HookedTransformer, prompts: Tensor, hooks: Hooks, seeds: int) -> dict[str, list[float]]:
    """By N and seed, the mean over prompts of the smallest perplexity among the first N candidates."""
    drawn = [
        candidates(model, prompts, hooks, torch.Generator().manual_seed(seed)) for seed in range(seeds)
    ]
    return {str(n): [each[:, :n].min(1).values.mean().item() for each in drawn] for n in BEST_OF}


def measure(model: HookedTransformer, tokens: Tensor, ranking: list[Head], seeds: int) -> dict[str, Any]:
    prompts = chunks(tokens, CONTEXT)[:PROMPTS, :PROMPT]
    conditions = {
        "baseline": [],
        "ReLU-30": linearizing(ranking[:30], LINEAR["relu"]),
        "ReLU-70": linearizing(ranking[:70], LINEAR["relu"]),
    }
    texts, drawn = {}, {}
    for name, hooks in conditions.items():
        texts[name] = greedy(model, prompts, hooks)
        drawn[name] = best_of(model, prompts, hooks, seeds)
        print(f"{name} done", file=sys.stderr, flush=True)
    return {
        "lengths": {"prompts": PROMPTS, "prompt": PROMPT, "tokens": TOKENS, "iterations": ITERATIONS},
        "P2": texts,
        "P3": drawn,
        "kernel": {
            str(n): {
                "2k": perplexity(model, tokens[:TIER_2K], rectified_kernel(ranking[:n])),
                "full": perplexity(model, tokens, rectified_kernel(ranking[:n])),
            }
            for n in (30, 70)
        },
    }


@torch.inference_mode()
def main() -> None:
    parser = command_line(__doc__)
    parser.add_argument("--ranking", type=Path, required=True, help="what stored.py wrote; its best-ranking is taken")
    parser.add_argument("--seeds", type=int, default=6, help="how often candidates are drawn (default 6)")
    arguments = parser.parse_args()
    model, tokens = subject(arguments)
    earlier = json.loads(arguments.ranking.read_text(encoding="utf-8"))
    ranking = [
        Head(*(int(number) for number in name[1:].split("H")))
        for name in earlier["2k"]["best-ranking/heads"]["stored"]
    ]
    write_json(
        arguments.out / "generation.json",
        {
            "versions": versions(),
            "model": {"sha256": sha256(arguments.model)},
            "corpus": {"sha256": sha256(arguments.corpus), "tokens": len(tokens)},
        }
        | measure(model, tokens, ranking, arguments.seeds),
        indent=None,
    )


if __name__ == "__main__":
    main()
