"""Fit the network on labelled notes, with early stopping on dev."""

import random
from collections.abc import Callable, Iterator, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any, cast

import numpy as np
import torch
from torch import Tensor, nn
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from labels.annotation import LabelledNote
from nlp.augment import joined_notes, noisy
from nlp.batching import pair_batches, training_batches
from nlp.checkpoint import Checkpoint, run_id
from nlp.evaluation import macro_f1
from nlp.examples import Example, targets_of
from nlp.heads import Logits, decide
from nlp.losses import Weights, loss, pair_loss
from nlp.network import NoteNetwork, Outputs, forward
from nlp.recipe import Recipe, mixed_precision, new_network, optimizer_of, positive_weights, rate_at
from nlp.together import Pair, joined, pairs_within_journeys
from nlp.tokens import Encoded, NoteTokenizer


@dataclass
class Fitted:
    """A trained network with its tokenizer, and how it got there, one dict an epoch."""

    network: NoteNetwork
    tokenizer: NoteTokenizer
    history: list[dict[str, float]] = field(default_factory=list)


Progress = Callable[[int, int, str], None]
Closed = Callable[[dict[str, float]], None]
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


def _unheard(epoch: dict[str, float]) -> None:
    """Tell nobody."""


@torch.no_grad()
def logits_of(
    network: NoteNetwork, encoded: Sequence[Encoded], size: int = 32, mixed: bool = False
) -> Logits:
    """Return the network's logits for many notes, in their order; faster and rougher `mixed`."""
    network.eval()
    order = sorted(range(len(encoded)), key=lambda i: len(encoded[i]))
    with mixed_precision(network.queries.device.type) if mixed else nullcontext():
        parts = [
            forward(network, [encoded[i] for i in order[at : at + size]])
            for at in range(0, len(order), size)
        ]
    back = np.argsort(order)

    def joined(name: str) -> "np.ndarray[tuple[int, ...], np.dtype[np.float32]]":
        values: Tensor = torch.cat([getattr(part, name) for part in parts])
        return values.float().cpu().numpy()[back]

    return Logits(joined("reasons"), joined("churn"), joined("resolution"), joined("repeat"))


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
        average = get_ema_multi_avg_fn(recipe.averaging)  # type: ignore[no-untyped-call]  # torch has no types
        self.mean = AveragedModel(self.network, multi_avg_fn=average)
        self.optimizer = optimizer_of(self.network, recipe)
        self.rates = [group["lr"] for group in self.optimizer.param_groups]
        self.terms = weights or Weights()
        self.positives = positive_weights(examples, recipe.positive_ceiling).to(self.device)
        self.pairs = pairs_within_journeys(examples) if self.terms.same else []
        counted = self.read(random.Random(0))
        self.per_epoch = len(
            training_batches(counted, [1] * len(counted), recipe.batch_size, random.Random(0))
        ) + -(-len(self.pairs) // recipe.batch_size)
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

    def restore(self, state: dict[str, Any]) -> None:
        self.network.load_state_dict(state["network"])
        self.mean.load_state_dict(state["mean"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.history, self.best = list(state["history"]), state["best"]

    def read(self, rng: random.Random) -> list[Example]:
        """Return what an epoch reads: all examples, then draws of two in one."""
        count = round(self.recipe.joined * len(self.examples))
        return [*self.examples, *joined_notes(self.examples, count, rng)]

    def steps(self, rng: random.Random) -> Iterator[float]:
        """Train one epoch; yield the loss of each step."""
        recipe = self.recipe
        read = [noisy(e, rng) if rng.random() < recipe.noise else e for e in self.read(rng)]
        encoded = _with_hidden_words(
            self.tokenizer.encode([example.text for example in read]),
            recipe.hidden_words,
            self.tokenizer.unknown_id,
            np.random.default_rng(rng.randrange(2**32)),
        )
        self.network.train()
        for done, batch in enumerate(self._batches(read, encoded, rng)):
            share = rate_at(
                self.epoch * self.per_epoch + done, recipe.epochs * self.per_epoch, recipe.warmup
            )
            for group, rate in zip(self.optimizer.param_groups, self.rates, strict=True):
                group["lr"] = rate * share
            value = batch()
            self.optimizer.zero_grad()
            torch.autograd.backward(value)
            nn.utils.clip_grad_norm_(self.network.parameters(), 1.0)
            self.optimizer.step()
            self.mean.update_parameters(self.network)
            yield float(value.detach())

    def _batches(
        self, read: Sequence[Example], encoded: Sequence[Encoded], rng: random.Random
    ) -> list[Callable[[], Tensor]]:
        """Return what gives the loss of each batch of an epoch: of notes, and of pairs."""
        size = self.recipe.batch_size
        lengths = [len(note) for note in encoded]
        notes = training_batches(read, lengths, size, rng)
        together = pair_batches(self.pairs, lengths, size, rng)
        batches: list[Callable[[], Tensor]] = [
            *(partial(self._notes_loss, batch, read, encoded) for batch in notes),
            *(partial(self._pairs_loss, batch, read, encoded) for batch in together),
        ]
        rng.shuffle(batches)
        return batches

    def _outputs(self, chosen: Sequence[Encoded]) -> Outputs:
        with mixed_precision(self.device):
            mixed = forward(self.network, chosen)
        return Outputs(*(value.float() for value in mixed))

    def _notes_loss(
        self, batch: list[int], read: Sequence[Example], encoded: Sequence[Encoded]
    ) -> Tensor:
        chosen = [encoded[i] for i in batch]
        outputs = self._outputs(chosen)
        targets = targets_of([read[i] for i in batch], chosen, outputs.attention.shape[-1])
        return loss(outputs, targets.to(outputs.reasons.device), self.positives, self.terms)

    def _pairs_loss(
        self, batch: list[Pair], read: Sequence[Example], encoded: Sequence[Encoded]
    ) -> Tensor:
        outputs = self._outputs([joined(encoded[i], encoded[j]) for i, j in batch])
        same = torch.tensor([float(read[i].issue == read[j].issue) for i, j in batch])
        return pair_loss(outputs, same.to(outputs.same.device), self.terms)

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
    closed: Closed = _unheard,
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
        closed: is told each epoch's figures at its end, those of a checkpoint too.
    """
    run = _Run(examples, recipe, start, weights)
    file = _checkpoint(checkpoint, run) if checkpoint else None
    if file and (state := file.read()):
        run.restore(state)
        for epoch in run.history:
            closed(epoch)
    while not run.is_over():
        seed = recipe.seed * 1000 + run.epoch
        torch.manual_seed(seed)
        losses: list[float] = []
        for value in run.steps(random.Random(seed)):
            losses.append(value)
            at = run.epoch * run.per_epoch + min(len(losses), run.per_epoch)
            progress(at, recipe.epochs * run.per_epoch, f"epoch {run.epoch + 1}")
        run.close_epoch(float(np.mean(losses)), judge)
        closed(run.history[-1])
        if file:
            file.write(run.state())
    run.network.load_state_dict(run.best)
    run.network.to("cpu").eval()
    return Fitted(run.network, run.tokenizer, run.history)


def _checkpoint(path: Path, run: _Run) -> Checkpoint:
    """Return the file of a run that has not begun."""
    start = run.network.state_dict()
    return Checkpoint(path, run_id(run.recipe, run.terms, start, run.examples))
