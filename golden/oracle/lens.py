"""A GPT-2 checkpoint in Hugging Face's names, loaded in TransformerLens the way its `from_pretrained` does."""

from torch import Tensor, float32
from transformer_lens import HookedTransformer, HookedTransformerConfig
from transformer_lens.pretrained.weight_conversions import convert_gpt2_weights
from transformers import GPT2Config, GPT2LMHeadModel

STEPS = ("fold_ln", "center_writing_weights", "center_unembed", "fold_value_biases")
"""TransformerLens's default weight processing, in the order in which it applies it."""

LAYER_NORM_EPS = 1e-5


def hugging_face(tensors: dict[str, Tensor], heads: int) -> GPT2LMHeadModel:
    """The tied-embedding GPT-2 whose `transformer` holds `tensors`, in float32; every other size is read off them."""
    vocabulary, width = tensors["wte.weight"].shape
    model = GPT2LMHeadModel(
        GPT2Config(
            vocab_size=vocabulary,
            n_positions=tensors["wpe.weight"].shape[0],
            n_embd=width,
            n_layer=sum(name.endswith(".ln_1.weight") for name in tensors),
            n_head=heads,
            n_inner=tensors["h.0.mlp.c_fc.weight"].shape[1],
            activation_function="gelu_new",
            layer_norm_epsilon=LAYER_NORM_EPS,
            tie_word_embeddings=True,
            bos_token_id=None,
            eos_token_id=None,
        )
    )
    model.transformer.load_state_dict({name: tensor.to(float32) for name, tensor in tensors.items()})
    return model.eval()


def hooked(model: GPT2LMHeadModel, steps: tuple[str, ...] = STEPS) -> HookedTransformer:
    """`model` in TransformerLens with exactly these processing steps.

    As in `from_pretrained`, folding the layer norms turns them into `LNPre`, which have no parameters.
    """
    config = model.config
    lens = HookedTransformer(
        HookedTransformerConfig(
            original_architecture="GPT2LMHeadModel",
            n_layers=config.n_layer,
            n_heads=config.n_head,
            d_model=config.n_embd,
            d_head=config.n_embd // config.n_head,
            d_mlp=config.n_inner,
            n_ctx=config.n_positions,
            d_vocab=config.vocab_size,
            act_fn="gelu_new",
            normalization_type="LNPre" if "fold_ln" in steps else "LN",
            eps=LAYER_NORM_EPS,
            init_weights=False,
            device="cpu",
        )
    )
    lens.load_and_process_state_dict(
        convert_gpt2_weights(model, lens.cfg), **{step: step in steps for step in STEPS}
    )
    return lens.eval()
