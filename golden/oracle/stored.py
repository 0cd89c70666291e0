"""What exp10's scripts would have stored of nano144: every figure as they round, order and compare it.

    python stored.py --model model.safetensors --ranks r50k_base.tiktoken --corpus refrains.txt \\
        --single nano144/nano144.json --out nano144

The measurements of docs/protocol.md, sections 3 to 5. What one head changes is nano144.py's; this script rounds it,
ranks by it as rounded, and measures with TransformerLens what the rankings make: cumulative curves, V1 to V5 over all
tokens, P4. Figures have the names of Touchstone's observables,
or of what its claims compute of these.
"""

import json
import math
import statistics
from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy
import torch
from scipy.optimize import curve_fit
from torch import Tensor
from transformer_lens import HookedTransformer

from files import sha256, versions, write_json
from nano144 import (
    ALL,
    CONTEXT,
    LAYERS,
    LINEAR,
    OUTSIDE_LAYER_0,
    P4_CONTEXTS,
    P4_HEADS,
    TIER_2K,
    Head,
    Hooks,
    Laboratory,
    Progress,
    chunks,
    command_line,
    linearizing,
    names,
    replacing_z,
    subject,
)

PERPLEXITY, RATIO, DELTA = 4, 4, 6
"""Decimals that are kept."""

FINE = (5, 15, 25, 30, 35, 40, 50)
ALSO_10C = 43
THRESHOLDS = (1.1, 1.5, 2.0)
TOP = 10
L0H8 = Head(0, 8)
BY_NAME = (L0H8, Head(0, 1), Head(0, 10))
"""The heads whose mean- and zero-ablation the reports compare."""

NEGLIGIBLE = 1e-4
"""V5: how small a 2K value is left out of the mean, and how near to 1 a 2K ratio has no growth to compare with."""

Perplexities = dict[Head, float]
Deltas = dict[Head, float]
Figures = dict[str, Any]

Keep = Callable[[float, int], float]
"""What becomes of a number that the scripts keep to so many decimals."""

KEPT: dict[str, Keep] = {"stored": round, "unrounded": lambda value, decimals: value}


@dataclass(frozen=True)
class Curve:
    """Perplexities with the first n of some heads changed, by n."""

    order: list[Head]
    perplexity: dict[int, float]


@dataclass(frozen=True)
class Single:
    """Perplexities over the first 2048 tokens with one head changed, by method, and without."""

    baseline: float
    by_method: dict[str, Perplexities]

    def deltas(self, method: str, keep: Keep) -> Deltas:
        """10A (zero) still has the unrounded baseline to divide by; the others have the stored one."""
        baseline = self.baseline if method == "zero" else keep(self.baseline, PERPLEXITY)
        return {
            head: keep((perplexity - baseline) / baseline, DELTA)
            for head, perplexity in self.by_method[method].items()
        }


@dataclass(frozen=True)
class Relu:
    """V4: ReLU on the first heads of a ranking, over 2048 tokens and over all."""

    two_k: Curve
    full: Curve


@dataclass(frozen=True)
class Measured:
    """
    `linear` are 10K's curves of one linearization each. `by_relu` is V4 as if ReLU's deltas made the ranking, whichever
    linearization has the smallest mean delta.
    """

    single: Single
    curves: dict[str, Curve]
    linear: dict[str, Curve]
    relu: Relu
    by_relu: Relu
    full_baseline: float
    full_zero: Perplexities
    full_mean: Perplexities
    harmful: list[Head]
    contexts: dict[int, dict[int, float]]


def tens(total: int) -> list[int]:
    """V4's numbers of heads."""
    return sorted({*range(0, min(100, total) + 1, 10), total})


def fine(total: int) -> list[int]:
    """The numbers of heads of 10F, 10G, 10H and 10K."""
    return sorted({*range(0, total, 10), *(n for n in FINE if n <= total), total})


def ascending(values: Deltas) -> list[Head]:
    """From the smallest; `sorted` keeps the order of layer and head where two are equal."""
    return sorted(sorted(values), key=lambda head: values[head])


