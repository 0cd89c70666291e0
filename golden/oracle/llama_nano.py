"""What PyTorch makes of llama-nano and its decomposition, written from the formulas of docs/protocol.md, section 8.

    python llama_nano.py --subject ../subjects/llama-nano --ranks r50k_base.tiktoken --corpus ../corpus/embedded.txt \
        --out llama-nano
"""

import argparse
import json
import math
from pathlib import Path

import torch
import torch.nn.functional as F
from safetensors.torch import load_file
from torch import Tensor
from transformer_lens import HookedTransformer, HookedTransformerConfig

from files import sha256, versions, write_json, write_tensors
from r50k import Encoding

BATCH, LENGTH = 2, 32
STEPS, STEP_SIZE = 3, 0.01
ABLATED_HEAD = (0, 3)
# What the original's script has learnt since: a query position, the one before it, and what is taken away there.
QUERY_AT, KEY_AT = 11, 10
RESTRICTED = (("h.1.attn.q_proj", 0, 2, QUERY_AT), ("h.1.attn.k_proj", 1, 1, KEY_AT))
ABLATED_COMPONENTS = (("h.0.attn.q_proj", 3), ("h.1.mlp.c_fc", 7), ("h.1.attn.o_proj", 0))
# Sources whose gradient is smaller than this share of the largest may go either way in float32.
DECIDED = 1e-4


