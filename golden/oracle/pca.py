"""What TransformerLens and scikit-learn measure of nano144 under exp06 and exp07.

    python pca.py --model model.safetensors --ranks r50k_base.tiktoken --corpus refrains.txt --out nano144

docs/protocol.md, sections 6 and 7. The text stands for the test split; PCA is scikit-learn's, by LAPACK's
SVD in float64, and so is k-means; low-rank writing and injection are TransformerLens hooks.
"""

import argparse
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy
import torch
from numpy.typing import NDArray
from safetensors.torch import load_file
from sklearn.cluster import KMeans
from sklearn.decomposition import PCA
from torch import Tensor
from transformer_lens import HookedTransformer
from transformer_lens.hook_points import HookPoint

from files import sha256, versions, write_json, write_tensors
from lens import hooked, hugging_face
from nano144 import BATCH, CONTEXT, HEADS, LAYERS, VOCABULARY, Hooks, Laboratory, Progress, chunks, perplexity
from r50k import Encoding

Matrix = NDArray[numpy.float64]
Indices = NDArray[numpy.int64]

INJECTED = (1, 2, 3, 5, 8, 10, 16, 32, 64, 80, 100, 110, 120, 130, 140, 144)
CLUSTERS = (4, 8, 12, 16, 32, 64)
CLUSTERING_DIMENSIONS = 20
TIE = 1e-9
"""Relative distances below which two points differ by rounding alone."""
SEED = 42
KEPT = (2, 3, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128, 144)
"""7D's absolute numbers of components as far as d_model goes, and 1/96 to 1 of d_model."""
REBUILT = (8, 16, 32, 64, 128)
THRESHOLDS = (50, 80, 90, 95)
SHARES = (1, 2, 3, 8, 16, 32, 64, 96, 128)

POSITIONS = 1000
SITES = {"block": "", "attention": "hook_attn_out", "mlp": "hook_mlp_out"}
RECORDED = {"block": 2, "attention": 11, "mlp": 7}
"""The layer of each site whose writes are kept, rounded to half precision, for a PCA of the very same numbers."""


def double(tensor: Tensor) -> Matrix:
    return tensor.double().numpy()


def fitted(rows: Matrix) -> PCA:
    return PCA(svd_solver="full").fit(rows)


def spectrum(rows: Matrix) -> dict[str, Any]:
    """The share that the first k components hold together, and how many reach a threshold."""
    together = fitted(rows).explained_variance_ratio_.cumsum()
    return {
        "rows": len(rows),
        "shares": {str(k): together[k - 1] for k in SHARES if k <= len(together)},
        "components": {str(percent): reaching(together, percent) for percent in THRESHOLDS},
    }


def reaching(together: Matrix, percent: int) -> int:
    return int(numpy.argmax(together >= percent / 100)) + 1


# exp06


def circuits(query: Tensor, key: Tensor) -> Matrix:
    """[layer, head, d_model, d_head] twice to the heads' flattened W_Q^T W_K [head, d_head^2]."""
    product = numpy.einsum("lhdq,lhdk->lhqk", double(query), double(key))
    return product.reshape(LAYERS * HEADS, -1)


def stored(tensors: dict[str, Tensor]) -> tuple[Tensor, Tensor]:
    """W_Q and W_K as the checkpoint has them, [layer, head, d_model, d_head]."""
    both = torch.stack([tensors[f"h.{layer}.attn.c_attn.weight"] for layer in range(LAYERS)])
    parts = both.view(LAYERS, both.shape[1], 3, HEADS, -1).permute(2, 0, 3, 1, 4)
    return parts[0], parts[1]


def unit(rows: Matrix) -> Matrix:
    return rows / numpy.linalg.norm(rows, axis=1, keepdims=True)


def middle(points: Matrix, means: KMeans) -> Indices:
    """Of each cluster the point nearest to the centre, the first of those equally near, as both of a pair are."""

    def of(cluster: int) -> int:
        members = numpy.flatnonzero(means.labels_ == cluster)
        distances = numpy.linalg.norm(points[members] - means.cluster_centers_[cluster], axis=1)
        return int(members[numpy.flatnonzero(distances <= distances.min() * (1 + TIE))[0]])

    return numpy.array([of(cluster) for cluster in range(means.n_clusters)])


def injecting(model: HookedTransformer, added: Matrix) -> Hooks:
    """Hooks that add x times a change of W_Q [head, d_model, d_head] to the queries."""
    change = torch.tensor(added, dtype=torch.float32).unflatten(0, (LAYERS, HEADS))

    def hooks(layer: int) -> Hooks:
        inputs: list[Tensor] = []

        def keep(normalized: Tensor, hook: HookPoint) -> None:
            inputs.append(normalized)

        def gain(query: Tensor, hook: HookPoint) -> Tensor:
            return query + torch.einsum("bpd,hdq->bphq", inputs.pop(), change[layer])

        return [(f"blocks.{layer}.ln1.hook_normalized", keep), (f"blocks.{layer}.attn.hook_q", gain)]

    return [hook for layer in range(LAYERS) for hook in hooks(layer)]