def descending(values: Deltas) -> list[Head]:
    return sorted(sorted(values), key=lambda head: -values[head])


def least_first(deltas: Deltas, among: Iterable[Head]) -> list[Head]:
    return ascending({head: abs(deltas[head]) for head in among})


def best_methods(linear: dict[str, Deltas]) -> dict[Head, str]:
    return {head: min(LINEAR, key=lambda method: linear[method][head]) for head in OUTSIDE_LAYER_0}


def best_ranking(linear: dict[str, Deltas]) -> tuple[str, list[Head]]:
    """The linearization with the smallest mean delta, and the heads from the one it changes least."""
    best = min(LINEAR, key=lambda method: statistics.fmean(linear[method].values()))
    return best, least_first(linear[best], OUTSIDE_LAYER_0)


def harmful_heads(zero: Deltas) -> list[Head]:
    return [head for head in ascending(zero) if zero[head] < 0]


# Measuring


def measure(model: HookedTransformer, tokens: Tensor, single: Single, full_baseline: float) -> Measured:
    full = chunks(tokens, CONTEXT)
    tier_2k = chunks(tokens[:TIER_2K], CONTEXT)
    laboratory = Laboratory(model, Progress(work(tier_2k.numel(), full.numel())))
    nothing = torch.zeros(LAYERS, model.cfg.n_heads, model.cfg.d_head)
    means_2k, means_full = laboratory.mean_z(tier_2k), laboratory.mean_z(full)

    def zero(heads: Iterable[Head]) -> Hooks:
        return replacing_z(heads, nothing)

    def mean(heads: Iterable[Head]) -> Hooks:
        return replacing_z(heads, means_2k)

    def linear(method: str) -> Callable[[Iterable[Head]], Hooks]:
        return lambda heads: linearizing(heads, LINEAR[method])

    def curve(
        text: Tensor, order: list[Head], at: list[int], intervene: Callable[[list[Head]], Hooks], doing: str
    ) -> Curve:
        return Curve(
            order, {n: laboratory.perplexity(text, intervene(order[:n]), f"{doing} {n} heads") for n in at}
        )

    def fine_curve(order: list[Head], intervene: Callable[[list[Head]], Hooks], doing: str) -> Curve:
        return curve(tier_2k, order, fine(len(order)), intervene, doing)

    def relu(order: list[Head], doing: str) -> Relu:
        two_k, over_all = (
            curve(text, order, tens(len(order)), linear("relu"), f"{tier} {doing}")
            for tier, text in {"2K": tier_2k, "full": full}.items()
        )
        return Relu(two_k, over_all)

    def alone(heads: Iterable[Head], intervene: Callable[[list[Head]], Hooks], doing: str) -> Perplexities:
        return {head: laboratory.perplexity(full, intervene([head]), f"{doing} {head}") for head in heads}

    deltas = {method: single.deltas(method, round) for method in single.by_method}
    best = best_methods({method: deltas[method] for method in LINEAR})
    _, ranking = best_ranking({method: deltas[method] for method in LINEAR})
    by_relu = least_first(deltas["relu"], OUTSIDE_LAYER_0)
    own_best = {head: deltas[method][head] for head, method in best.items()}
    harmful = harmful_heads(deltas["zero"])

    def each_by_its_best(heads: list[Head]) -> Hooks:
        return [
            hook
            for method in LINEAR
            for hook in linear(method)([head for head in heads if best[head] == method])
        ]

    return Measured(
        single,
        {
            "zero-all": curve(
                tier_2k,
                least_first(deltas["zero"], ALL),
                sorted({*fine(len(ALL)), ALSO_10C}),
                zero,
                "10C",
            ),
            "mean-l0-protected": fine_curve(least_first(deltas["mean"], OUTSIDE_LAYER_0), mean, "10F"),
            "zero-l0-protected": fine_curve(least_first(deltas["zero"], OUTSIDE_LAYER_0), zero, "10G"),
            "harmful-first": fine_curve(
                least_first(deltas["mean"], [head for head in OUTSIDE_LAYER_0 if head not in harmful]),
                lambda heads: zero(harmful) + mean(heads),
                "10H",
            ),
            "mixed": fine_curve(least_first(own_best, OUTSIDE_LAYER_0), each_by_its_best, "10K mixed"),
        },
        {
            method: fine_curve(least_first(deltas[method], OUTSIDE_LAYER_0), linear(method), f"10K {method}")
            for method in LINEAR
        },
        relu(ranking, "V4"),
        relu(by_relu, "V4 by ReLU"),
        full_baseline,
        alone(sorted({*descending(deltas["zero"])[:TOP], L0H8}), zero, "full zero"),
        alone(
            sorted({descending(deltas["zero"])[0], L0H8}),
            lambda heads: replacing_z(heads, means_full),
            "full mean",
        ),
        harmful,
        {
            context: curve(chunks(tokens, context), ranking, P4_HEADS, linear("relu"), f"P4 {context}").perplexity
            for context in P4_CONTEXTS
        },
    )


