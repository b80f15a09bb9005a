"""Fit the network on labelled notes, with early stopping on dev."""

import random
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import cast

import numpy as np
import torch
from torch import Tensor, nn
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn
from transformers import BertModel

from labels.annotation import LabelledNote
from nlp.augment import noisy
from nlp.base import BUNDLED, load_base
from nlp.batching import training_batches
from nlp.checkpoint import Checkpoint, run_id
from nlp.evaluation import macro_f1
from nlp.examples import Example, targets_of
from nlp.heads import Logits, decide
from nlp.losses import Weights, loss
from nlp.network import NoteNetwork, Outputs, forward
from nlp.tokens import Encoded, NoteTokenizer


@dataclass(frozen=True)
class Recipe:
    """How a model is trained. `seed` fixes everything that is drawn.

    `layers` keeps so many of the base's layers, evenly spread; 0 keeps all. `noise` is the share
    of notes that are read as a hastier typist would have written them, `hidden_words` the share of
    tokens that are hidden; both stand in for dropout inside the encoder, whose random numbers cost
    a fifth of the time on a CPU. `averaging` is the decay of the weights' running mean, which is
    what is kept. `positive_ceiling` bounds how much more a reason's positives count than its
    negatives.
    """

    base: str = BUNDLED
    layers: int = 0
    epochs: int = 8
    patience: int = 4
    batch_size: int = 32
    learning_rate: float = 2e-4
    head_learning_rate: float = 1e-3
    weight_decay: float = 0.01
    warmup: float = 0.1
    max_tokens: int = 256
    noise: float = 0.3
    hidden_words: float = 0.06
    averaging: float = 0.98
    positive_ceiling: float = 4.0
    seed: int = 7


@dataclass
class Fitted:
    """A trained network with its tokenizer, and how it got there, one dict an epoch."""

    network: NoteNetwork
    tokenizer: NoteTokenizer
    history: list[dict[str, float]] = field(default_factory=list)


Progress = Callable[[int, int, str], None]
Judge = Callable[[NoteNetwork, NoteTokenizer], dict[str, float]]


def _with_hidden_words(
    notes: Sequence[Encoded], share: float, unknown: int, rng: np.random.Generator
) -> list[Encoded]:
    """Return the notes with `share` of their own tokens replaced by the unknown token."""
    return [
        replace(
            note,
            ids=np.where(
                (rng.random(len(note)) < share) & (note.text_mask == 1), unknown, note.ids
            ),
        )
        for note in notes
    ]


def _silent(done: int, total: int, message: str) -> None:
    """Show nothing."""


@torch.no_grad()
def logits_of(
    network: NoteNetwork, encoded: Sequence[Encoded], size: int = 32, mixed: bool = False
) -> Logits:
    """Return the network's logits for many notes, in their order; faster and rougher `mixed`."""
    network.eval()
    order = sorted(range(len(encoded)), key=lambda i: len(encoded[i]))
    with _mixed_precision(network.queries.device.type) if mixed else nullcontext():
        parts = [
            forward(network, [encoded[i] for i in order[at : at + size]])
            for at in range(0, len(order), size)
        ]
    back = np.argsort(order)

    def joined(name: str) -> "np.ndarray[tuple[int, ...], np.dtype[np.float32]]":
        values: Tensor = torch.cat([getattr(part, name) for part in parts])
        return values.float().cpu().numpy()[back]

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
        fused=True,
    )


def _rate_at(step: int, steps: int, warmup: float) -> float:
    """Return the share of the learning rate at a step: rising, then falling to nothing."""
    rising = max(1, int(steps * warmup))
    return min(1.0, (step + 1) / rising) * max(0.0, 1 - step / steps)


def positive_weights(examples: Sequence[Example], ceiling: float) -> Tensor:
    """Return the weight of each reason's positives: the square root of negatives / positives."""
    counts = np.sum([example.reasons for example in examples], axis=0)
    ratio = (len(examples) - counts) / np.maximum(counts, 1)
    return torch.from_numpy(np.clip(np.sqrt(ratio), 1.0, ceiling).astype(np.float32))


