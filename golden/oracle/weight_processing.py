"""What TransformerLens makes of a small random GPT-2 at each step of its weight processing.

    python weight_processing.py --out weight-processing
"""

import argparse
from pathlib import Path

import torch
from torch import Tensor
from transformer_lens import HookedTransformer

from files import versions, write_json, write_tensors
from lens import STEPS, hooked, hugging_face

LAYERS, HEADS, WIDTH, HIDDEN, VOCABULARY, CONTEXT = 2, 3, 24, 96, 61, 16
TOKENS = (0, 60, 17, 17, 5, 42, 31, 8, 59, 1, 23, 42, 36, 50, 12, 29)
FILES = (
    "step-1-fold-layer-norm.safetensors",
    "step-2-center-writing-weights.safetensors",
    "step-3-center-unembedding.safetensors",
    "step-4-fold-value-biases.safetensors",
)


def random_checkpoint(seed: int) -> dict[str, Tensor]:
    """A checkpoint no parameter of which is zero, one or constant, so that no step is a no-op."""
    random = torch.Generator().manual_seed(seed)

    def normal(*shape: int, deviation: float, mean: float = 0.0) -> Tensor:
        return mean + deviation * torch.randn(shape, generator=random)

    def layer_norm(name: str) -> dict[str, Tensor]:
        return {
            f"{name}.weight": normal(WIDTH, deviation=0.25, mean=1.0),
            f"{name}.bias": normal(WIDTH, deviation=0.25),
        }

    def linear(name: str, inputs: int, outputs: int) -> dict[str, Tensor]:
        return {
            f"{name}.weight": normal(inputs, outputs, deviation=1.3 * inputs**-0.5),
            f"{name}.bias": normal(outputs, deviation=0.3),
        }

    tensors = {
        "wte.weight": normal(VOCABULARY, WIDTH, deviation=0.5, mean=0.1),
        "wpe.weight": normal(CONTEXT, WIDTH, deviation=0.3, mean=-0.1),
    }
    for layer in range(LAYERS):
        tensors |= layer_norm(f"h.{layer}.ln_1")
        tensors |= linear(f"h.{layer}.attn.c_attn", WIDTH, 3 * WIDTH)
        tensors |= linear(f"h.{layer}.attn.c_proj", WIDTH, WIDTH)
        tensors |= layer_norm(f"h.{layer}.ln_2")
        tensors |= linear(f"h.{layer}.mlp.c_fc", WIDTH, HIDDEN)
        tensors |= linear(f"h.{layer}.mlp.c_proj", HIDDEN, WIDTH)
    return tensors | layer_norm("ln_f")


def parameters(model: HookedTransformer) -> dict[str, Tensor]:
    """The state dict without the attention's buffers."""
    return {
        name: tensor
        for name, tensor in model.state_dict().items()
        if not name.endswith((".mask", ".IGNORE"))
    }


def changed(before: dict[str, Tensor], after: dict[str, Tensor]) -> dict[str, Tensor]:
    return {
        name: tensor
        for name, tensor in after.items()
        if not torch.equal(tensor, before[name])
    }


def logits(model: HookedTransformer) -> list[list[float]]:
    """[position, vocabulary] on `TOKENS`, to 6 decimals."""
    return [[round(value, 6) for value in row] for row in model(torch.tensor([TOKENS]))[0].tolist()]


@torch.inference_mode()
def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, required=True, help="folder to write")
    parser.add_argument("--seed", type=int, default=1729)
    arguments = parser.parse_args()

    raw = random_checkpoint(arguments.seed)
    write_tensors(arguments.out / "raw.safetensors", raw)
    write_json(arguments.out / "config.json", {"n_head": HEADS}, indent=None)
    model = hugging_face(raw, HEADS)
    stages = [hooked(model, STEPS[:applied]) for applied in range(len(STEPS) + 1)]
    for before, after, file in zip(stages, stages[1:], FILES):
        write_tensors(arguments.out / file, changed(parameters(before), parameters(after)))
    write_json(
        arguments.out / "oracle.json",
        {
            "versions": versions(),
            "seed": arguments.seed,
            "command": f"python weight_processing.py --out weight-processing --seed {arguments.seed}",
            "heads": HEADS,
            "tokens": TOKENS,
            "logits_unprocessed": logits(stages[0]),
            "logits_processed": logits(stages[-1]),
        },
        indent=None,
    )


if __name__ == "__main__":
    main()