def work(tier_2k: int, full: int) -> int:
    """Tokens that `measure` evaluates, as if 10H found no harmful head: how many there are is known only later."""
    fine_curves = len(fine(len(ALL))) + 1 + (4 + len(LINEAR)) * len(fine(len(OUTSIDE_LAYER_0)))
    relu = 2 * len(tens(len(OUTSIDE_LAYER_0)))
    passes_full = 1 + relu + TOP + 1 + 2 + len(P4_CONTEXTS) * len(P4_HEADS)
    return (1 + fine_curves + relu) * tier_2k + passes_full * full


# Single heads


def power_law_exponent(deltas: Iterable[float]) -> float:
    """alpha of C * rank^-alpha, fitted in linear space to what is above 0."""
    sizes = numpy.array(sorted((abs(delta) for delta in deltas), reverse=True))
    sizes = sizes[sizes > 0]
    ranks = numpy.arange(1, len(sizes) + 1, dtype=float)
    (_, alpha), _ = curve_fit(
        lambda rank, coefficient, alpha: coefficient * rank**-alpha,
        ranks,
        sizes,
        p0=(sizes[0], 1.0),
        bounds=((0, 0.01), (math.inf, 5)),
        maxfev=10_000,
    )
    return float(alpha)


def of_one_method(method: str, deltas: Deltas) -> Figures:
    count = len(deltas)
    largest = descending(deltas)

    def counted(name: str, wanted: Callable[[float], bool]) -> Figures:
        number = sum(wanted(delta) for delta in deltas.values())
        return {f"{name}/count": number, f"{name}/share": number / count}

    figures = (
        {f"{head}/delta": delta for head, delta in deltas.items()}
        | {
            f"largest/{count}/heads": names(largest),
            f"smallest/{count}/heads": names(ascending(deltas)),
            "measured/count": count,
            "mean-delta": statistics.fmean(deltas.values()),
            "median-delta": statistics.median(deltas.values()),
            "least-important/25/lowest-layer": min(head.layer for head in least_first(deltas, deltas)[:25]),
        }
        | counted("below/1", lambda delta: abs(delta) < 0.01)
        | counted("below/10", lambda delta: abs(delta) < 0.1)
        | counted("improved", lambda delta: delta < 0)
    )
    return {f"heads/{method}/{name}": value for name, value in figures.items()}


def of_layers(zero: Deltas, mean: Deltas) -> Figures:
    def means(deltas: Deltas) -> list[float]:
        return [
            statistics.fmean(delta for head, delta in deltas.items() if head.layer == layer)
            for layer in range(LAYERS)
        ]

    figures: Figures = {}
    for method, deltas in {"zero": zero, "mean": mean}.items():
        by_layer = means(deltas)
        figures |= {f"layers/{method}/{layer}/mean-delta": value for layer, value in enumerate(by_layer)}
        figures |= {f"layers/{method}/{layer}/share": value / sum(by_layer) for layer, value in enumerate(by_layer)}
        figures[f"layers/{method}/largest-mean-delta"] = [f"L{by_layer.index(max(by_layer))}"]
    quotients = [of_mean / of_zero for of_mean, of_zero in zip(means(mean), means(zero))]
    figures |= {f"layers/{layer}/mean-over-zero": value for layer, value in enumerate(quotients)}
    figures["layers/lowest-mean-over-zero"] = [f"L{quotients.index(min(quotients))}"]
    figures["heads/mean-delta/mean-over-zero"] = statistics.fmean(mean.values()) / statistics.fmean(zero.values())
    return figures


