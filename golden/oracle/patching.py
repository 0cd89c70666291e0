"""What TransformerLens makes of patching nano144: activations, paths, and the gradients' guess at them.

    python patching.py --model model.safetensors --ranks r50k_base.tiktoken --out nano144

Activation patching as Heimersheim and Nanda (2024) describe it, path patching as Wang et al. (2022), attribution patching as
Nanda (2023), each by hooks on the clean and the corrupted prompt of a pair.
"""

import argparse
from collections.abc import Callable
from pathlib import Path

import torch
from safetensors.torch import load_file
from torch import Tensor
from transformer_lens import ActivationCache, HookedTransformer

from files import sha256, versions, write_json
from lens import hooked, hugging_face
from nano144 import ALL, HEADS, LAYERS, VOCABULARY, Head
from r50k import Encoding

PAIRS = (
    (" They said that they had lost", " He said that he had lost", " their", " his"),
    (" In the film , she wrote to", " In the film , he wrote to", " her", " his"),
    (" The players of the team", " The player of the team", " were", " was"),
)
RECEIVERS = {"L11H3 q": (("q", Head(11, 3)),), "L9H0 k, L10H7 v": (("k", Head(9, 0)), ("v", Head(10, 7)))}
"""Whose queries, keys or values get what the sender sends."""

Metric = Callable[[Tensor], dict[str, float]]


def name(kind: str, layer: int) -> str:
    return {"resid": f"blocks.{layer}.hook_resid_pre", "mlp": f"blocks.{layer}.hook_mlp_out"}.get(
        kind, f"blocks.{layer}.attn.hook_{kind}"
    )


def putting(kind: str, layer: int, index: tuple, other: Tensor):
    """A hook that replaces a part of an activation by the same part of another."""

    def put(activation: Tensor, hook) -> Tensor:
        activation = activation.clone()
        activation[index] = other[index]
        return activation

    return name(kind, layer), put


def whole(head: Head) -> tuple:
    return (slice(None), slice(None), head.index)


def alone(sender: Head, base: ActivationCache, source: ActivationCache):
    """Every head's output held as it was, but the sender's, which is the other prompt's."""
    frozen = [putting("z", layer, (slice(None),), base[name("z", layer)]) for layer in range(LAYERS)]
    return frozen + [putting("z", sender.layer, whole(sender), source[name("z", sender.layer)])]


def path(model: HookedTransformer, ids: Tensor, sender: Head, receivers, base, source) -> Tensor:
    received: dict[str, Tensor] = {}

    def keep(activation: Tensor, hook) -> None:
        received[hook.name] = activation.clone()

    looked = [(name(kind, head.layer), keep) for kind, head in receivers]
    model.run_with_hooks(ids, fwd_hooks=alone(sender, base, source) + looked)
    put = [putting(kind, head.layer, whole(head), received[name(kind, head.layer)]) for kind, head in receivers]
    return model.run_with_hooks(ids, fwd_hooks=put)


def attribution(model: HookedTransformer, ids: Tensor, answers: list[int], base, source) -> dict[str, float]:
    outputs: dict[int, Tensor] = {}

    def require(z: Tensor, hook) -> Tensor:
        z = z.detach().requires_grad_() if hook.layer() == 0 else z
        z.retain_grad()
        outputs[hook.layer()] = z
        return z

    logits = model.run_with_hooks(ids, fwd_hooks=[(name("z", layer), require) for layer in range(LAYERS)])[0, -1]
    (logits[answers[0]] - logits[answers[1]]).backward()
    changes = {}
    for head in ALL:
        gradient = outputs[head.layer].grad[whole(head)].double()
        difference = (source[name("z", head.layer)] - base[name("z", head.layer)])[whole(head)].double()
        changes[str(head)] = (gradient * difference).sum().item()
    return changes


def measured(model: HookedTransformer, clean: Tensor, corrupted: Tensor, answers: list[int], everything: bool) -> dict:
    """Heads and their attribution, and all else where everything is wanted."""
    with torch.no_grad():
        clean_logits, clean_cache = model.run_with_cache(clean)
        corrupted_logits, corrupted_cache = model.run_with_cache(corrupted)
    expected = clean_logits[0, -1].double().log_softmax(-1)

    def prediction(logits: Tensor) -> list[float]:
        last = logits[0, -1].double()
        divergence = (expected.exp() * (expected - last.log_softmax(-1))).sum()
        return [(last[answers[0]] - last[answers[1]]).item(), divergence.item()]

    def direction(ids: Tensor, base, source) -> dict:
        def patched(hooks) -> list[float]:
            return prediction(model.run_with_hooks(ids, fwd_hooks=hooks))

        def positions(kind: str) -> dict:
            return {
                f"L{layer}@{i}": patched([putting(kind, layer, (slice(None), i), source[name(kind, layer)])])
                for layer in range(LAYERS)
                for i in range(ids.shape[1])
            }

        with torch.no_grad():
            heads = {
                str(head): patched([putting("z", head.layer, whole(head), source[name("z", head.layer)])]) for head in ALL
            }
            rest = everything and {
                "residual at each position": positions("resid"),
                "mlp at each position": positions("mlp"),
                "patterns": {
                    f"L{layer}H5@3": patched([putting("pattern", layer, (slice(None), 5, 3), source[name("pattern", layer)])])
                    for layer in range(LAYERS)
                },
                "keys of L6H4 and values of L2H7, both at 1": patched([
                    putting("k", 6, (slice(None), 1, 4), source[name("k", 6)]),
                    putting("v", 2, (slice(None), 1, 7), source[name("v", 2)]),
                ]),
                "paths to the logits": {
                    str(head): prediction(model.run_with_hooks(ids, fwd_hooks=alone(head, base, source))) for head in ALL
                },
                "paths": {
                    to: {
                        str(head): prediction(path(model, ids, head, receivers, base, source))
                        for head in ALL
                        if head.layer < min(receiver.layer for _, receiver in receivers)
                    }
                    for to, receivers in RECEIVERS.items()
                },
            }
        return {"heads": heads, "attribution": attribution(model, ids, answers, base, source)} | (rest or {})

    return {
        "clean": prediction(clean_logits),
        "corrupted": prediction(corrupted_logits),
        "denoising": direction(corrupted, corrupted_cache, clean_cache),
        "noising": direction(clean, clean_cache, corrupted_cache),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", type=Path, required=True, help="nano144's weights, safetensors")
    parser.add_argument("--ranks", type=Path, required=True, help="r50k_base.tiktoken")
    parser.add_argument("--out", type=Path, required=True, help="folder to write")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    model = hooked(hugging_face(load_file(arguments.model), HEADS))
    encoding = Encoding(arguments.ranks, VOCABULARY)
    pairs = []
    for clean, corrupted, answer, foil in PAIRS:
        ids = [encoding.encode(prompt) for prompt in (clean, corrupted)]
        answers = [token for word in (answer, foil) for token in encoding.encode(word)]
        if len(ids[0]) != len(ids[1]) or len(answers) != 2:
            parser.error(f"{clean!r} and {corrupted!r} are not of one length, or an answer is not one token")
        pairs.append(
            {"prompts": [clean, corrupted], "ids": ids, "answers": answers}
            | measured(model, *(torch.tensor([each]) for each in ids), answers, everything=not pairs)
        )
        print(f"{clean}: {pairs[-1]['clean']}, {pairs[-1]['corrupted']}")
    write_json(
        arguments.out / "patching.json",
        {"versions": versions(), "model": {"sha256": sha256(arguments.model)}, "pairs": pairs},
        indent=None,
    )


if __name__ == "__main__":
    main()
