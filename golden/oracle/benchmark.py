"""How fast TransformerLens is at what Touchstone's benchmark times, in turns with it.

    python benchmark.py --model model.safetensors --heads 12 --threads 2

Says on one line of standard output what it is; then it answers each line of standard input with one of its own. A
question names token sequences of one length and interventions: {"chunks": [[15496, ...], ...], "interventions":
["baseline", "zero(L0H8)", "mean(L0H8)", "relu(L3H1)"]}. The answer has the `seconds` that all of them took together with
the means that they need, each one's `losses` summed per chunk, the seconds of some `matrix_products` and the `peak_mb`
of memory so far. Between questions it waits and uses no processor.

A pass is TransformerLens's own from the tokens to the loss of each token, with a hook. How memory is allocated is for
the caller's environment to say.
"""

import argparse
import json
import re
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file
from torch import Tensor
from transformer_lens import HookedTransformer
from transformer_lens.hook_points import HookPoint

from files import versions
from lens import hooked, hugging_face
from nano144 import LINEAR, Head, Hooks, linearizing, replacing_z

ROWS, INNER, COLUMNS = 2048, 768, 3072
PRODUCTS = 20
"""A matrix product of a block over two chunks of GPT-2 small, and how often it is timed."""

INTERVENTION = re.compile(r"(?P<change>zero|mean|relu)\(L(?P<layer>\d+)H(?P<index>\d+)\)")


def mean_z(model: HookedTransformer, chunks: Tensor) -> Tensor:
    """Every head's mean z over all positions [layer, head, d_head], by a pass that ends before the unembedding."""
    config = model.cfg
    means = torch.zeros(config.n_layers, config.n_heads, config.d_head)

    def keep(z: Tensor, hook: HookPoint) -> None:
        means[hook.layer()] = z.double().mean((0, 1))

    model.run_with_hooks(
        chunks, stop_at_layer=config.n_layers, fwd_hooks=[(lambda name: name.endswith("hook_z"), keep)]
    )
    return means


def hooks(intervention: str, zeros: Tensor, means: Callable[[], Tensor]) -> Hooks:
    if intervention == "baseline":
        return []
    match = INTERVENTION.fullmatch(intervention)
    if match is None:
        raise ValueError(f"{intervention} is not timed here: baseline, zero(L0H8), mean(L0H8) and relu(L3H1) are")
    heads = [Head(int(match["layer"]), int(match["index"]))]
    if match["change"] == "relu":
        return linearizing(heads, LINEAR["relu"])
    return replacing_z(heads, zeros if match["change"] == "zero" else means())


def sweep(model: HookedTransformer, chunks: Tensor, interventions: list[str]) -> list[list[float]]:
    """The summed loss of each chunk under each intervention."""
    config = model.cfg
    zeros = torch.zeros(config.n_layers, config.n_heads, config.d_head)
    means: list[Tensor] = []

    def measured_means() -> Tensor:
        if not means:
            means.append(mean_z(model, chunks))
        return means[0]

    return [
        model.run_with_hooks(
            chunks, return_type="loss", loss_per_token=True, fwd_hooks=hooks(intervention, zeros, measured_means)
        )
        .double()
        .sum(1)
        .tolist()
        for intervention in interventions
    ]


def matrix_products() -> list[float]:
    left, right = torch.randn(ROWS, INNER), torch.randn(INNER, COLUMNS)
    seconds = []
    for _ in range(PRODUCTS):
        start = time.perf_counter()
        left @ right
        seconds.append(time.perf_counter() - start)
    return seconds


def peak_mb() -> float:
    """The most memory that was ever resident, in units of 2^20 bytes."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (2**20 if sys.platform == "darwin" else 2**10)


def answer(model: HookedTransformer, question: dict[str, Any]) -> dict[str, Any]:
    chunks = torch.tensor(question["chunks"])
    start = time.perf_counter()
    losses = sweep(model, chunks, question["interventions"])
    seconds = time.perf_counter() - start
    return {"seconds": seconds, "losses": losses, "matrix_products": matrix_products(), "peak_mb": peak_mb()}


def say(line: dict[str, Any]) -> None:
    print(json.dumps(line, allow_nan=False), flush=True)


@torch.inference_mode()
def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", type=Path, required=True, help="a GPT-2's weights, safetensors")
    parser.add_argument("--heads", type=int, required=True, help="how many a layer has")
    parser.add_argument("--threads", type=int, required=True, help="threads PyTorch may use")
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    model = hooked(hugging_face(load_file(arguments.model), arguments.heads))
    say({"versions": versions(), "threads": torch.get_num_threads()})
    for line in sys.stdin:
        say(answer(model, json.loads(line)))


if __name__ == "__main__":
    main()