def of_zero_and_mean(name: str, zero: float, mean: float) -> Figures:
    """What is left of a head's effect when its mean output is kept, and the reduction, zero / |mean|."""
    return {
        f"{name}/zero-over-mean": zero / abs(mean),
        f"{name}/mean-over-zero": mean / zero,
        f"{name}/constant-share": 1 - mean / zero,
    }


def of_linearizations(linear: dict[str, Deltas], zero: Deltas, mean: Deltas) -> Figures:
    best = best_methods(linear)
    method, ranking = best_ranking(linear)

    def by_mean_delta(deltas: dict[str, Deltas]) -> list[str]:
        means = {name: statistics.fmean(each[head] for head in OUTSIDE_LAYER_0) for name, each in deltas.items()}
        return sorted(means, key=lambda name: means[name])

    return (
        {
            f"heads/best-linearization/{each}/count": sum(of_head == each for of_head in best.values())
            for each in LINEAR
        }
        | {
            f"heads/above-layer-0/by-mean-delta/mean,{each},zero": by_mean_delta(
                {"mean": mean, each: linear[each], "zero": zero}
            )
            for each in LINEAR
        }
        | {
            "heads/linearizations-by-mean-delta": by_mean_delta(linear),
            "heads/relu-below-mean/count": sum(linear["relu"][head] < mean[head] for head in OUTSIDE_LAYER_0),
            "heads/best-linear-below-mean/count": sum(
                linear[each][head] < mean[head] for head, each in best.items()
            ),
            "heads/linear-below-mean/share": sum(
                all(linear[each][head] < mean[head] for each in LINEAR) for head in OUTSIDE_LAYER_0
            )
            / len(OUTSIDE_LAYER_0),
            "best-ranking/method": method,
            "best-ranking/heads": names(ranking),
            "best-linearization": {str(head): each for head, each in best.items()},
        }
    )


def of_single_heads(single: Single, keep: Keep) -> Figures:
    deltas = {method: single.deltas(method, keep) for method in single.by_method}
    zero, mean = deltas["zero"], deltas["mean"]
    first = descending(zero)[0]
    figures: Figures = {"baseline/perplexity": keep(single.baseline, PERPLEXITY)}
    for method, of_heads in deltas.items():
        figures |= of_one_method(method, of_heads)
    for method in ("zero", "mean"):
        figures[f"power-law/{method}/exponent"] = power_law_exponent(deltas[method].values())
    for name, head in {**{str(head): head for head in BY_NAME}, "rank-1-by-zero": first}.items():
        figures |= of_zero_and_mean(f"heads/{name}", zero[head], mean[head])
    figures |= of_layers(zero, mean)
    figures |= of_linearizations({method: deltas[method] for method in LINEAR}, zero, mean)
    return figures | {
        "heads/sign-flipped/count": sum((zero[head] < 0) != (mean[head] < 0) for head in ALL),
        "heads/zero/largest/10/helped-by-mean/count": sum(mean[head] < 0 for head in descending(zero)[:TOP]),
    }


# Curves


def ratios(curve: Curve, baseline: float, keep: Keep) -> dict[int, float]:
    baseline = keep(baseline, PERPLEXITY)
    return {n: keep(perplexity / baseline, RATIO) for n, perplexity in curve.perplexity.items()}


def within(curve: Curve, baseline: float, keep: Keep, threshold: float) -> int:
    """The largest measured number of heads whose ratio is within a threshold; 0 if none is."""
    return max((n for n, ratio in ratios(curve, baseline, keep).items() if ratio <= threshold), default=0)