class Model:
    """LlamaSimpleMLP; `masks` put components in the place of weights, `attend` says how attention is computed."""

    def __init__(self, weights: dict[str, Tensor], config: dict, parts: dict[str, Tensor]) -> None:
        self.weights = weights
        self.config = config
        self.parts = parts
        self.layers = config["n_layer"]
        self.heads = config["n_head"]
        self.shared = config["n_head"] // config["n_key_value_heads"]
        self.d_head = config["n_embd"] // config["n_head"]

    def modules(self) -> list[str]:
        kinds = ("attn.q_proj", "attn.k_proj", "attn.v_proj", "attn.o_proj", "mlp.c_fc", "mlp.down_proj")
        return [f"h.{layer}.{kind}" for layer in range(self.layers) for kind in kinds]

    def v(self, module: str) -> Tensor:
        return self.parts[f"_components.{module.replace('.', '-')}.V"]

    def u(self, module: str) -> Tensor:
        return self.parts[f"_components.{module.replace('.', '-')}.U"]

    def weight(self, module: str) -> Tensor:
        return self.weights[f"{module}.weight"]

    def norm(self, x: Tensor, name: str) -> Tensor:
        return x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + self.config["rms_norm_eps"]) * self.weights[name]

    def rotated(self, x: Tensor) -> Tensor:
        """x is [batch, head, position, d_head]; complex multiplication of the two halves as real and imaginary part."""
        half = self.d_head // 2
        rates = self.config["rotary_base"] ** (-torch.arange(half, dtype=torch.float64) / half)
        angles = torch.outer(torch.arange(x.shape[2], dtype=torch.float64), rates)
        turn = torch.polar(torch.ones_like(angles), angles)
        turned = torch.complex(x[..., :half].double(), x[..., half:].double()) * turn
        return torch.cat((turned.real, turned.imag), -1).to(x.dtype)

    def run(
        self, ids, masks=None, deltas=None, routing=None, silenced=None, fused=False,
        silenced_at=(), unread=(), restricted=(), written=None,
    ):  # fmt: skip
        """Logits, attention patterns by layer, and what each module read.

        `silenced_at` and `unread` hold (layer, head, position): that head's output there, and the value it reads of
        there. `restricted` holds (module, component, head, position), before any rotation. `written` collects
        what each layer's attention writes.
        """
        read: dict[str, Tensor] = {}
        patterns: list[Tensor] = []

        def linear(x: Tensor, module: str) -> Tensor:
            read[module] = x
            own = F.linear(x, self.weight(module))
            if masks is None or module not in masks:
                return own
            mask = masks[module]
            mask = mask if mask.dim() == 3 else mask[:, None, :]
            y = torch.einsum("btc,co->bto", torch.einsum("bti,ic->btc", x, self.v(module)) * mask, self.u(module))
            if deltas is not None:
                rest = self.weight(module) - torch.einsum("ic,co->oi", self.v(module), self.u(module))
                y = y + deltas[module][..., None] * F.linear(x, rest)
            return y if routing is None else torch.where(routing[module][..., None] > 0, y, own)

        def split(x: Tensor) -> Tensor:
            return x.unflatten(-1, (-1, self.d_head)).transpose(1, 2)

        x = self.weights["wte.weight"][ids]
        length = ids.shape[1]
        for layer in range(self.layers):
            name = f"h.{layer}."
            normed = self.norm(x, f"{name}rms_1.weight")
            q, k, v = (split(linear(normed, f"{name}attn.{kind}_proj")) for kind in "qkv")
            for module, component, head, position in restricted:
                if module.startswith(f"{name}attn."):
                    part = slice(head * self.d_head, (head + 1) * self.d_head)
                    strength = normed[:, position] @ self.v(module)[:, component]
                    heads = q if module.endswith("q_proj") else k
                    heads[:, head, position] -= torch.outer(strength, self.u(module)[component, part])
            q, k = self.rotated(q), self.rotated(k)
            k, v = k.repeat_interleave(self.shared, 1), v.repeat_interleave(self.shared, 1)
            if fused:
                z = F.scaled_dot_product_attention(q, k, v, is_causal=True)
            else:
                scores = q @ k.mT / math.sqrt(self.d_head)
                future = torch.ones(length, length, dtype=torch.bool).triu(1)
                patterns.append(scores.masked_fill(future, -math.inf).softmax(-1))
                values = v.clone()
                for of_layer, head, position in unread:
                    if of_layer == layer:
                        values[:, head, position] = 0
                z = patterns[-1] @ values
            for of_layer, head, position in silenced_at:
                if of_layer == layer:
                    z[:, head, position] = 0
            if silenced is not None and silenced[0] == layer:
                z = z.clone()
                z[:, silenced[1]] = 0
            output = linear(z.transpose(1, 2).flatten(2), f"{name}attn.o_proj")
            if written is not None:
                written.append(output)
            x = x + output
            hidden = F.gelu(linear(self.norm(x, f"{name}rms_2.weight"), f"{name}mlp.c_fc"), approximate="tanh")
            x = x + linear(hidden, f"{name}mlp.down_proj")
        return self.norm(x, "ln_f.weight") @ self.weights["wte.weight"].T, patterns, read

    def importances(self, ids: Tensor) -> dict[str, Tensor]:
        read = self.run(ids)[2]
        return {module: self.network(module, read[module]).clamp(0, 1) for module in self.modules()}

    def network(self, module: str, x: Tensor) -> Tensor:
        prefix = f"_ci_fns.{module.replace('.', '-')}.layers."
        numbers = sorted({int(name.removeprefix(prefix).split(".")[0]) for name in self.parts if name.startswith(prefix)})
        for number in numbers:
            x = x if number == 0 else F.gelu(x)
            x = x @ self.parts[f"{prefix}{number}.W"] + self.parts[f"{prefix}{number}.b"]
        return x


def pattern_of_numbers(shape: tuple[int, ...], factors: tuple[int, ...], offset: int, period: int, dtype) -> Tensor:
    """(sum of factor * index + offset) mod period, over period - 1: numbers in [0, 1] that need no file."""
    total = torch.full(shape, offset, dtype=torch.int64)
    for axis, factor in enumerate(factors):
        index = torch.arange(shape[axis]) * factor
        total += index.reshape([-1 if each == axis else 1 for each in range(len(shape))])
    return ((total % period).double() / (period - 1)).to(torch.float32).to(dtype)


def divergence(p: Tensor, q: Tensor) -> Tensor:
    return F.kl_div(q.log_softmax(-1), p.log_softmax(-1), log_target=True, reduction="none").sum(-1)


