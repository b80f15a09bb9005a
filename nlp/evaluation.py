"""All figures of a model on labelled notes."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from labels.annotation import LabelledNote
from labels.codebook import CHURN_INTENTS, ChurnIntent
from nlp.evaluation_bootstrap import Interval, bootstrap_intervals
from nlp.evaluation_calibration import calibration_by_label, calibration_error
from nlp.evaluation_coverage import (
    Coverage,
    UnclearFigures,
    confidence_of,
    coverage,
    unclear_figures,
)
from nlp.evaluation_risk import RiskFigures, risk_figures
from nlp.evaluation_scores import (
    COLUMNS,
    LabelFigures,
    Truth,
    by_label,
    f1_scores,
    macro,
    macro_f1,
    micro,
    tables_of,
    truth_of,
)
from nlp.evaluation_slices import Slice, slices
from nlp.heads import Calibration, Decisions

__all__ = ["Report", "Truth", "evaluate", "evidence_overlap", "f1_scores", "macro_f1", "truth_of"]

Pieces = dict[str, tuple[int, int]]


@dataclass(frozen=True)
class Report:
    """All figures of one model on one labelled set of `n` notes; shares from 0 to 1.

    `macro` holds the four headline figures: macro-F1 of `reasons`, `churn_intent` and
    `resolution`, F1 of `repeat`. `intervals` holds their 95 % bootstrap intervals, `micro_f1` is
    of the reasons. `evidence_overlap` is None where no note has evidence. `unclear` is the share of
    notes marked so. `calibration_error` is that of all reasons together, `calibration` each
    label's. `reasons`, `churn_intent`, `resolution` and `repeat` hold each label's figures.
    """

    n: int
    macro: dict[str, float]
    micro_f1: float
    intervals: dict[str, Interval]
    evidence_overlap: float | None
    unclear: float
    calibration_error: float
    calibration: dict[str, float]
    reasons: dict[str, LabelFigures]
    churn_intent: dict[str, LabelFigures]
    resolution: dict[str, LabelFigures]
    repeat: LabelFigures
    coverage: tuple[Coverage, ...]
    unclear_notes: UnclearFigures
    slices: tuple[Slice, ...]
    at_risk: RiskFigures


def evidence_overlap(notes: Sequence[LabelledNote], evidence: Sequence[Pieces]) -> float | None:
    """Return how often a rightly found reason's piece overlaps the true piece.

    `evidence` gives each note's predicted pieces as half-open places in its text. Where the true
    piece stands in the text more than once, any of its places will do. Reasons without a true piece
    do not count; where no note has any, there is None.
    """
    if not any(note.evidence for note in notes):
        return None
    hits, total = 0, 0
    for note, pieces in zip(notes, evidence, strict=True):
        for reason, piece in note.evidence.items():
            if reason not in pieces:
                continue
            start, end = pieces[reason]
            places = (found.span() for found in re.finditer(re.escape(piece), note.text))
            total += 1
            hits += any(start < true_end and true_start < end for true_start, true_end in places)
    return hits / total if total else 0.0


def evaluate(
    notes: Sequence[LabelledNote],
    decisions: Decisions,
    evidence: Sequence[Pieces],
    calibration: Calibration,
) -> Report:
    """Return all figures of decisions and evidence against the labels of at least one note.

    `calibration` is the one that the decisions were made by.
    """
    truth = truth_of(notes)
    tables = tables_of(decisions, truth)
    labels = {name: by_label(*table, COLUMNS[name]) for name, table in tables.items()}
    confidence = confidence_of(decisions, calibration)
    return Report(
        n=len(notes),
        macro={name: macro(*table) for name, table in tables.items()},
        micro_f1=micro(*tables["reasons"]),
        intervals=bootstrap_intervals(tables),
        evidence_overlap=evidence_overlap(notes, evidence),
        unclear=float(decisions.unclear.mean()),
        calibration_error=calibration_error(decisions.p_reasons, truth.reasons),
        calibration=calibration_by_label(decisions, truth),
        reasons=labels["reasons"],
        churn_intent=labels["churn_intent"],
        resolution=labels["resolution"],
        repeat=labels["repeat"]["repeat"],
        coverage=coverage(decisions.reasons, truth.reasons, confidence),
        unclear_notes=unclear_figures(decisions, truth.reasons),
        slices=slices(notes, tables),
        at_risk=risk_figures(
            decisions.at_risk, truth.churn != CHURN_INTENTS.index(ChurnIntent.NONE), calibration
        ),
    )