def changes(query: Matrix, key: Matrix, wanted: Matrix) -> Matrix:
    """W_K (W_K^T W_K)^-1 (wanted - W_Q^T W_K)^T for each head; all [head, ...]."""
    missing = wanted - query.transpose(0, 2, 1) @ key
    return key @ numpy.linalg.solve(key.transpose(0, 2, 1) @ key, missing.transpose(0, 2, 1))


def measure_circuits(
    model: HookedTransformer, tensors: dict[str, Tensor], cost: Callable[[Hooks, str], float]
) -> dict[str, Any]:
    flat = circuits(model.W_Q, model.W_K)
    query, key = (double(weight).reshape(LAYERS * HEADS, model.cfg.d_model, -1) for weight in (model.W_Q, model.W_K))
    square = (LAYERS * HEADS, model.cfg.d_head, model.cfg.d_head)
    pca = fitted(flat)
    coefficients = pca.transform(flat)

    def rebuilt(k: int) -> Matrix:
        return pca.mean_ + coefficients[:, :k] @ pca.components_[:k]

    def injected(wanted: Matrix, doing: str) -> float:
        return cost(injecting(model, changes(query, key, wanted.reshape(square))), doing)

    def pseudo_inverse() -> Matrix:
        own = query.transpose(0, 2, 1) @ key
        return key @ numpy.linalg.solve(key.transpose(0, 2, 1) @ key, own.transpose(0, 2, 1)) - query

    def cluster(k: int) -> dict[str, Any]:
        points = coefficients[:, :CLUSTERING_DIMENSIONS]
        means = KMeans(k, n_init=10, random_state=SEED).fit(points)
        representative = middle(points, means)[means.labels_]
        return {
            "representative": representative.tolist(),
            "inertia": means.inertia_,
            "perplexity": injected(flat[representative], f"6C {k}"),
        }

    return {
        "stored": spectrum(circuits(*stored(tensors))),
        "processed": spectrum(flat),
        "stored, unit norm": spectrum(unit(circuits(*stored(tensors)))),
        "processed, unit norm": spectrum(unit(flat)),
        "injection": {str(k): injected(rebuilt(k), f"6B {k}") for k in INJECTED},
        "pseudo-inverse": cost(injecting(model, pseudo_inverse()), "6B pseudo-inverse"),
        "clusters": {str(k): cluster(k) for k in CLUSTERS},
    }


# exp07