def of_curve(curve: Curve, baseline: float, keep: Keep) -> Figures:
    total = len(curve.order)
    by_heads = ratios(curve, baseline, keep)
    figures: Figures = {
        "order": names(curve.order),
        "steps": list(by_heads),
        "total-heads": total,
    }
    for n, perplexity in curve.perplexity.items():
        figures |= {f"{n}/perplexity": keep(perplexity, PERPLEXITY), f"{n}/ratio": by_heads[n]}
    for threshold in THRESHOLDS:
        heads = within(curve, baseline, keep, threshold)
        figures |= {f"within/{threshold}/heads": heads, f"within/{threshold}/share": heads / total}
    return figures


def of_curves(measured: Measured, keep: Keep) -> Figures:
    baseline = measured.single.baseline
    curves = measured.curves | {"relu": measured.relu.two_k}
    zero, mean = (measured.single.deltas(method, keep) for method in ("zero", "mean"))

    def at(name: str, threshold: float) -> int:
        return within(curves[name], baseline, keep, threshold)

    def harmless(deltas: Deltas, bound: float) -> float:
        return sum(abs(delta) < bound for delta in deltas.values()) / len(deltas)

    figures = {
        f"cumulative/{name}/{figure}": value
        for name, curve in curves.items()
        for figure, value in of_curve(curve, baseline, keep).items()
    }
    for threshold in THRESHOLDS:
        figures[f"cumulative/mean-over-zero/{threshold}"] = at("mean-l0-protected", threshold) / at(
            "zero-all", threshold
        )
        harmless_together = ratios(curves["harmful-first"], baseline, keep)[0] <= threshold
        removed = len(measured.harmful) + at("harmful-first", threshold) if harmless_together else 0
        figures[f"cumulative/harmful-first-gain/{threshold}"] = removed - at("mean-l0-protected", threshold)
    figures["cumulative/mean-over-zero"] = [
        figures[f"cumulative/mean-over-zero/{threshold}"] for threshold in THRESHOLDS
    ]
    figures["cumulative/zero-thresholds-moved-by-protecting-l0"] = max(
        abs(at("zero-all", threshold) - at("zero-l0-protected", threshold)) for threshold in THRESHOLDS
    )
    figures["cumulative/left-of-harmless/10/1.1"] = [
        harmless(zero, 0.1) - at("zero-all", 1.1) / len(ALL),
        harmless(mean, 0.1) - at("mean-l0-protected", 1.1) / len(OUTSIDE_LAYER_0),
    ]
    together = curves["harmful-first"].perplexity[0]
    stored_baseline = keep(baseline, PERPLEXITY)
    return figures | {
        "harmful/heads": names(harmful_heads(zero)),
        "harmful/count": len(harmful_heads(zero)),
        "harmful/sum-of-deltas": sum(zero[head] for head in harmful_heads(zero)),
        "harmful/joint/perplexity": keep(together, PERPLEXITY),
        "harmful/joint/ratio": keep(together / stored_baseline, RATIO),
        "harmful/joint/delta": keep((together - stored_baseline) / stored_baseline, DELTA),
    }


# V1 to V5 and P4


@dataclass(frozen=True)
class Row:
    """A row of V5's comparison; `percent` as the script rounds it."""

    name: str
    two_k: float
    full: float
    percent: float
    averaged: bool


def difference(two_k: float, full: float) -> float:
    return (full - two_k) / max(abs(two_k), 1e-8)


def growth_difference(two_k: float, full: float) -> float:
    """Of two ratios to a baseline."""
    growth = abs(two_k - 1)
    return (full - two_k) / growth if growth > NEGLIGIBLE else 0.0