def ascend(model: Model, ids: Tensor, importances: dict[str, Tensor], sources: dict[str, Tensor]):
    target = model.run(ids)[0]
    losses, decided = [], {module: torch.ones_like(source, dtype=torch.bool) for module, source in sources.items()}
    for step in range(STEPS + 1):
        sources = {module: source.detach().requires_grad_() for module, source in sources.items()}
        masks = {module: importances[module] + (1 - importances[module]) * sources[module] for module in sources}
        loss = divergence(target, model.run(ids, masks)[0]).mean()
        losses.append(loss.item())
        if step < STEPS:
            gradients = dict(zip(sources, torch.autograd.grad(loss, list(sources.values()))))
            for module, gradient in gradients.items():
                decided[module] &= (gradient == 0) | (gradient.abs() > DECIDED * gradient.abs().max())
                sources[module] = (sources[module] + STEP_SIZE * gradient.sign()).clamp(0, 1)
    return losses, {module: source.detach() for module, source in sources.items()}, decided


def compared(model: Model, ids: Tensor, change: dict, against: dict):
    """Logits under a change, and per layer and position a.b / b.b and the cosine of what attention writes, batch mean."""
    before, after = [], []
    model.run(ids, written=before, **against)
    logits = model.run(ids, written=after, **change)[0]
    b, a = torch.stack(before).double().mean(1), torch.stack(after).double().mean(1)
    product = torch.einsum("lpd,lpd->lp", a, b)
    return logits, product / b.square().sum(-1), F.cosine_similarity(a, b, dim=-1)


def lens(weights: dict[str, Tensor], config: dict) -> HookedTransformer:
    heads, kv, width = config["n_head"], config["n_key_value_heads"], config["n_embd"]
    d_head = width // heads
    model = HookedTransformer(
        HookedTransformerConfig(
            n_layers=config["n_layer"], d_model=width, n_ctx=config["n_ctx"], d_head=d_head, n_heads=heads,
            n_key_value_heads=kv, d_mlp=config["n_intermediate"], act_fn="gelu_new", d_vocab=config["vocab_size"],
            eps=config["rms_norm_eps"], normalization_type="RMS", positional_embedding_type="rotary",
            rotary_dim=d_head, rotary_base=config["rotary_base"], rotary_adjacent_pairs=False, default_prepend_bos=False,
            final_rms=True, device="cpu",
        )
    )  # fmt: skip
    state = {name: torch.zeros_like(tensor) if "b_" in name else tensor for name, tensor in model.state_dict().items()}
    state["embed.W_E"] = weights["wte.weight"]
    state["unembed.W_U"] = weights["wte.weight"].T
    state["ln_final.w"] = weights["ln_f.weight"]
    for layer in range(config["n_layer"]):
        ours, theirs = f"h.{layer}.", f"blocks.{layer}."
        state[theirs + "ln1.w"] = weights[ours + "rms_1.weight"]
        state[theirs + "ln2.w"] = weights[ours + "rms_2.weight"]
        state[theirs + "attn.W_Q"] = weights[ours + "attn.q_proj.weight"].T.unflatten(1, (heads, d_head)).transpose(0, 1)
        for ours_kind, theirs_kind in (("k", "_W_K"), ("v", "_W_V")):
            weight = weights[f"{ours}attn.{ours_kind}_proj.weight"].T
            state[f"{theirs}attn.{theirs_kind}"] = weight.unflatten(1, (kv, d_head)).transpose(0, 1)
        state[theirs + "attn.W_O"] = weights[ours + "attn.o_proj.weight"].T.unflatten(0, (heads, d_head))
        state[theirs + "mlp.W_in"] = weights[ours + "mlp.c_fc.weight"].T
        state[theirs + "mlp.W_out"] = weights[ours + "mlp.down_proj.weight"].T
    model.load_state_dict(state)
    return model.eval()