def writes(model: HookedTransformer, text: Tensor) -> dict[str, Tensor]:
    """What each layer writes at every position of the text, by site [layer, position, d_model]."""
    parts: dict[str, list[Tensor]] = {site: [] for site in SITES}
    for batch in text.split(BATCH // CONTEXT):
        _, cache = model.run_with_cache(batch)
        for site, hook in SITES.items():
            parts[site].append(
                torch.stack([
                    (
                        cache[f"blocks.{layer}.{hook}"]
                        if hook
                        else cache["resid_post", layer] - cache["resid_pre", layer]
                    ).flatten(0, 1)
                    for layer in range(LAYERS)
                ])
            )
    return {site: torch.cat(parts, 1) for site, parts in parts.items()}


def spaced(among: Tensor) -> Tensor:
    """1000 evenly spaced ones."""
    return among[torch.arange(POSITIONS) * len(among) // POSITIONS]


def samples(text: Tensor) -> dict[str, Tensor]:
    """Positions of the text, by where they are taken."""
    every = torch.arange(text.numel())
    return {
        "first": every[:POSITIONS],
        "first-without-0": every[:POSITIONS][every[:POSITIONS] % CONTEXT != 0],
        "spread": spaced(every),
        "spread-without-0": spaced(every[every % CONTEXT != 0]),
    }


def position_0(rows: Matrix, positions: Tensor) -> float:
    """The share of the summed squared deviations from the mean that the first positions of chunks carry."""
    squares = ((rows - rows.mean(0)) ** 2).sum(1)
    return squares[positions.numpy() % CONTEXT == 0].sum() / squares.sum()


def projecting(bases: list[PCA], k: int) -> Hooks:
    """Every block writes its mean and what of the rest lies along the first k components, all in float32."""

    def hooks(layer: int) -> Hooks:
        mean = torch.tensor(bases[layer].mean_, dtype=torch.float32)
        directions = torch.tensor(bases[layer].components_[:k], dtype=torch.float32)
        before: list[Tensor] = []

        def keep(stream: Tensor, hook: HookPoint) -> None:
            before.append(stream)

        def project(stream: Tensor, hook: HookPoint) -> Tensor:
            start = before.pop()
            return start + mean + (stream - start - mean) @ directions.T @ directions

        return [(f"blocks.{layer}.hook_resid_pre", keep), (f"blocks.{layer}.hook_resid_post", project)]

    return [hook for layer in range(LAYERS) for hook in hooks(layer)]


def quality(pca: PCA, layers: list[Matrix], k: int) -> dict[str, float]:
    """7C: the mean cosine, and the mean error norm over the mean norm, each averaged over layers."""

    def each() -> Iterator[tuple[float, float]]:
        for rows in layers:
            rebuilt = pca.mean_ + (rows - pca.mean_) @ pca.components_[:k].T @ pca.components_[:k]
            norms = numpy.linalg.norm(rows, axis=1)
            cosines = (rows * rebuilt).sum(1) / norms / numpy.linalg.norm(rebuilt, axis=1)
            yield cosines.mean(), numpy.linalg.norm(rows - rebuilt, axis=1).mean() / norms.mean()

    cosines, errors = zip(*each())
    return {"cosine": numpy.mean(cosines), "relative-l2": numpy.mean(errors)}


def measure_writes(
    model: HookedTransformer, text: Tensor, cost: Callable[[Hooks, str], float]
) -> tuple[dict[str, Any], dict[str, Tensor]]:
    written = writes(model, text)
    taken = samples(text)

    def rows(site: str, sample: str, layer: int) -> Matrix:
        return double(written[site][layer, taken[sample]])

    blocks = [rows("block", "first", layer) for layer in range(LAYERS)]
    norms = [numpy.linalg.norm(layer, axis=1) for layer in blocks]
    shared = fitted(numpy.concatenate(blocks))
    own = [fitted(layer) for layer in blocks]
    recorded = {
        f"{site}-{layer}": written[site][layer, taken["first"]].half() for site, layer in RECORDED.items()
    }
    measured = {
        "recorded": {name: spectrum(double(rows)) for name, rows in recorded.items()},
        "norms": [{"mean": layer.mean(), "std": layer.std()} for layer in norms],
        "samples": {
            sample: {
                site: [
                    spectrum(rows(site, sample, layer))
                    | {"position-0": position_0(rows(site, sample, layer), taken[sample])}
                    for layer in range(LAYERS)
                ]
                for site in SITES
            }
            | {"shared": spectrum(numpy.concatenate([rows("block", sample, layer) for layer in range(LAYERS)]))}
            for sample in taken
        },
        "reconstruction": {str(k): quality(shared, blocks, k) for k in REBUILT},
        "low-rank": {
            "individual": {str(k): cost(projecting(own, k), f"7D individual {k}") for k in KEPT},
            "shared": {str(k): cost(projecting([shared] * LAYERS, k), f"7D shared {k}") for k in KEPT},
        },
    }
    return measured, recorded


@torch.inference_mode()
def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", type=Path, required=True, help="nano144's weights, safetensors")
    parser.add_argument("--ranks", type=Path, required=True, help="r50k_base.tiktoken")
    parser.add_argument("--corpus", type=Path, required=True, help="the text, UTF-8, encoded as it stands")
    parser.add_argument("--out", type=Path, required=True, help="folder to write")
    parser.add_argument("--threads", type=int, default=1, help="threads PyTorch may use (default 1)")
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)

    tokens = torch.tensor(Encoding(arguments.ranks, VOCABULARY).encode(arguments.corpus.read_bytes().decode("utf-8")))
    # exp06 and exp07 want a token left after each chunk.
    text = chunks(tokens[:-1], CONTEXT)
    tensors = load_file(arguments.model)
    model = hooked(hugging_face(tensors, HEADS))
    passes = 1 + len(INJECTED) + 1 + len(CLUSTERS) + 2 * len(KEPT)
    laboratory = Laboratory(model, Progress(passes * text.numel()))

    def cost(hooks: Hooks, doing: str) -> float:
        return laboratory.perplexity(text, hooks, doing)

    baseline = laboratory.losses(text, [], "baseline")
    exp07, recorded = measure_writes(model, text, cost)
    write_tensors(arguments.out / "nano144-writes.safetensors", recorded)
    write_json(
        arguments.out / "nano144-pca.json",
        {
            "versions": versions("scikit-learn"),
            "model": {"sha256": sha256(arguments.model)},
            "corpus": {"sha256": sha256(arguments.corpus), "tokens": len(tokens), "chunks": len(text)},
            "baseline": perplexity(baseline, text),
            "exp06": measure_circuits(model, tensors, cost),
            "exp07": exp07,
        },
    )


if __name__ == "__main__":
    main()
