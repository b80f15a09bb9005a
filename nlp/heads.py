"""From logits to probabilities and labels.

Plain numpy, so that training, the engine and the evaluation decide alike.
"""

from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from labels.codebook import CHURN_INTENTS, REASONS, ChurnIntent

Floats = NDArray[np.float32]
Bools = NDArray[np.bool_]
SIGNAL = CHURN_INTENTS.index(ChurnIntent.SIGNAL)
EXPLICIT = CHURN_INTENTS.index(ChurnIntent.EXPLICIT)


@dataclass(frozen=True)
class Logits:
    """The network's logits for N notes: (N, 12), (N, 3), (N, 3) and (N,)."""

    reasons: Floats
    churn: Floats
    resolution: Floats
    repeat: Floats


@dataclass(frozen=True)
class Calibration:
    """What is learned on dev after the network: shares, temperatures, thresholds, the band.

    Each head's logits are the network's and `ngrams` times those of the n-grams, together divided
    by its temperature; without `ngrams` the network's alone.
    A reason holds when its probability is at least its threshold. A note is *unclear* when no
    reason holds but the likeliest one is at or above `uncertain_from`. A note is *at risk* from
    `risk_threshold` up, which makes the flag right at least as often as `risk_precision`, by
    `risk_confidence` (see `nlp.guarantee`). Without a threshold that holds it is None, and the
    flag never set; a model released before there was the flag has None for all three.
    """

    temperatures: dict[str, float] = field(
        default_factory=lambda: {"reasons": 1.0, "churn": 1.0, "resolution": 1.0, "repeat": 1.0}
    )
    ngrams: dict[str, float] | None = None
    thresholds: tuple[float, ...] = (0.5,) * len(REASONS)
    repeat_threshold: float = 0.5
    uncertain_from: float = 0.25
    risk_threshold: float | None = None
    risk_precision: float | None = None
    risk_confidence: float | None = None

    def to_json(self) -> dict[str, Any]:
        """Return plain values for a model folder's config.

        What is None is left out, so that an older model keeps its fingerprint.
        """
        return {name: value for name, value in asdict(self).items() if value is not None}

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> "Calibration":
        """Return the calibration that `to_json` gave."""
        return cls(**{**values, "thresholds": tuple(values["thresholds"])})


@dataclass(frozen=True)
class Decisions:
    """Probabilities and labels of N notes.

    `p_reasons` (N, 12), `p_churn` (N, 3), `p_resolution` (N, 3), `p_repeat` (N,); `reasons`
    (N, 12) booleans; `churn` and `resolution` (N,) places in the codebook's order; `repeat`,
    `unclear` and `at_risk` (N,) booleans.
    """

    p_reasons: Floats
    p_churn: Floats
    p_resolution: Floats
    p_repeat: Floats
    reasons: Bools
    churn: NDArray[np.int64]
    resolution: NDArray[np.int64]
    repeat: Bools
    unclear: Bools
    at_risk: Bools


def sigmoid(logits: Floats) -> Floats:
    """Return 1 / (1 + exp(-x)) without overflow."""
    values: Floats = (0.5 * (1 + np.tanh(0.5 * logits.astype(np.float64)))).astype(np.float32)
    return values


def softmax(logits: Floats) -> Floats:
    """Return the softmax over the last axis."""
    shifted = np.exp((logits - logits.max(axis=-1, keepdims=True)).astype(np.float64))
    values: Floats = (shifted / shifted.sum(axis=-1, keepdims=True)).astype(np.float32)
    return values


def risk_of(p_churn: Floats) -> Floats:
    """Return the probability that a note speaks of leaving at all, (N,), to four places."""
    risk: Floats = np.round(p_churn[:, SIGNAL] + p_churn[:, EXPLICIT], 4)
    return risk


def mixed(network: Logits, ngrams: Logits, shares: dict[str, float]) -> Logits:
    """Return the network's logits plus each head's share of those of the n-grams."""
    return Logits(
        **{
            name: getattr(network, name) + share * getattr(ngrams, name)
            for name, share in shares.items()
        }
    )


def decide(
    network: Logits, calibration: Calibration | None = None, ngrams: Logits | None = None
) -> Decisions:
    """Return calibrated probabilities and the labels that follow from them.

    Probabilities are rounded to four places before anything is decided, so that the same note
    gets the same labels whatever notes shared its batch.
    """
    used = calibration or Calibration()
    logits = mixed(network, ngrams, used.ngrams) if ngrams and used.ngrams else network
    heat = used.temperatures
    p_reasons = np.round(sigmoid(logits.reasons / heat["reasons"]), 4)
    p_churn = np.round(softmax(logits.churn / heat["churn"]), 4)
    p_resolution = np.round(softmax(logits.resolution / heat["resolution"]), 4)
    p_repeat = np.round(sigmoid(logits.repeat / heat["repeat"]), 4)
    reasons = p_reasons >= np.array(used.thresholds, dtype=np.float32)
    likeliest = p_reasons.max(axis=1, initial=0.0)
    risk_from = np.inf if used.risk_threshold is None else used.risk_threshold
    return Decisions(
        p_reasons,
        p_churn,
        p_resolution,
        p_repeat,
        reasons,
        p_churn.argmax(axis=1),
        p_resolution.argmax(axis=1),
        p_repeat >= used.repeat_threshold,
        ~reasons.any(axis=1) & (likeliest >= used.uncertain_from),
        risk_of(p_churn) >= risk_from,
    )
