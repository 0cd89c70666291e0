"""What scikit-learn makes of the heads' W_QK in exp06's 6C, for twenty seeds.

    python clusters.py --model MODEL.safetensors --out nano144/nano144-clusters.json \\
        --coefficients nano144/nano144-coefficients.json
    python clusters.py --model GPT2-ATTENTION.safetensors --out gpt2/gpt2-clusters.json

docs/protocol.md, section 6: k-means on the first 20 PCA coefficients of all heads' W_QK, in float64 from W_QK on, as pca.py
has them. A checkpoint may be GPT-2's attention weights alone: of the rest, which W_QK does not see, nothing is read.
Nothing of the weights is written, and the coefficients only where --coefficients names a file.
"""

import argparse
from pathlib import Path
from typing import Any
from unittest import mock

import numpy
import torch
from numpy.typing import NDArray
from safetensors.torch import load_file
from sklearn.cluster import KMeans
from threadpoolctl import threadpool_limits
from torch import Tensor

from files import sha256, versions, write_json
from lens import hooked, hugging_face
from nano144 import HEADS, LAYERS
from pca import CLUSTERING_DIMENSIONS, CLUSTERS, circuits, fitted, middle

Points = NDArray[Any]

SEEDS = range(42, 62)
ORDERS = 7
POTENTIAL_TIE = 1e-12
"""Relative; potentials that differ by less differ by rounding alone."""
WEIGHTS = 1 / numpy.arange(1, CLUSTERING_DIMENSIONS + 1)
"""A centre is recorded as the sum of its coordinates, the n-th divided by n."""


def attention(tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    """The checkpoint with zeros for the weights of the MLPs and for a vocabulary of one."""
    width = len(tensors["ln_f.weight"])
    inner = len(tensors["h.0.mlp.c_fc.bias"])
    nothing = {"wte.weight": torch.zeros(1, width)}
    for layer in range(LAYERS):
        nothing[f"h.{layer}.mlp.c_fc.weight"] = torch.zeros(width, inner)
        nothing[f"h.{layer}.mlp.c_proj.weight"] = torch.zeros(inner, width)
    return tensors | nothing


def coefficients(flat: Points) -> Points:
    """[head, d_head^2] to [head, 20], in the same precision."""
    return fitted(flat).transform(flat)[:, :CLUSTERING_DIMENSIONS]


def clustered(points: Points, k: int, threads: int = 1) -> list[KMeans]:
    """One for each seed."""
    with threadpool_limits(threads):
        return [KMeans(k, n_init=10, random_state=seed).fit(points) for seed in SEEDS]


def first_of_ties(points: Points, k: int) -> list[KMeans]:
    """As scikit-learn finds them when of candidates that tie k-means++ takes the first, whatever rounding says.

    Two candidates that are nearest to each other, and to no other point, lower the potential by exactly the same amount.
    """

    def first(potentials: Points) -> int:
        return int(numpy.flatnonzero(potentials <= potentials.min() * (1 + POTENTIAL_TIE))[0])

    with mock.patch.object(numpy, "argmin", first):
        return clustered(points, k)


def reordered(points: Points, k: int) -> list[list[KMeans]]:
    """As scikit-learn finds them with the coordinates in other orders, which only rounding can tell apart."""
    random = numpy.random.RandomState(0)
    return [clustered(points[:, random.permutation(CLUSTERING_DIMENSIONS)], k) for _ in range(ORDERS)]


def record(points: Points, found: KMeans) -> dict[str, Any]:
    return {
        "labels": listed(found.labels_),
        "middle": listed(middle(points, found)),
        "inertia": float(found.inertia_),
        "centres": (found.cluster_centers_ @ WEIGHTS).tolist(),
    }


def listed(numbers: NDArray[Any]) -> str:
    return " ".join(map(str, numbers))


def same(a: KMeans, b: KMeans) -> bool:
    return numpy.array_equal(a.labels_, b.labels_)


def grouped(found: KMeans) -> set[frozenset[int]]:
    """The clusters, whatever their numbers."""
    return {frozenset(numpy.flatnonzero(found.labels_ == cluster)) for cluster in range(found.n_clusters)}


def spread(these: list[KMeans], those: list[KMeans]) -> dict[str, Any]:
    """By how much the same seeds differ: how many in their labels, how many in their clusters; the inertia."""
    pairs = list(zip(these, those))
    return {
        "labels": sum(not same(a, b) for a, b in pairs),
        "clusters": sum(grouped(a) != grouped(b) for a, b in pairs),
        "inertia": max(abs(float(b.inertia_) / float(a.inertia_) - 1) for a, b in pairs),
    }


@torch.inference_mode()
def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", type=Path, required=True, help="the weights, safetensors, 12 x 12 heads")
    parser.add_argument("--out", type=Path, required=True, help="file to write")
    parser.add_argument("--coefficients", type=Path, help="file to write the coefficients into, if any")
    arguments = parser.parse_args()

    model = hooked(hugging_face(attention(load_file(arguments.model)), HEADS))
    flat = circuits(model.W_Q, model.W_K)
    points = coefficients(flat)
    # What a script gets that never leaves PyTorch's float32.
    single = coefficients((model.W_Q.mT @ model.W_K).reshape(LAYERS * HEADS, -1).numpy())
    clusters: dict[str, Any] = {}
    spreads: dict[str, Any] = {}
    for k in CLUSTERS:
        found = clustered(points, k)
        first = first_of_ties(points, k)
        orders = reordered(points, k)
        clusters[str(k)] = {
            str(seed): record(points, means) | ({} if same(means, other) else {"first of ties": record(points, other)})
            for seed, means, other in zip(SEEDS, found, first)
        }
        spreads[str(k)] = {
            "two threads": spread(found, clustered(points, k, threads=2)),
            "float32": spread(found, clustered(single, k)),
            "first of ties": spread(found, first),
            "other orders": sum(not all(map(same, runs, runs[1:])) for runs in zip(found, *orders)),
        }
    source = {"versions": versions("scikit-learn"), "model": {"sha256": sha256(arguments.model)}}
    write_json(arguments.out, source | {"clusters": clusters, "spread": spreads})
    if arguments.coefficients:
        rows = [" ".join(map(repr, row)) for row in points.tolist()]
        write_json(arguments.coefficients, source | {"coefficients": rows})


if __name__ == "__main__":
    main()
