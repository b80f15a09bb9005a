"""The at-risk flag: what was guaranteed of it, and what is measured."""

from dataclasses import dataclass

from nlp.evaluation_scores import by_label
from nlp.heads import Bools, Calibration


@dataclass(frozen=True)
class RiskFigures:
    """The flag on labelled notes, `n` of which carry it; all else from 0 to 1.

    It is set from `threshold` up, which on dev guaranteed a precision of at least `guaranteed`
    with `confidence` (`nlp.guarantee`). Without a threshold that held, that is None and no note
    carries it; a model released before the flag has None for all three. `precision` and `recall`
    are measured, 0 where nothing is flagged or true.
    """

    threshold: float | None
    guaranteed: float | None
    confidence: float | None
    n: int
    precision: float
    recall: float


def risk_figures(flagged: Bools, truth: Bools, calibration: Calibration) -> RiskFigures:
    """Return the figures of the notes flagged, (N,), against those truly at risk, (N,)."""
    measured = by_label(flagged[:, None], truth[:, None], ("at_risk",))["at_risk"]
    return RiskFigures(
        calibration.risk_threshold,
        calibration.risk_precision,
        calibration.risk_confidence,
        int(flagged.sum()),
        measured.precision,
        measured.recall,
    )


def risk_in_words(flag: RiskFigures) -> str:
    """Return the figures as a line."""
    if flag.guaranteed is None or flag.confidence is None:
        return "at-risk flag: never set; the model was released without its threshold"
    promise = f"precision at least {flag.guaranteed:.2f} with confidence {flag.confidence:.2f}"
    if flag.threshold is None:
        return f"at-risk flag: never set; on dev no threshold gives {promise}"
    return (
        f"at-risk flag from {flag.threshold:.2f} up: by dev {promise}; "
        f"here {flag.n} notes flagged, precision {flag.precision:.3f}, recall {flag.recall:.3f}"
    )
