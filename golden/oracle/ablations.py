"""What TransformerLens makes of other ways to ablate a head than zero: resampled, at means of other text, at an optimal
constant, with a frozen pattern.

    python ablations.py --model ../subjects/nano144/model.safetensors --ranks r50k_base.tiktoken \
        --corpus ../corpus/refrains.txt --out nano144/ablations.json

Of llama-nano with `--llama`. The first sequences of the text are scored, those after them are the reference. Losses are nats a
token, by Touchstone's names of the interventions.
"""

import argparse
import json
from collections.abc import Callable, Iterable
from pathlib import Path

import numpy
import torch
from safetensors.torch import load_file
from torch import Tensor
from torch.nn.functional import cross_entropy
from transformer_lens import HookedTransformer

from files import sha256, versions, write_json
from lens import hooked, hugging_face
from llama_nano import lens
from nano144 import HEADS, Head, by_layer, replacing_z
from r50k import Encoding

SCORED, REFERENCE, SEED = 4, 12, 7
FITS = 200
"""At most as many evaluations of a loss to find its minimum."""


def z(layer: int) -> str:
    return f"blocks.{layer}.attn.hook_z"


def replacing(heads: Iterable[Head], outputs: Callable[[int], Tensor]):
    """Sets z of each head to what stands for it in [sequence, position, head, d_head], or what has fewer dimensions."""

    def hook(layer: int, indices: list[int]):
        def replace(own: Tensor, hook) -> Tensor:
            mask = torch.zeros(own.shape[2], 1)
            mask[indices] = 1
            return own * (1 - mask) + outputs(layer) * mask

        return z(layer), replace

    return [hook(layer, indices) for layer, indices in by_layer(heads).items()]


def freezing(heads: Iterable[Head], patterns: list[Tensor]):
    def hook(layer: int, indices: list[int]):
        def replace(pattern: Tensor, hook) -> Tensor:
            pattern = pattern.clone()
            pattern[:, indices] = patterns[layer][indices]
            return pattern

        return f"blocks.{layer}.attn.hook_pattern", replace

    return [hook(layer, indices) for layer, indices in by_layer(heads).items()]


def donors(count: int, seed: int) -> list[int]:
    """For each sequence another one, as likely any."""
    random = numpy.random.RandomState(seed)
    drawn = []
    for sequence in range(count):
        others = [other for other in range(count) if other != sequence]
        drawn.append(others[int(random.random_sample() * len(others))])
    return drawn


def by_token(reference: Tensor, outputs: Tensor, scored: Tensor) -> Tensor:
    """For each scored token the mean output where it stands in the reference; of tokens that it has not, over all."""
    everywhere = outputs.double().flatten(0, 1)
    means = everywhere.mean(0).repeat(*scored.shape, 1, 1)
    for token in scored.unique():
        here = reference.flatten() == token
        if here.any():
            means[scored == token] = everywhere[here].mean(0)
    return means.float()


def measured(
    model: HookedTransformer, sequences: Tensor, singles: list[Head], sets: list[list[Head]], fitted: list[list[Head]]
) -> dict:
    scored, reference = sequences[:SCORED], sequences[SCORED:]
    layers = range(model.cfg.n_layers)

    def loss(hooks) -> Tensor:
        logits = model.run_with_hooks(scored, fwd_hooks=hooks)[:, :-1]
        return cross_entropy(logits.flatten(0, 1), scored[:, 1:].flatten())

    with torch.no_grad():
        _, own = model.run_with_cache(scored)
        _, other = model.run_with_cache(reference)
        means = torch.stack([other[z(layer)].double().mean((0, 1)).float() for layer in layers])
        own_means = torch.stack([own[z(layer)].double().mean((0, 1)).float() for layer in layers])
        tokens = [by_token(reference, other[z(layer)], scored) for layer in layers]
        patterns = [other[f"blocks.{layer}.attn.hook_pattern"].double().mean(0).float() for layer in layers]
        drawn = donors(SCORED, SEED)
        resampled = [own[z(layer)][drawn] for layer in layers]
        ways = {
            "mean[reference]": lambda heads: replacing_z(heads, means),
            "tokenmean[reference]": lambda heads: replacing(heads, lambda layer: tokens[layer]),
            f"resample[{SEED}]": lambda heads: replacing(heads, lambda layer: resampled[layer]),
            "pattern[reference]": lambda heads: freezing(heads, patterns),
        }
        losses = {"baseline": loss([]).item()}
        for way, hooks in ways.items():
            for heads in [[head] for head in singles] + sets:
                losses[f"{way}({','.join(map(str, heads))})"] = loss(hooks(heads)).item()

    def optimal(heads: list[Head]) -> dict[str, float]:
        constants = own_means.clone().requires_grad_()
        with torch.no_grad():
            start = loss(replacing(heads, lambda layer: constants[layer])).item()
        optimizer = torch.optim.LBFGS(
            [constants], max_iter=FITS, max_eval=FITS, tolerance_grad=1e-7, tolerance_change=1e-10, line_search_fn="strong_wolfe"
        )

        def evaluate() -> Tensor:
            optimizer.zero_grad()
            value = loss(replacing(heads, lambda layer: constants[layer]))
            value.backward()
            return value

        optimizer.step(evaluate)
        return {"mean": start, "optimal": evaluate().item()}

    return {
        "donors": drawn,
        "losses": losses,
        "constants": {",".join(map(str, heads)): optimal(heads) for heads in fitted},
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", type=Path, required=True, help="the weights, safetensors, config.json beside them")
    parser.add_argument("--llama", action="store_true", help="the model is llama-nano, not nano144")
    parser.add_argument("--ranks", type=Path, required=True, help="r50k_base.tiktoken")
    parser.add_argument("--corpus", type=Path, required=True, help="the text, UTF-8, encoded as it stands")
    parser.add_argument("--out", type=Path, required=True, help="file to write")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    config = json.loads(arguments.model.with_name("config.json").read_text())
    weights = {name: tensor.float() for name, tensor in load_file(arguments.model).items()}
    if arguments.llama:
        model, length = lens(weights, config), 32
        singles = [Head(layer, index) for layer in range(config["n_layer"]) for index in range(config["n_head"])]
        sets = [[Head(0, 1), Head(1, 0)], [Head(0, 0), Head(0, 2), Head(1, 3)]]
        fitted = [[Head(0, 0)], [Head(1, 3)], [Head(1, 0)], sets[0]]
    else:
        model, length = hooked(hugging_face(weights, HEADS)), 128
        singles = [Head(layer, 5 * layer % HEADS) for layer in range(config["n_layer"])]
        sets = [[Head(0, 8), Head(4, 1), Head(9, 3)], singles]
        fitted = [[Head(11, 7)], [Head(6, 6)]]
    for parameter in model.parameters():
        parameter.requires_grad_(False)
    text = arguments.corpus.read_bytes().decode("utf-8")
    tokens = Encoding(arguments.ranks, config["vocab_size"]).encode(text)
    sequences = torch.tensor(tokens[: (SCORED + REFERENCE) * length]).view(-1, length)
    write_json(
        arguments.out,
        {
            "versions": versions(),
            "model": {"sha256": sha256(arguments.model)},
            "length": length,
            "scored": SCORED,
            "reference": REFERENCE,
        }
        | measured(model, sequences, singles, sets, fitted),
    )


if __name__ == "__main__":
    main()
