"""The figures of a model on labelled notes."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from labels.annotation import LabelledNote
from labels.codebook import CHURN_INTENTS, REASONS, RESOLUTIONS
from nlp.heads import Bools, Decisions

Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Truth:
    """The labels of N notes as arrays: (N, 12) booleans, and three of (N,)."""

    reasons: Bools
    churn: Ints
    resolution: Ints
    repeat: Bools


def truth_of(notes: Sequence[LabelledNote]) -> Truth:
    """Return the notes' labels as arrays, in the codebook's order."""
    return Truth(
        np.array([[reason in note.reasons for reason in REASONS] for note in notes], dtype=bool),
        np.array([CHURN_INTENTS.index(note.churn_intent) for note in notes]),
        np.array([RESOLUTIONS.index(note.resolution) for note in notes]),
        np.array([note.repeat for note in notes], dtype=bool),
    )


def f1_scores(predicted: Bools, truth: Bools) -> NDArray[np.float64]:
    """Return F1 a column: 2 tp / (2 tp + fp + fn), 0 where nothing is true or predicted."""
    both = (predicted & truth).sum(axis=0)
    either = predicted.sum(axis=0) + truth.sum(axis=0)
    scores: NDArray[np.float64] = 2 * both / np.maximum(either, 1)
    return scores


def _class_f1(predicted: Ints, truth: Ints, classes: int) -> float:
    columns = np.arange(classes)
    return float(f1_scores(predicted[:, None] == columns, truth[:, None] == columns).mean())


def macro_f1(notes: Sequence[LabelledNote], decisions: Decisions) -> dict[str, float]:
    """Return macro-F1 of reasons, churn intent and resolution, and F1 of repeat."""
    truth = truth_of(notes)
    return {
        "reasons": float(f1_scores(decisions.reasons, truth.reasons).mean()),
        "churn_intent": _class_f1(decisions.churn, truth.churn, len(CHURN_INTENTS)),
        "resolution": _class_f1(decisions.resolution, truth.resolution, len(RESOLUTIONS)),
        "repeat": float(f1_scores(decisions.repeat[:, None], truth.repeat[:, None])[0]),
    }


@dataclass(frozen=True)
class ReasonFigures:
    """One reason's figures; `n` notes truly have it."""

    precision: float
    recall: float
    f1: float
    n: int


def by_reason(notes: Sequence[LabelledNote], decisions: Decisions) -> dict[str, ReasonFigures]:
    """Return precision, recall and F1 of each reason; 0 where nothing is predicted."""
    truth = truth_of(notes).reasons
    both = (decisions.reasons & truth).sum(axis=0)
    precision = both / np.maximum(decisions.reasons.sum(axis=0), 1)
    recall = both / np.maximum(truth.sum(axis=0), 1)
    f1 = f1_scores(decisions.reasons, truth)
    return {
        str(reason): ReasonFigures(
            float(precision[i]), float(recall[i]), float(f1[i]), int(truth[:, i].sum())
        )
        for i, reason in enumerate(REASONS)
    }


def evidence_overlap(
    notes: Sequence[LabelledNote], evidence: Sequence[dict[str, tuple[int, int]]]
) -> float:
    """Return how often a rightly found reason's piece overlaps the true piece.

    `evidence` gives each note's predicted pieces as half-open places in its text.
    """
    hits, total = 0, 0
    for note, pieces in zip(notes, evidence, strict=True):
        for reason, piece in note.evidence.items():
            if reason not in pieces:
                continue
            start, end = pieces[reason]
            true_start = note.text.index(piece)
            total += 1
            hits += start < true_start + len(piece) and true_start < end
    return hits / total if total else 0.0


@dataclass(frozen=True)
class Report:
    """All figures of one model on one labelled set of `n` notes; shares from 0 to 1."""

    n: int
    macro: dict[str, float]
    interval: tuple[float, float]
    evidence_overlap: float
    unclear: float
    calibration_error: float
    reasons: dict[str, ReasonFigures]


def bootstrap_interval(
    notes: Sequence[LabelledNote], decisions: Decisions, draws: int = 1000, seed: int = 7
) -> tuple[float, float]:
    """Return the 95 % percentile bootstrap interval of the reasons' macro-F1, over notes."""
    truth = truth_of(notes).reasons
    rng = np.random.default_rng(seed)
    scores = [
        f1_scores(decisions.reasons[rows], truth[rows]).mean()
        for rows in rng.integers(0, len(notes), size=(draws, len(notes)))
    ]
    low, high = np.quantile(scores, [0.025, 0.975])
    return float(low), float(high)


def calibration_error(p: NDArray[np.float32], truth: Bools, bins: int = 10) -> float:
    """Return the expected calibration error: the mean gap of confidence and frequency, 0 to 1.

    Over equal-width bins (Naeini et al., 2015).
    """
    place = np.minimum((p * bins).astype(int), bins - 1).ravel()
    gaps = np.zeros(bins)
    np.add.at(gaps, place, (p - truth).ravel())
    return float(np.abs(gaps).sum() / p.size)


def evaluate(
    notes: Sequence[LabelledNote],
    decisions: Decisions,
    evidence: Sequence[dict[str, tuple[int, int]]],
) -> Report:
    """Return all figures of decisions and evidence against the notes' labels."""
    return Report(
        n=len(notes),
        macro=macro_f1(notes, decisions),
        interval=bootstrap_interval(notes, decisions),
        evidence_overlap=evidence_overlap(notes, evidence),
        unclear=float(decisions.unclear.mean()),
        calibration_error=calibration_error(decisions.p_reasons, truth_of(notes).reasons),
        reasons=by_reason(notes, decisions),
    )