def new_network(recipe: Recipe) -> tuple[NoteNetwork, NoteTokenizer]:
    """Return an untrained network over the recipe's base encoder, and its tokenizer."""
    encoder, tokenizer = load_base(recipe.base)
    if recipe.layers:
        keep_layers(encoder, recipe.layers)
    for module in encoder.modules():
        if isinstance(module, nn.Dropout):
            module.p = 0.0
    # The base was trained with `query:` before each text; fine-tuned it needs no such tokens.
    notes = NoteTokenizer(tokenizer, prefix="", max_tokens=recipe.max_tokens)
    return NoteNetwork(encoder, encoder.config.hidden_size, notes.pad_id), notes


def keep_layers(encoder: BertModel, count: int) -> None:
    """Keep `count` of a BERT's layers, evenly spread from the first to the last."""
    layers = encoder.encoder.layer
    kept = np.linspace(0, len(layers) - 1, count).round().astype(int)
    encoder.encoder.layer = nn.ModuleList(layers[i] for i in kept)
    encoder.config.num_hidden_layers = count


def _mixed_precision(device: str) -> AbstractContextManager[None]:
    """Return the context of a training step: bfloat16 products where the hardware has them."""
    if device == "cuda" or torch.cpu._is_avx512_bf16_supported():
        context: AbstractContextManager[None] = torch.autocast(device, dtype=torch.bfloat16)
        return context
    return nullcontext()