def compared(measured: Measured, relu: Relu, keep: Keep) -> list[Row]:
    def row(name: str, two_k: float, full: float, compare: Callable[[float, float], float], decimals: int = 1) -> Row:
        percent = keep(100 * compare(two_k, full), decimals)
        return Row(name, two_k, full, percent, abs(two_k) > NEGLIGIBLE)

    single = measured.single
    zero_2k, mean_2k = (single.deltas(method, keep) for method in ("zero", "mean"))
    zero, mean = full_deltas(measured, keep)
    relu_2k = ratios(relu.two_k, single.baseline, keep)
    relu_full = ratios(relu.full, measured.full_baseline, keep)
    return [
        row(
            "baseline",
            keep(single.baseline, PERPLEXITY),
            keep(measured.full_baseline, PERPLEXITY),
            difference,
            2,
        ),
        *(row(f"zero/{head}", zero_2k[head], zero[head], difference) for head in descending(zero_2k)[:TOP]),
        row("L0H8/zero", zero_2k[L0H8], zero[L0H8], difference),
        row("L0H8/mean", mean_2k[L0H8], mean[L0H8], difference),
        row(
            "L0H8/reduction",
            zero_2k[L0H8] / abs(mean_2k[L0H8]),
            zero[L0H8] / abs(mean[L0H8]),
            difference,
        ),
        *(row(f"relu/{n}", relu_2k[n], relu_full[n], growth_difference) for n in relu_2k if n > 0),
    ]


def full_deltas(measured: Measured, keep: Keep) -> tuple[Deltas, Deltas]:
    """Under zero- and mean-ablation."""
    baseline = keep(measured.full_baseline, PERPLEXITY)

    def deltas(perplexities: Perplexities) -> Deltas:
        return {head: keep((perplexity - baseline) / baseline, DELTA) for head, perplexity in perplexities.items()}

    return deltas(measured.full_zero), deltas(measured.full_mean)


def mean_difference(rows: list[Row]) -> float:
    return statistics.fmean(row.percent for row in rows if row.averaged)


def of_heads_over_all(measured: Measured, keep: Keep) -> Figures:
    single = measured.single
    zero_2k, mean_2k = (single.deltas(method, keep) for method in ("zero", "mean"))
    zero, mean = full_deltas(measured, keep)
    top = descending(zero_2k)[:TOP]
    # Where two are equal the ten stay as the 2K run ranks them.
    over_all = sorted(top, key=lambda head: -zero[head])
    ranks = {head: 1 + over_all.index(head) for head in top}
    baseline_2k, baseline = keep(single.baseline, PERPLEXITY), keep(measured.full_baseline, PERPLEXITY)
    figures: Figures = {
        "baseline/perplexity": baseline,
        "validation/baseline/change": difference(baseline_2k, baseline),
    }
    figures |= {f"validation/zero/{head}/full-delta": delta for head, delta in zero.items()}
    figures |= {f"validation/mean/{head}/full-delta": delta for head, delta in mean.items()}
    for name, head in {"L0H8": L0H8, "rank-1-by-zero": top[0]}.items():
        reduction_2k, reduction = zero_2k[head] / abs(mean_2k[head]), zero[head] / abs(mean[head])
        figures |= {
            f"validation/zero/{name}/change": difference(zero_2k[head], zero[head]),
            f"validation/mean/{name}/change": difference(mean_2k[head], mean[head]),
            f"validation/{name}/zero-over-mean": reduction,
            f"validation/{name}/zero-over-mean/change": difference(reduction_2k, reduction),
            f"validation/{name}/constant-share": 1 - mean[head] / zero[head],
        }
    figures |= {f"validation/top-ten/{head}/rank": rank for head, rank in ranks.items()}
    return figures | {
        "validation/top-ten/largest-rank-move/6-to-10": max(
            abs(ranks[top[rank - 1]] - rank) for rank in range(6, 11)
        ),
        "validation/top/5/shared/count": len({*top[:5]} & {*over_all[:5]}),
        "validation/rank-1-over-rank-2": zero[over_all[0]] / zero[over_all[1]],
    }


def of_relu_over_all(measured: Measured, relu: Relu, keep: Keep) -> Figures:
    full_baseline = measured.full_baseline
    changes = {
        threshold: within(relu.full, full_baseline, keep, threshold)
        - within(relu.two_k, measured.single.baseline, keep, threshold)
        for threshold in THRESHOLDS
    }
    return (
        relu_figures(relu.full, full_baseline, keep)
        | {f"validation/relu/within/{threshold}/change": change for threshold, change in changes.items()}
        | {
            "validation/relu/largest-threshold-change": max(abs(change) for change in changes.values()),
            "validation/mean-difference": keep(mean_difference(compared(measured, relu, keep)), 1) / 100,
        }
    )


