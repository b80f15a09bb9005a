"""Fit the network on labelled notes, with early stopping on dev."""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
import torch
from torch import Tensor, nn

from labels.annotation import LabelledNote
from labels.codebook import CHURN_INTENTS, REASONS, RESOLUTIONS
from nlp.base import BUNDLED, load_base
from nlp.evaluation import macro_f1
from nlp.heads import Logits, decide
from nlp.network import NoteNetwork, Outputs, Targets, loss
from nlp.tokens import Encoded, NoteTokenizer, pad


@dataclass(frozen=True)
class Recipe:
    """How a model is trained. `seed` fixes everything that is drawn."""

    base: str = BUNDLED
    layers: int = 0  # keep so many of the base's layers; 0 keeps all
    epochs: int = 12
    patience: int = 4
    batch_size: int = 16
    learning_rate: float = 1e-4
    head_learning_rate: float = 1e-3
    weight_decay: float = 0.01
    warmup: float = 0.1
    max_tokens: int = 256
    evidence_weight: float = 0.3
    seed: int = 7


@dataclass
class Fitted:
    """A trained network with its tokenizer, and how it got there, one dict an epoch."""

    network: NoteNetwork
    tokenizer: NoteTokenizer
    history: list[dict[str, float]] = field(default_factory=list)


Progress = Callable[[int, int, str], None]


def _silent(done: int, total: int, message: str) -> None:
    """Show nothing."""


def targets_of(notes: Sequence[LabelledNote], encoded: Sequence[Encoded], length: int) -> Targets:
    """Return the targets of a batch that is padded to `length` tokens."""
    reasons = torch.zeros(len(notes), len(REASONS))
    evidence = torch.zeros(len(notes), len(REASONS), length)
    for row, (note, tokens) in enumerate(zip(notes, encoded, strict=True)):
        for reason, piece in note.evidence.items():
            column = REASONS.index(reason)
            reasons[row, column] = 1
            start = note.text.index(piece)
            inside = (tokens.spans[:, 1] > start) & (tokens.spans[:, 0] < start + len(piece))
            inside &= tokens.text_mask == 1
            evidence[row, column, : len(inside)] = torch.from_numpy(inside.astype(np.float32))
    return Targets(
        reasons,
        torch.tensor([CHURN_INTENTS.index(note.churn_intent) for note in notes]),
        torch.tensor([RESOLUTIONS.index(note.resolution) for note in notes]),
        torch.tensor([float(note.repeat) for note in notes]),
        evidence,
    )


def _batches(lengths: Sequence[int], size: int, rng: random.Random) -> list[list[int]]:
    """Return shuffled batches of notes of about the same length, so that little is padding."""
    order = sorted(range(len(lengths)), key=lambda i: lengths[i] * rng.uniform(0.85, 1.15))
    batches = [order[i : i + size] for i in range(0, len(order), size)]
    rng.shuffle(batches)
    return batches


def forward(network: NoteNetwork, encoded: Sequence[Encoded]) -> Outputs:
    """Return the network's outputs for one batch."""
    batch = pad(encoded, network.pad_id)
    device = network.queries.device
    arrays = (batch.input_ids, batch.attention_mask, batch.text_mask)
    outputs: Outputs = network(*(torch.from_numpy(array).to(device) for array in arrays))
    return outputs


@torch.no_grad()
def logits_of(network: NoteNetwork, encoded: Sequence[Encoded], size: int = 32) -> Logits:
    """Return the network's logits for many notes, in their order."""
    network.eval()
    order = sorted(range(len(encoded)), key=lambda i: len(encoded[i]))
    parts = [
        forward(network, [encoded[i] for i in order[at : at + size]])
        for at in range(0, len(order), size)
    ]
    back = np.argsort(order)

    def joined(name: str) -> "np.ndarray[tuple[int, ...], np.dtype[np.float32]]":
        values: Tensor = torch.cat([getattr(part, name) for part in parts])
        return values.cpu().numpy()[back]

    return Logits(joined("reasons"), joined("churn"), joined("resolution"), joined("repeat"))