class _Run:
    """One training run: the state that a checkpoint holds, and how an epoch changes it."""

    def __init__(
        self,
        examples: Sequence[Example],
        recipe: Recipe,
        start: "Fitted | None",
        weights: Weights | None,
    ) -> None:
        self.recipe, self.examples = recipe, examples
        torch.manual_seed(recipe.seed)
        self.network, self.tokenizer = (
            (start.network, start.tokenizer) if start else new_network(recipe)
        )
        self.device = "cuda" if torch.cuda.is_available() else "cpu"
        self.network.to(self.device)
        average = get_ema_multi_avg_fn(recipe.averaging)  # type: ignore[no-untyped-call]
        self.mean = AveragedModel(self.network, multi_avg_fn=average)
        self.optimizer = _optimizer(self.network, recipe)
        self.rates = [group["lr"] for group in self.optimizer.param_groups]
        self.terms = weights or Weights()
        self.positives = positive_weights(examples, recipe.positive_ceiling).to(self.device)
        self.per_epoch = len(
            training_batches(examples, [1] * len(examples), recipe.batch_size, random.Random(0))
        )
        self.history: list[dict[str, float]] = []
        self.best: dict[str, Tensor] = {}

    @property
    def epoch(self) -> int:
        """How many epochs are done."""
        return len(self.history)

    def state(self) -> dict[str, object]:
        return {
            "network": self.network.state_dict(),
            "mean": self.mean.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "history": self.history,
            "best": self.best,
        }

    def restore(self, state: dict[str, dict[str, Tensor]]) -> None:
        self.network.load_state_dict(state["network"])
        self.mean.load_state_dict(state["mean"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.history, self.best = list(state["history"]), state["best"]  # type: ignore[arg-type]

    def steps(self, rng: random.Random) -> Iterator[float]:
        """Train one epoch; yield the loss of each step."""
        recipe = self.recipe
        read = [noisy(e, rng) if rng.random() < recipe.noise else e for e in self.examples]
        encoded = _with_hidden_words(
            self.tokenizer.encode([example.text for example in read]),
            recipe.hidden_words,
            self.tokenizer.unknown_id,
            np.random.default_rng(rng.randrange(2**32)),
        )
        batches = training_batches(read, [len(e) for e in encoded], recipe.batch_size, rng)
        self.network.train()
        for done, batch in enumerate(batches):
            share = _rate_at(
                self.epoch * self.per_epoch + done, recipe.epochs * self.per_epoch, recipe.warmup
            )
            for group, rate in zip(self.optimizer.param_groups, self.rates, strict=True):
                group["lr"] = rate * share
            chosen = [encoded[i] for i in batch]
            with _mixed_precision(self.device):
                mixed = forward(self.network, chosen)
            outputs = Outputs(*(value.float() for value in mixed))
            targets = targets_of([read[i] for i in batch], chosen, outputs.attention.shape[-1])
            value = loss(outputs, targets.to(outputs.reasons.device), self.positives, self.terms)
            self.optimizer.zero_grad()
            torch.autograd.backward(value)
            nn.utils.clip_grad_norm_(self.network.parameters(), 1.0)
            self.optimizer.step()
            self.mean.update_parameters(self.network)
            yield float(value.detach())

    def close_epoch(self, total: float, judge: Judge) -> None:
        """Write the epoch's figures down; keep the weights when dev was never better."""
        mean = cast("NoteNetwork", self.mean.module)
        scores = judge(mean.eval(), self.tokenizer)
        score = float(np.mean(list(scores.values())))
        better = score > max((past["dev"] for past in self.history), default=-1.0)
        self.history.append({"epoch": self.epoch + 1, "loss": total, **scores, "dev": score})
        if better:
            kept = mean.state_dict()
            self.best = {name: value.detach().cpu().clone() for name, value in kept.items()}

    def is_over(self) -> bool:
        """Return whether all epochs are done or dev has not improved for `patience` epochs."""
        scores = [past["dev"] for past in self.history]
        waited = len(scores) - 1 - int(np.argmax(scores)) if scores else 0
        return self.epoch >= self.recipe.epochs or waited >= self.recipe.patience


def weights_of(fitted: Fitted) -> dict[str, Tensor]:
    """Return a copy of a network's weights."""
    return {name: value.clone() for name, value in fitted.network.state_dict().items()}


def mean_of(ends: Sequence[dict[str, Tensor]]) -> dict[str, Tensor]:
    """Return the mean of networks' weights, those of one run's ends; whole numbers as they are."""
    return {
        name: torch.stack([end[name] for end in ends]).mean(0)
        if first.is_floating_point()
        else first
        for name, first in ends[0].items()
    }


def judge_on(dev: Sequence[LabelledNote]) -> Judge:
    """Return the judge that gives the four F1 figures on labelled notes."""

    def judge(network: NoteNetwork, tokenizer: NoteTokenizer) -> dict[str, float]:
        encoded = tokenizer.encode([note.text for note in dev])
        return macro_f1(dev, decide(logits_of(network, encoded, mixed=True)))

    return judge


def fit(
    examples: Sequence[Example],
    judge: Judge,
    recipe: Recipe,
    progress: Progress = _silent,
    checkpoint: Path | None = None,
    start: Fitted | None = None,
    weights: Weights | None = None,
) -> Fitted:
    """Train a network and return its best state, by the mean of the judge's figures.

    Runs on a GPU where there is one. Stops when dev has not improved for `patience` epochs. Each
    epoch draws from its own seed, so a run that goes on from `checkpoint` ends as one that was
    never stopped.

    Args:
        examples: what to learn from.
        judge: gives the figures, 0 to 1, that decide which epoch is kept; `judge_on(dev)`.
        recipe: how.
        progress: is told the steps done, all steps and a message.
        checkpoint: file of the run's state after each epoch; removed by nobody but the caller.
        start: a network to begin from instead of the recipe's base; it is changed.
        weights: how much each term of the loss counts.
    """
    run = _Run(examples, recipe, start, weights)
    file = Checkpoint(checkpoint, run_id(recipe, examples)) if checkpoint else None
    if file and (state := file.read()):
        run.restore(state)
    while not run.is_over():
        seed = recipe.seed * 1000 + run.epoch
        torch.manual_seed(seed)
        losses: list[float] = []
        for value in run.steps(random.Random(seed)):
            losses.append(value)
            at = run.epoch * run.per_epoch + min(len(losses), run.per_epoch)
            progress(at, recipe.epochs * run.per_epoch, f"epoch {run.epoch + 1}")
        run.close_epoch(float(np.mean(losses)), judge)
        if file:
            file.write(run.state())
    run.network.load_state_dict(run.best)
    run.network.to("cpu").eval()
    return Fitted(run.network, run.tokenizer, run.history)
