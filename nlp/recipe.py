"""How a network is made and trained: the recipe, and what follows from it."""

from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn
from transformers import BertModel

from nlp.base import BUNDLED, load_base
from nlp.examples import Example
from nlp.network import NoteNetwork
from nlp.tokens import NoteTokenizer


@dataclass(frozen=True)
class Recipe:
    """How a model is trained. `seed` fixes everything that is drawn.

    `layers` keeps so many of the base's layers, evenly spread; 0 keeps all. `noise` is the
    share of notes that are read as a hastier typist would have written them, `joined` adds so
    many notes, as a share of all, that are two short ones in one, `hidden_words` is the share
    of tokens that are hidden; noise and hidden words stand in for dropout inside the encoder,
    whose random numbers are dear on a CPU. `averaging` is the decay of the weights' running
    mean, which is what is kept. `positive_ceiling` bounds how much more a reason's positives
    count than its negatives.
    """

    base: str = BUNDLED
    layers: int = 0
    epochs: int = 8
    patience: int = 2
    batch_size: int = 32
    learning_rate: float = 2e-4
    head_learning_rate: float = 1e-3
    weight_decay: float = 0.01
    warmup: float = 0.1
    max_tokens: int = 256
    noise: float = 0.3
    joined: float = 0.2
    hidden_words: float = 0.06
    averaging: float = 0.98
    positive_ceiling: float = 4.0
    seed: int = 7


def new_network(recipe: Recipe) -> tuple[NoteNetwork, NoteTokenizer]:
    """Return an untrained network over the recipe's base encoder, and its tokenizer."""
    encoder, tokenizer = load_base(recipe.base)
    if recipe.layers:
        keep_layers(encoder, recipe.layers)
    without_dropout(encoder)
    # The base was trained with `query:` before each text; fine-tuned it needs no such tokens.
    notes = NoteTokenizer(tokenizer, prefix="", max_tokens=recipe.max_tokens)
    return NoteNetwork(encoder, encoder.config.hidden_size, notes.pad_id), notes


def without_dropout(encoder: nn.Module) -> None:
    """Take the dropout out of an encoder: `Recipe.noise` and `hidden_words` stand in for it."""
    for module in encoder.modules():
        if isinstance(module, nn.Dropout):
            module.p = 0.0


def keep_layers(encoder: BertModel, count: int) -> None:
    """Keep `count` of a BERT's layers, evenly spread from the first to the last."""
    layers = encoder.encoder.layer
    kept = np.linspace(0, len(layers) - 1, count).round().astype(int)
    encoder.encoder.layer = nn.ModuleList(layers[i] for i in kept)
    encoder.config.num_hidden_layers = count


def optimizer_of(network: NoteNetwork, recipe: Recipe) -> torch.optim.AdamW:
    """Return AdamW with the recipe's rates: one for the encoder, one for the heads."""
    encoder: list[nn.Parameter] = []
    heads: list[nn.Parameter] = []
    for name, parameter in network.named_parameters():
        (encoder if name.startswith("encoder.") else heads).append(parameter)
    return torch.optim.AdamW(
        [
            {"params": encoder, "lr": recipe.learning_rate},
            {"params": heads, "lr": recipe.head_learning_rate},
        ],
        weight_decay=recipe.weight_decay,
        fused=True,
    )


def rate_at(step: int, steps: int, warmup: float) -> float:
    """Return the share of the learning rate at a step: rising, then falling to nothing."""
    rising = max(1, int(steps * warmup))
    return min(1.0, (step + 1) / rising) * max(0.0, 1 - step / steps)


def positive_weights(examples: Sequence[Example], ceiling: float) -> Tensor:
    """Return the weight of each reason's positives: the square root of negatives / positives."""
    counts = np.sum([example.reasons for example in examples], axis=0)
    ratio = (len(examples) - counts) / np.maximum(counts, 1)
    return torch.from_numpy(np.clip(np.sqrt(ratio), 1.0, ceiling).astype(np.float32))


def mixed_precision(device: str) -> AbstractContextManager[None]:
    """Return the context of a training step: bfloat16 products where the hardware has them."""
    if device == "cuda" or torch.cpu._is_avx512_bf16_supported():
        context: AbstractContextManager[None] = torch.autocast(device, dtype=torch.bfloat16)
        return context
    return nullcontext()