def _optimizer(network: NoteNetwork, recipe: Recipe) -> torch.optim.AdamW:
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
    )


def _schedule(
    optimizer: torch.optim.AdamW, steps: int, warmup: float
) -> torch.optim.lr_scheduler.LambdaLR:
    rising = max(1, int(steps * warmup))
    return torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda step: min(1.0, (step + 1) / rising) * max(0.0, 1 - step / steps)
    )


def positive_weights(notes: Sequence[LabelledNote], ceiling: float = 4.0) -> Tensor:
    """Return the weight of each reason's positives: the square root of negatives / positives."""
    counts = np.array([sum(reason in note.reasons for note in notes) for reason in REASONS])
    ratio = (len(notes) - counts) / np.maximum(counts, 1)
    return torch.from_numpy(np.clip(np.sqrt(ratio), 1.0, ceiling).astype(np.float32))


def new_network(recipe: Recipe) -> tuple[NoteNetwork, NoteTokenizer]:
    """Return an untrained network over the recipe's base encoder, and its tokenizer."""
    encoder, tokenizer = load_base(recipe.base)
    if recipe.layers:
        encoder.encoder.layer = encoder.encoder.layer[: recipe.layers]
        encoder.config.num_hidden_layers = recipe.layers
    notes = NoteTokenizer(tokenizer, max_tokens=recipe.max_tokens)
    return NoteNetwork(encoder, encoder.config.hidden_size, notes.pad_id), notes


def fit(
    train: Sequence[LabelledNote],
    dev: Sequence[LabelledNote],
    recipe: Recipe,
    progress: Progress = _silent,
) -> Fitted:
    """Train a network and return its best state by dev's mean macro-F1.

    Runs on a GPU where there is one. Stops when dev has not improved for `patience` epochs.
    """
    random.seed(recipe.seed)
    np.random.default_rng(recipe.seed)
    torch.manual_seed(recipe.seed)
    device = "cuda" if torch.cuda.is_available() else "cpu"
    network, tokenizer = new_network(recipe)
    network.to(device)
    fitted = Fitted(network, tokenizer)
    encoded = tokenizer.encode([note.text for note in train])
    dev_encoded = tokenizer.encode([note.text for note in dev])
    optimizer = _optimizer(network, recipe)
    per_epoch = -(-len(train) // recipe.batch_size)
    schedule = _schedule(optimizer, per_epoch * recipe.epochs, recipe.warmup)
    weights = positive_weights(train).to(device)
    rng = random.Random(recipe.seed)
    best, best_state, waited = -1.0, network.state_dict(), 0
    for epoch in range(recipe.epochs):
        network.train()
        total = 0.0
        for done, batch in enumerate(_batches([len(e) for e in encoded], recipe.batch_size, rng)):
            chosen = [encoded[i] for i in batch]
            outputs = forward(network, chosen)
            targets = targets_of([train[i] for i in batch], chosen, outputs.attention.shape[-1])
            targets = Targets(**{k: v.to(device) for k, v in vars(targets).items()})
            value = loss(outputs, targets, weights, recipe.evidence_weight)
            optimizer.zero_grad()
            torch.autograd.backward(value)
            torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
            optimizer.step()
            schedule.step()
            total += float(value.detach())
            progress(epoch * per_epoch + done + 1, recipe.epochs * per_epoch, f"epoch {epoch + 1}")
        scores = macro_f1(dev, decide(logits_of(network, dev_encoded)))
        fitted.history.append({"epoch": epoch + 1, "loss": total / per_epoch, **scores})
        score = float(np.mean(list(scores.values())))
        if score > best:
            best, waited = score, 0
            best_state = {k: v.detach().cpu().clone() for k, v in network.state_dict().items()}
        else:
            waited += 1
            if waited >= recipe.patience:
                break
    network.load_state_dict(best_state)
    network.to("cpu").eval()
    return fitted
