"""Precision, recall and F1 of labels, and their means.

Everything is counted on four tables of booleans, one a kind of label, a row a note and a column a
label: reasons (N, 12), churn intent (N, 3), resolution (N, 3), repeat (N, 1).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from labels.annotation import AnyNote, LabelledNote
from labels.codebook import CHURN_INTENTS, REASONS, RESOLUTIONS
from nlp.heads import Bools, Decisions

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Tables = dict[str, tuple[Bools, Bools]]

COLUMNS: dict[str, tuple[str, ...]] = {
    "reasons": tuple(map(str, REASONS)),
    "churn_intent": tuple(map(str, CHURN_INTENTS)),
    "resolution": tuple(map(str, RESOLUTIONS)),
    "repeat": ("repeat",),
}


@dataclass(frozen=True)
class Truth:
    """The labels of N notes as arrays: (N, 12) booleans, and three of (N,)."""

    reasons: Bools
    churn: Ints
    resolution: Ints
    repeat: Bools


def truth_of(notes: Sequence[AnyNote]) -> Truth:
    """Return the notes' labels as arrays, in the codebook's order."""
    return Truth(
        np.array([[reason in note.reasons for reason in REASONS] for note in notes], dtype=bool),
        np.array([CHURN_INTENTS.index(note.churn_intent) for note in notes]),
        np.array([RESOLUTIONS.index(note.resolution) for note in notes]),
        np.array([note.repeat for note in notes], dtype=bool),
    )


def tables_of(decisions: Decisions, truth: Truth) -> Tables:
    """Return what was predicted and what is true, for each kind of label in `COLUMNS`."""
    churn, resolution = np.arange(len(CHURN_INTENTS)), np.arange(len(RESOLUTIONS))
    return {
        "reasons": (decisions.reasons, truth.reasons),
        "churn_intent": (decisions.churn[:, None] == churn, truth.churn[:, None] == churn),
        "resolution": (
            decisions.resolution[:, None] == resolution,
            truth.resolution[:, None] == resolution,
        ),
        "repeat": (decisions.repeat[:, None], truth.repeat[:, None]),
    }


def f1_scores(predicted: Bools, truth: Bools) -> Floats:
    """Return F1 a column: 2 tp / (2 tp + fp + fn), 0 where nothing is true or predicted."""
    both = (predicted & truth).sum(axis=0)
    either = predicted.sum(axis=0) + truth.sum(axis=0)
    scores: Floats = 2 * both / np.maximum(either, 1)
    return scores


def mean_f1(both: Floats, either: Floats) -> Floats:
    """Return macro-F1 over the last axis, from counts: tp, and predicted + true.

    The mean is over the labels that are true or predicted somewhere, as in scikit-learn with
    `zero_division=nan`: a file or slice without any politics says nothing about politics. 0 where
    no label occurs.
    """
    scores = 2 * both / np.maximum(either, 1)
    means: Floats = scores.sum(axis=-1) / np.maximum((either > 0).sum(axis=-1), 1)
    return means


def macro(predicted: Bools, truth: Bools) -> float:
    """Return macro-F1 over the columns that occur (see `mean_f1`)."""
    both = (predicted & truth).sum(axis=0).astype(np.float64)
    either = (predicted.sum(axis=0) + truth.sum(axis=0)).astype(np.float64)
    return float(mean_f1(both, either))


def micro(predicted: Bools, truth: Bools) -> float:
    """Return F1 over all columns as if they were one label; 0 where nothing occurs."""
    return float(f1_scores(predicted.reshape(-1, 1), truth.reshape(-1, 1))[0])


def macro_f1(notes: Sequence[LabelledNote], decisions: Decisions) -> dict[str, float]:
    """Return macro-F1 of reasons, churn intent and resolution, and F1 of repeat."""
    tables = tables_of(decisions, truth_of(notes))
    return {name: macro(*table) for name, table in tables.items()}


@dataclass(frozen=True)
class LabelFigures:
    """One label's figures; `n` notes truly have it."""

    precision: float
    recall: float
    f1: float
    n: int


def by_label(predicted: Bools, truth: Bools, names: Sequence[str]) -> dict[str, LabelFigures]:
    """Return precision, recall and F1 of each column; 0 where nothing is predicted or true."""
    both = (predicted & truth).sum(axis=0)
    precision = both / np.maximum(predicted.sum(axis=0), 1)
    recall = both / np.maximum(truth.sum(axis=0), 1)
    f1 = f1_scores(predicted, truth)
    return {
        name: LabelFigures(
            float(precision[i]), float(recall[i]), float(f1[i]), int(truth[:, i].sum())
        )
        for i, name in enumerate(names)
    }