def relu_figures(curve: Curve, baseline: float, keep: Keep) -> Figures:
    return {f"cumulative/relu/{name}": value for name, value in of_curve(curve, baseline, keep).items()}


def of_context_lengths(contexts: dict[int, dict[int, float]], keep: Keep) -> Figures:
    figures: Figures = {}
    for context, by_heads in contexts.items():
        baseline = keep(by_heads[0], PERPLEXITY)
        for heads, perplexity in by_heads.items():
            condition = f"context/{context}/" + (f"relu-{heads}" if heads else "baseline")
            figures |= {
                f"{condition}/perplexity": keep(perplexity, PERPLEXITY),
                f"{condition}/ratio": keep(perplexity / baseline, RATIO),
            }
    return figures


# The file


def both(figures: Callable[[Keep], Figures]) -> dict[str, dict[str, Any]]:
    """Every figure as stored and unrounded."""
    kept = {name: figures(keep) for name, keep in KEPT.items()}
    paths = dict.fromkeys(path for each in kept.values() for path in each)
    return {path: {name: each[path] for name, each in kept.items() if path in each} for path in paths}


def validation(measured: Measured, relu: Relu) -> dict[str, Any]:
    """V5's rows, and the mean over those that count."""
    rows = {name: compared(measured, relu, keep) for name, keep in KEPT.items()}
    return {
        "mean": {name: mean_difference(each) for name, each in rows.items()},
        "rows": [
            {"row": stored.name, "averaged": stored.averaged}
            | {
                name: {"2k": each.two_k, "full": each.full, "percent": each.percent}
                for name, each in {"stored": stored, "unrounded": unrounded}.items()
            }
            for stored, unrounded in zip(rows["stored"], rows["unrounded"], strict=True)
        ],
    }


def recorded(measured: Measured) -> dict[str, Any]:
    baseline = measured.single.baseline
    return {
        "2k": both(lambda keep: of_single_heads(measured.single, keep) | of_curves(measured, keep)),
        "full": both(
            lambda keep: of_heads_over_all(measured, keep)
            | of_relu_over_all(measured, measured.relu, keep)
            | of_context_lengths(measured.contexts, keep)
        ),
        "V5": validation(measured, measured.relu),
        "10K": {
            method: both(lambda keep: of_curve(curve, baseline, keep)) for method, curve in measured.linear.items()
        },
        "by-relu": {
            "2k": both(lambda keep: relu_figures(measured.by_relu.two_k, baseline, keep)),
            "full": both(lambda keep: of_relu_over_all(measured, measured.by_relu, keep)),
            "V5": validation(measured, measured.by_relu),
        },
    }


def named_head(name: str) -> Head:
    return Head(*(int(number) for number in name[1:].split("H")))


def earlier(parser: ArgumentParser, arguments: Namespace) -> dict[str, Any]:
    """What nano144.py measured, of the same model and text."""
    record: dict[str, Any] = json.loads(arguments.single.read_text(encoding="utf-8"))
    for what, path in {"model": arguments.model, "corpus": arguments.corpus}.items():
        if record[what]["sha256"] != sha256(path):
            parser.error(f"{arguments.single} was measured with another {what} than {path}")
    return record


@torch.inference_mode()
def main() -> None:
    parser = command_line(__doc__)
    parser.add_argument("--single", type=Path, required=True, help="what nano144.py wrote of single heads")
    arguments = parser.parse_args()
    record = earlier(parser, arguments)
    model, tokens = subject(arguments)
    single = Single(
        record["2k"]["baseline"]["perplexity"],
        {
            method: {named_head(name): perplexity for name, perplexity in record["2k"][method].items()}
            for method in ("zero", "mean", *LINEAR)
        },
    )
    measured = measure(model, tokens, single, record["full"]["baseline"]["perplexity"])
    write_json(
        arguments.out / "stored.json",
        {
            "versions": versions("scipy"),
            "model": record["model"],
            "corpus": record["corpus"],
            "kept": {"perplexity": PERPLEXITY, "ratio": RATIO, "delta": DELTA},
        }
        | recorded(measured),
    )


if __name__ == "__main__":
    main()
