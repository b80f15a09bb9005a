"""Whether the probabilities come true as often as they say."""

import numpy as np
from numpy.typing import NDArray

from labels.codebook import REASONS
from nlp.evaluation_scores import Truth
from nlp.heads import Bools, Decisions


def calibration_error(p: NDArray[np.float32], truth: Bools, bins: int = 10) -> float:
    """Return the expected calibration error: the mean gap of confidence and frequency, 0 to 1.

    Over equal-width bins (Naeini et al., 2015); `p` and `truth` have one shape.
    """
    place = np.minimum((p * bins).astype(int), bins - 1).ravel()
    gaps = np.zeros(bins)
    np.add.at(gaps, place, (p - truth).ravel())
    return float(np.abs(gaps).sum() / p.size)


def calibration_by_label(decisions: Decisions, truth: Truth) -> dict[str, float]:
    """Return the error of each reason, of churn intent, resolution and repeat.

    Reasons and repeat: of the label's probability. Churn intent and resolution, which have three
    classes: of the chosen class's probability (Guo et al., 2017, arXiv:1706.04599).
    """
    reasons = {
        str(reason): calibration_error(decisions.p_reasons[:, i], truth.reasons[:, i])
        for i, reason in enumerate(REASONS)
    }
    return {
        **reasons,
        "churn_intent": calibration_error(
            decisions.p_churn.max(axis=1), decisions.churn == truth.churn
        ),
        "resolution": calibration_error(
            decisions.p_resolution.max(axis=1), decisions.resolution == truth.resolution
        ),
        "repeat": calibration_error(decisions.p_repeat, truth.repeat),
    }