def networks(random: torch.Generator) -> dict[str, Tensor]:
    """The three kinds of causal-importance network on random weights, and what they give."""
    count, d_in, hidden = 5, 6, 4

    def normal(*shape: int) -> Tensor:
        return torch.randn(shape, generator=random)

    x, v = normal(2, 3, d_in), normal(d_in, count)
    tensors = {"network.input": x, "network.V": v}
    layers = {
        "shared": (normal(d_in, hidden), normal(hidden), normal(hidden, count), normal(count)),
        "vector": (normal(count, d_in, hidden), normal(count, hidden), normal(count, hidden, 1), normal(count, 1)),
        "per-component": (normal(count, 1, hidden), normal(count, hidden), normal(count, hidden, 1), normal(count, 1)),
    }
    for kind, (w0, b0, w1, b1) in layers.items():
        tensors |= {f"network.{kind}.{name}": t for name, t in zip(("W0", "b0", "W1", "b1"), (w0, b0, w1, b1))}
        if kind == "shared":
            result = F.gelu(x @ w0 + b0) @ w1 + b1
        else:
            read = x[..., None, :].expand(2, 3, count, d_in) if kind == "vector" else (x @ v)[..., None]
            result = torch.stack(
                [(F.gelu(read[..., c, :] @ w0[c] + b0[c]) @ w1[c] + b1[c])[..., 0] for c in range(count)], -1
            )
        tensors[f"network.{kind}.output"] = result
    return tensors


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--subject", type=Path, required=True, help="llama-nano's folder")
    parser.add_argument("--ranks", type=Path, required=True, help="r50k_base.tiktoken")
    parser.add_argument("--corpus", type=Path, required=True, help="the text, UTF-8, encoded as it stands")
    parser.add_argument("--out", type=Path, required=True, help="folder to write")
    parser.add_argument("--threads", type=int, default=1, help="threads PyTorch may use (default 1)")
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)

    config = json.loads((arguments.subject / "config.json").read_text())
    files = {name: arguments.subject / f"{name}.safetensors" for name in ("model", "decomposition")}
    weights = {name: tensor.float() for name, tensor in load_file(files["model"]).items()}
    parts = load_file(files["decomposition"])
    model = Model(weights, config, parts)
    modules = model.modules()
    tokens = Encoding(arguments.ranks, config["vocab_size"]).encode(arguments.corpus.read_bytes().decode("utf-8"))
    ids = torch.tensor(tokens[: BATCH * LENGTH]).reshape(BATCH, LENGTH)
    shape = {module: (BATCH, LENGTH, model.v(module).shape[1]) for module in modules}
    numbered = list(enumerate(modules))

    with torch.no_grad():
        logits, patterns, _ = model.run(ids)
        fused = model.run(ids, fused=True)[0]
        silenced = model.run(ids, silenced=ABLATED_HEAD)[0]
        ones = {module: torch.ones(BATCH, shape[module][2]) for module in modules}
        ablated = {module: mask.clone() for module, mask in ones.items()}
        for module, component in ABLATED_COMPONENTS:
            ablated[module][:, component] = 0
        masks = {m: pattern_of_numbers(shape[m], (7, 3, 5), 11 * i, 17, torch.float32) for i, m in numbered}
        deltas = {m: pattern_of_numbers(shape[m][:2], (5, 3), i, 7, torch.float32) for i, m in numbered}
        routing = {m: (pattern_of_numbers(shape[m][:2], (1, 1), i, 3, torch.float32) > 0).float() for i, m in numbered}
        everything = model.run(ids, ones)[0]
        without = model.run(ids, ablated)[0]
        masked, masked_patterns, _ = model.run(ids, masks)
        with_deltas = model.run(ids, masks, deltas=deltas)[0]
        routed = model.run(ids, masks, routing=routing)[0]
        importances = model.importances(ids)
        written: list[Tensor] = []
        model.run(ids, written=written)
        every_head = [(0, head, KEY_AT) for head in range(config["n_head"])]
        at = {module: mask[:, None].repeat(1, LENGTH, 1) for module, mask in ones.items()}
        for module, component in ABLATED_COMPONENTS:
            at[module][:, QUERY_AT, component] = 0
        one_head = (*ABLATED_HEAD, QUERY_AT)
        # Each with what it is held against: the target itself, or masks of ones.
        positioned = {
            "head-at": ({"silenced_at": [one_head]}, {}),
            "values-of-all": ({"unread": every_head}, {}),
            "values-of-one": ({"unread": [(*ABLATED_HEAD, KEY_AT)]}, {}),
            "head-and-values": ({"silenced_at": [one_head], "unread": every_head}, {}),
            "components-at": ({"masks": at}, {"masks": ones}),
            "restricted": ({"masks": ones, "restricted": RESTRICTED}, {"masks": ones}),
            "restricted-and-values": (
                {"masks": ones, "restricted": RESTRICTED, "unread": [(1, 2, KEY_AT)]}, {"masks": ones},
            ),
        }  # fmt: skip
        today = {name: compared(model, ids, *changes) for name, changes in positioned.items()}
        hooked = lens(weights, config)
        layer, head = ABLATED_HEAD

        def zero(z: Tensor, hook) -> Tensor:
            z[:, :, head] = 0
            return z

        lens_logits = hooked(ids)
        lens_silenced = hooked.run_with_hooks(ids, fwd_hooks=[(f"blocks.{layer}.attn.hook_z", zero)])

    # The ascent in float64: its gradients' signs are then the true ones, but for those too small to matter.
    doubled = Model(
        {name: tensor.double() for name, tensor in weights.items()},
        config,
        {name: tensor.double() for name, tensor in parts.items()},
    )
    with torch.no_grad():
        sure = doubled.importances(ids)
    start = {m: pattern_of_numbers(shape[m], (5, 11, 3), 7 * i, 19, torch.float64) for i, m in numbered}
    losses, sources, decided = ascend(doubled, ids, sure, start)

    every = slice(None, None, 4)
    tensors = {
        "logits": logits[:, every],
        "logits.fused": fused[:, every],
        "logits.silenced": silenced[:, every],
        "logits.ones": everything[:, every],
        "logits.without-components": without[:, every],
        "logits.masked": masked[:, every],
        "logits.masked-deltas": with_deltas[:, every],
        "logits.masked-routed": routed[:, every],
        "lens.logits": lens_logits[:, every],
        "lens.silenced": lens_silenced[:, every],
    }
    for name, (after, product, cosine) in today.items():
        tensors[f"today.{name}.logits"] = after[:, [QUERY_AT, -1]]
        tensors[f"today.{name}.inner-product"] = product
        tensors[f"today.{name}.cosine"] = cosine
    tensors["today.previous-token"] = torch.stack([p.diagonal(-1, -2, -1).mean((0, 2)) for p in patterns])
    for layer in range(config["n_layer"]):
        tensors[f"written.{layer}"] = written[layer].mean(0)
        tensors[f"pattern.{layer}"] = patterns[layer]
        tensors[f"pattern.{layer}.masked"] = masked_patterns[layer]
    for module in modules:
        tensors[f"importance.{module}"] = importances[module][:, ::8]
        tensors[f"source.{module}"] = sources[module][:, ::8].float()
        tensors[f"decided.{module}"] = decided[module][:, ::8].float()
    tensors |= networks(torch.Generator().manual_seed(8))
    write_tensors(
        arguments.out / "llama-nano.safetensors", {name: tensor.float() for name, tensor in tensors.items()}
    )

    def metrics(before: Tensor, after: Tensor) -> dict[str, float]:
        before, after = before[0], after[0]
        changed = (before.argmax(-1) != after.argmax(-1)).double().mean().item()
        kl = F.kl_div(after.log_softmax(-1), before.softmax(-1), reduction="batchmean").item()
        return {"frac_top1_changed": changed, "mean_kl_divergence": kl}

    write_json(
        arguments.out / "llama-nano.json",
        {
            "made by": versions(),
            "model sha256": sha256(files["model"]),
            "decomposition sha256": sha256(files["decomposition"]),
            "ids": ids.tolist(),
            "silenced head": "L{}H{}".format(*ABLATED_HEAD),
            "ablated components": ",".join(f"{module}:{component}" for module, component in ABLATED_COMPONENTS),
            "query at": QUERY_AT,
            "key at": KEY_AT,
            "restricted": [f"{module}:{component} L{module[2]}H{head} {at}" for module, component, head, at in RESTRICTED],
            "metrics": {"head": metrics(logits, silenced), "components": metrics(everything, without)},
            "pgd": {
                "steps": STEPS,
                "step size": STEP_SIZE,
                "losses": losses,
                "decided share": sum(d.sum().item() for d in decided.values()) / sum(d.numel() for d in decided.values()),
            },
        },
        indent=1,
    )
    print(f"lens against ours: {(lens_logits - logits).abs().max():.2e}, losses {losses}")


if __name__ == "__main__":
    main()
