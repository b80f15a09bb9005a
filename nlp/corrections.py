"""What people's corrections gained: the model in use beside a new one, before it is released."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from keshev.errors import KeshevError, ModelFolderError
from labels.annotation import AnyNote, CorrectedNote, LabelledNote
from labels.corpus import CORPUS, read_split, splits_of
from labels.journeys import journey_splits, read_journeys
from nlp.classifier import NoteClassifier
from nlp.evaluation_bootstrap import Interval, bootstrap_differences
from nlp.evaluation_scores import Tables, macro, tables_of, truth_of
from nlp.normalize import fingerprint_text

HELD_OUT = 0.2  # of the corrections, by a digest of their text: for good, whatever comes later
LEAST = 10  # corrections held out, without which nothing is said of what the others gained


@dataclass(frozen=True)
class Parted:
    """Corrections to train on, those that are never trained on, and how many stand in the corpus.

    The corpus' splits but train measure the model: a correction with the text of a note or a
    journey's contact of one of them is used for nothing (`measured`).
    """

    train: tuple[CorrectedNote, ...]
    held_out: tuple[CorrectedNote, ...]
    measured: int


@dataclass(frozen=True)
class Gain:
    """Two models on the same `n` notes: each head's macro-F1, and their `mean`.

    `difference` is new less old as its value and its 95 % bootstrap interval over notes.
    """

    n: int
    old: dict[str, float]
    new: dict[str, float]
    difference: dict[str, tuple[float, Interval]]


@dataclass(frozen=True)
class Gains:
    """What the corrections gained on those held out, and on the corpus' test split."""

    trained_on: int
    held_out: Gain
    test: Gain

    def problem(self) -> str:
        """Return why the new model must not replace the old one; empty when it may.

        It is worse when the mean of the heads fell on the corrections held out, or surely fell (the
        whole interval lies below 0) on test.
        """
        on_held_out, on_test = self.held_out.difference["mean"], self.test.difference["mean"]
        if on_held_out[0] < 0:
            return f"it is worse on the corrections held out ({on_held_out[0]:+.3f})"
        if on_test[1][1] < 0:
            return f"it is worse on the corpus' test split ({on_test[0]:+.3f})"
        return ""


def is_held_out(text: str) -> bool:
    """Return whether corrections of this text are never trained on; equal texts are together."""
    named = f"held out/{fingerprint_text(text)}".encode("utf-8", "surrogatepass")
    return int(hashlib.sha256(named).hexdigest()[:8], 16) < HELD_OUT * 2**32


def parted(notes: Sequence[CorrectedNote], corpus: Path = CORPUS) -> Parted:
    """Return the corrections in their parts.

    Raises:
        KeshevError: when fewer than `LEAST` are held out, or none is left to train on.
    """
    measures = _measures(corpus)
    used = [note for note in notes if fingerprint_text(note.text) not in measures]
    held_out = tuple(note for note in used if is_held_out(note.text))
    train = tuple(note for note in used if not is_held_out(note.text))
    if len(held_out) < LEAST or not train:
        raise KeshevError(
            f"{len(notes)} reviewed notes are too few to learn from: {len(held_out)} of them are "
            f"held out to measure the gain, and {LEAST} are needed. Review about "
            f"{round(LEAST / HELD_OUT)} notes in all, then train again"
        )
    return Parted(train, held_out, len(notes) - len(used))


def _measures(corpus: Path) -> set[str]:
    """Return the fingerprints of all texts of the splits but train."""
    notes: list[LabelledNote] = []
    for split in splits_of(corpus)[1:]:
        notes += read_split(split, corpus)
    for split in journey_splits(corpus)[1:]:
        notes += [note for journey in read_journeys(split, corpus) for note in journey.contacts]
    return {fingerprint_text(note.text) for note in notes}


def gain(old: Path, new: Path, notes: Sequence[AnyNote]) -> Gain:
    """Return what the model in folder `new` gained over `old` on labelled notes, at least one."""
    before, after = _tables(old, notes), _tables(new, notes)
    scores = [{name: macro(*table) for name, table in one.items()} for one in (before, after)]
    for one in scores:
        one["mean"] = float(np.mean(list(one.values())))
    intervals = bootstrap_differences(before, after)
    difference = {
        name: (scores[1][name] - scores[0][name], interval) for name, interval in intervals.items()
    }
    return Gain(len(notes), scores[0], scores[1], difference)


def _tables(folder: Path, notes: Sequence[AnyNote]) -> Tables:
    decisions = NoteClassifier(folder).predict([note.text for note in notes]).decisions
    return tables_of(decisions, truth_of(notes))


def gate(
    old: Path,
    parts: Parted,
    tell: Callable[[Gains], None],
    corpus: Path = CORPUS,
    force: bool = False,
) -> Callable[[Path], None]:
    """Return the check of a finished folder against the model in use, in folder `old`.

    It tells the gains in any case, and raises ModelFolderError where the new model is worse,
    without `force`.
    """

    def check(new: Path) -> None:
        test = read_split("test", corpus)
        gains = Gains(len(parts.train), gain(old, new, parts.held_out), gain(old, new, test))
        tell(gains)
        problem = gains.problem()
        if problem and not force:
            raise ModelFolderError(
                f"{old}: the model trained with corrections does not replace it: {problem}. "
                "Nothing was written; use --force to release it all the same"
            )

    return check
