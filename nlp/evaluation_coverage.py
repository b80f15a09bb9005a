"""Coverage against accuracy: how right the reasons are where the model is surest of them."""

from dataclasses import dataclass

import numpy as np

from nlp.evaluation_scores import Floats, macro
from nlp.heads import Bools, Calibration, Decisions

SHARES = (1.0, 0.9, 0.8, 0.7, 0.5)
SMALLEST = 0.00005  # half the last place that probabilities are rounded to


@dataclass(frozen=True)
class Coverage:
    """The figures of the `n` notes that stay when the surest `share` of all is kept.

    `confidence` is the least one kept, `exact` the share of notes whose reasons are exactly right,
    `macro_f1` that of the reasons.
    """

    share: float
    n: int
    confidence: float
    exact: float
    macro_f1: float


@dataclass(frozen=True)
class UnclearFigures:
    """How the `n` notes fare that are marked unclear; None where there is no such note.

    `exact` is the share that truly has no reason, as they are given none; `likeliest_right` the
    share whose likeliest reason is a true one; `exact_of_others` the share of all other notes
    whose reasons are exactly right.
    """

    n: int
    exact: float | None
    likeliest_right: float | None
    exact_of_others: float | None


def _log_odds(p: Floats) -> Floats:
    inside = np.clip(p, SMALLEST, 1 - SMALLEST)
    odds: Floats = np.log(inside / (1 - inside))
    return odds


def confidence_of(decisions: Decisions, calibration: Calibration) -> Floats:
    """Return how sure the reasons of each note are, (N,): 0 at a threshold, and without a unit.

    It is the least distance of any reason's probability from its threshold, in log-odds: the note
    changes as soon as one reason crosses. On dev this order had a smaller area under the
    risk-coverage curve (Geifman and El-Yaniv, 2017, arXiv:1705.08500) than distances of plain
    probabilities and than the probability of the whole set of reasons.
    """
    thresholds = _log_odds(np.array(calibration.thresholds, dtype=np.float64))
    distances = np.abs(_log_odds(decisions.p_reasons.astype(np.float64)) - thresholds)
    nearest: Floats = distances.min(axis=1)
    return nearest


def coverage(predicted: Bools, truth: Bools, confidence: Floats) -> tuple[Coverage, ...]:
    """Return a row for each of `SHARES`; of equally sure notes the earlier ones are kept."""
    surest = np.argsort(-confidence, kind="stable")
    exact = (predicted == truth).all(axis=1)
    rows = []
    for share in SHARES:
        kept = surest[: max(1, round(share * len(surest)))]
        rows.append(
            Coverage(
                share,
                len(kept),
                float(confidence[kept[-1]]),
                float(exact[kept].mean()),
                macro(predicted[kept], truth[kept]),
            )
        )
    return tuple(rows)


def unclear_figures(decisions: Decisions, truth: Bools) -> UnclearFigures:
    """Return how the notes marked unclear fare, beside all others."""
    unclear = decisions.unclear
    exact = (decisions.reasons == truth).all(axis=1)
    likeliest = truth[np.arange(len(truth)), decisions.p_reasons.argmax(axis=1)]
    return UnclearFigures(
        int(unclear.sum()),
        _share(exact[unclear]),
        _share(likeliest[unclear]),
        _share(exact[~unclear]),
    )


def _share(values: Bools) -> float | None:
    return float(values.mean()) if len(values) else None
