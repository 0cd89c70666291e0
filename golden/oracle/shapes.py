"""What TransformerLens and scikit-learn measure of GPT-2s of four other shapes, whose weights both sides make up.

    python shapes.py --ranks r50k_base.tiktoken --corpus embedded.txt --out shapes

Zero, mean and ReLU on each head, exp06's 6A and exp07's 7B. The weights are those of Touchstone's `MadeUpGpt2`, bit for
bit: whole numbers mixed and scaled, so that neither side needs the other's file.
"""

import argparse
import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy
import torch
from numpy.typing import NDArray
from torch import Tensor
from transformer_lens import HookedTransformer

import pca
from files import versions, write_json
from lens import hooked, hugging_face
from nano144 import LINEAR, Head, Laboratory, Progress, chunks, linearizing, perplexity, replacing_z
from r50k import Encoding

TOKENS = 1100
"""What stands for the validation and for the test text, whole or in part."""
POSITIONS = 1000


@dataclass(frozen=True)
class Shape:
    layers: int
    heads: int
    width: int
    mlp: int
    context: int
    vocabulary: int


SHAPES = {
    "fewer-heads": Shape(4, 3, 24, 96, 128, 512),
    "other-depth": Shape(3, 8, 64, 256, 128, 600),
    "other-width": Shape(4, 5, 40, 100, 128, 512),
    "other-context": Shape(4, 4, 32, 128, 96, 300),
}


def dimensions(shape: Shape) -> dict[str, tuple[int, ...]]:
    """Hugging Face's names of a GPT-2's tensors, each with its shape."""
    width, mlp = shape.width, shape.mlp
    block = {
        "ln_1.weight": (width,),
        "ln_1.bias": (width,),
        "attn.c_attn.weight": (width, 3 * width),
        "attn.c_attn.bias": (3 * width,),
        "attn.c_proj.weight": (width, width),
        "attn.c_proj.bias": (width,),
        "ln_2.weight": (width,),
        "ln_2.bias": (width,),
        "mlp.c_fc.weight": (width, mlp),
        "mlp.c_fc.bias": (mlp,),
        "mlp.c_proj.weight": (mlp, width),
        "mlp.c_proj.bias": (width,),
    }
    return {
        "wte.weight": (shape.vocabulary, width),
        "wpe.weight": (shape.context, width),
        "ln_f.weight": (width,),
        "ln_f.bias": (width,),
    } | {f"h.{layer}.{name}": size for layer in range(shape.layers) for name, size in block.items()}


def mixed(places: NDArray[numpy.uint64]) -> NDArray[numpy.uint64]:
    """SplitMix64's bits at each place (Steele, Lea and Flood 2014)."""
    with numpy.errstate(over="ignore"):
        bits = (places + numpy.uint64(1)) * numpy.uint64(0x9E3779B97F4A7C15)
        bits = (bits ^ (bits >> numpy.uint64(30))) * numpy.uint64(0xBF58476D1CE4E5B9)
        bits = (bits ^ (bits >> numpy.uint64(27))) * numpy.uint64(0x94D049BB133111EB)
        return bits ^ (bits >> numpy.uint64(31))


def made_up(shape: Shape) -> dict[str, Tensor]:
    """The tensors, in the order of their names."""
    tensors = {}
    for place, (name, size) in enumerate(sorted(dimensions(shape).items())):
        count = int(numpy.prod(size))
        bits = mixed((numpy.uint64(place) << numpy.uint64(32)) + numpy.arange(count, dtype=numpy.uint64))
        around_0 = (bits >> numpy.uint64(40)).astype(numpy.float64) * 2.0**-24 - 0.5
        scales = name.split(".")[-2].startswith("ln_") and name.endswith(".weight")
        spread = 0.25 if scales or name.endswith(".bias") else 4 / numpy.sqrt(float(shape.width))
        values = (1.0 if scales else 0.0) + spread * around_0
        tensors[name] = torch.from_numpy(values.astype(numpy.float32).reshape(size))
    return tensors


def digest(tensors: dict[str, Tensor]) -> str:
    """The SHA-256 of all numbers, little-endian, tensor after tensor by name."""
    every = hashlib.sha256()
    for name in sorted(tensors):
        every.update(tensors[name].numpy().astype("<f4").tobytes())
    return every.hexdigest()


def effects(model: HookedTransformer, shape: Shape, text: Tensor) -> dict[str, Any]:
    laboratory = Laboratory(model, Progress(1 << 62))
    every = [Head(layer, index) for layer in range(shape.layers) for index in range(shape.heads)]
    above = [head for head in every if head.layer > 0]
    nothing = torch.zeros(shape.layers, shape.heads, shape.width // shape.heads)
    means = laboratory.mean_z(text)
    losses = laboratory.losses(text, [], "baseline")

    def each(heads: list[Head], hooks: Any) -> dict[str, float]:
        return {str(head): laboratory.perplexity(text, hooks([head]), str(head)) for head in heads}

    return {
        "chunks": len(text),
        "baseline": perplexity(losses, text),
        "zero": each(every, lambda heads: replacing_z(heads, nothing)),
        "mean": each(every, lambda heads: replacing_z(heads, means)),
        "relu": each(above, lambda heads: linearizing(heads, LINEAR["relu"])),
    }


def spectrum(rows: pca.Matrix) -> dict[str, Any]:
    """The share that the first k components hold together, and how many reach a threshold."""
    together = pca.fitted(rows).explained_variance_ratio_.cumsum()
    return {
        "shares": together.tolist(),
        "components": {str(percent): pca.reaching(together, percent) for percent in pca.THRESHOLDS},
    }


def circuits(model: HookedTransformer) -> pca.Matrix:
    """The heads' flattened W_Q^T W_K [head, d_head^2]."""
    product = numpy.einsum("lhdq,lhdk->lhqk", pca.double(model.W_Q), pca.double(model.W_K))
    return product.reshape(-1, product.shape[2] * product.shape[3])


def writes(model: HookedTransformer, text: Tensor) -> list[pca.Matrix]:
    """What each block adds to the residual stream at the first positions [layer][position, d_model]."""
    layers = range(model.cfg.n_layers)
    rows: list[list[Tensor]] = [[] for _ in layers]
    for batch in text[: -(-POSITIONS // text.shape[1])]:
        _, cache = model.run_with_cache(batch[None])
        for layer in layers:
            rows[layer].append((cache["resid_post", layer] - cache["resid_pre", layer])[0])
    return [pca.double(torch.cat(each)[:POSITIONS]) for each in rows]


def measured(shape: Shape, ranks: Path, text: str) -> dict[str, Any]:
    tensors = made_up(shape)
    model = hooked(hugging_face(tensors, shape.heads))
    tokens = torch.tensor(Encoding(ranks, shape.vocabulary).encode(text)[:TOKENS])
    return {
        "weights": digest(tensors),
        "10": effects(model, shape, chunks(tokens, shape.context)),
        "6A": spectrum(circuits(model)),
        "7B": [spectrum(rows) for rows in writes(model, chunks(tokens, shape.context))],
    }


@torch.inference_mode()
def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--ranks", type=Path, required=True, help="r50k_base.tiktoken")
    parser.add_argument("--corpus", type=Path, required=True, help="the text, UTF-8, encoded as it stands")
    parser.add_argument("--out", type=Path, required=True, help="folder to write")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    text = arguments.corpus.read_bytes().decode("utf-8")
    write_json(
        arguments.out / "shapes.json",
        {"versions": versions("scikit-learn")}
        | {name: measured(shape, arguments.ranks, text) for name, shape in SHAPES.items()},
    )


if __name__ == "__main__":
    main()
