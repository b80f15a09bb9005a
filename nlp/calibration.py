"""The n-grams' share, temperatures, thresholds, the uncertain band and the at-risk flag, from dev.

Temperature scaling is Guo et al., 2017 (arXiv:1706.04599): one number a head, which changes no
order of the labels and minimises the negative log-likelihood. The share of the n-grams in a head
minimises it too, each share at its best temperature: stacked generalization (Wolpert, 1992) with a
weight a head. All of dev fits everything but the share and temperature of churn intent: those come
from the learning half of dev alone, so that the testing half can guarantee the flag's precision
(`nlp.guarantee`).
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from scipy.optimize import minimize_scalar

from labels.annotation import LabelledNote
from labels.codebook import CHURN_INTENTS, ChurnIntent
from nlp.evaluation import Truth, f1_scores, truth_of
from nlp.guarantee import guarantee, halves
from nlp.heads import Bools, Calibration, Floats, Logits, decide, risk_of, sigmoid, softmax

SHRINKAGE = 20.0
RISK_PRECISION = 0.85
RISK_CONFIDENCE = 0.90


def _binary_nll(logits: Floats, truth: Bools) -> float:
    p = np.clip(sigmoid(logits), 1e-6, 1 - 1e-6)
    return float(-np.mean(np.where(truth, np.log(p), np.log(1 - p))))


def _class_nll(logits: Floats, truth: "np.ndarray[tuple[int, ...], np.dtype[np.int64]]") -> float:
    p = softmax(logits)[np.arange(len(truth)), truth]
    return float(-np.mean(np.log(np.clip(p, 1e-6, 1))))


Nll = Callable[[Floats], float]


def _temperature(nll: Nll, logits: Floats) -> tuple[float, float]:
    """Return the best temperature of some logits, and the negative log-likelihood there."""
    best = minimize_scalar(
        lambda log_t: nll(logits / float(np.exp(log_t))), bounds=(-1.5, 2.0), method="bounded"
    )
    return round(float(np.exp(best.x)), 4), float(best.fun)


SHARES = np.round(np.arange(0, 2.05, 0.1), 1)


def shares_and_temperatures(network: Logits, ngrams: Logits | None, truth: Truth) -> Calibration:
    """Return a calibration with the best share and temperature of each head."""
    learning, _ = halves(len(truth.churn))
    everything = slice(None)
    heads: dict[str, tuple[Any, Nll]] = {
        "reasons": (everything, lambda x: _binary_nll(x, truth.reasons)),
        "churn": (learning, lambda x: _class_nll(x, truth.churn[learning])),
        "resolution": (everything, lambda x: _class_nll(x, truth.resolution)),
        "repeat": (everything, lambda x: _binary_nll(x, truth.repeat)),
    }
    shares, temperatures = {}, {}
    for name, (rows, nll) in heads.items():
        tried = []
        for share in SHARES if ngrams else SHARES[:1]:
            beside = share * getattr(ngrams, name)[rows] if ngrams else 0.0
            temperature, value = _temperature(nll, getattr(network, name)[rows] + beside)
            tried.append((value, float(share), temperature))
        _, shares[name], temperatures[name] = min(tried)
    return Calibration(temperatures=temperatures, ngrams=shares if ngrams else None)


GRID = np.round(np.arange(0.10, 0.81, 0.02), 2)


def _thresholds(p: Floats, truth: Bools) -> tuple[float, ...]:
    """Return a threshold a reason: its own best on dev, drawn towards the best common one.

    With `k` positives on dev the own threshold weighs k / (k + SHRINKAGE): a dozen examples say
    little about one reason, hundreds say all.
    """
    common_scores = [np.mean(f1_scores(p >= cut, truth)) for cut in GRID]
    common = float(GRID[int(np.argmax(common_scores))])
    thresholds = []
    for column in range(p.shape[1]):
        scores = [float(f1_scores(p[:, [column]] >= cut, truth[:, [column]])[0]) for cut in GRID]
        best = np.flatnonzero(np.isclose(scores, max(scores)))
        own = float(GRID[best[len(best) // 2]])
        weight = truth[:, column].sum() / (truth[:, column].sum() + SHRINKAGE)
        thresholds.append(round(float(weight * own + (1 - weight) * common), 3))
    return tuple(thresholds)


def _uncertain_from(p: Floats, thresholds: tuple[float, ...], truth: Bools, missed: float) -> float:
    """Return where the uncertain band begins.

    Of the notes below it, at most the share `missed` has a reason after all.
    """
    silent = np.flatnonzero((p < np.array(thresholds, dtype=np.float32)).all(axis=1))
    likeliest = p[silent].max(axis=1, initial=0.0)
    has_reason: Bools = np.any(truth[silent], axis=1)
    band = min(thresholds)
    for cut in GRID[::-1]:
        below = has_reason[likeliest < cut]
        if cut <= band and (not len(below) or below.mean() <= missed):
            return float(cut)
    return round(band / 2, 3)


def calibrate(
    network: Logits,
    notes: Sequence[LabelledNote],
    ngrams: Logits | None = None,
    missed: float = 0.1,
) -> Calibration:
    """Return the calibration that dev's logits, the network's and the n-grams', and labels give."""
    truth = truth_of(notes)
    heated = shares_and_temperatures(network, ngrams, truth)
    decided = decide(network, heated, ngrams)
    thresholds = _thresholds(decided.p_reasons, truth.reasons)
    repeat_scores = [
        float(f1_scores(decided.p_repeat[:, None] >= cut, truth.repeat[:, None])[0]) for cut in GRID
    ]
    best = np.flatnonzero(np.isclose(repeat_scores, max(repeat_scores)))
    at_risk = truth.churn != CHURN_INTENTS.index(ChurnIntent.NONE)
    flag = guarantee(risk_of(decided.p_churn), at_risk, RISK_PRECISION, RISK_CONFIDENCE)
    return replace(
        heated,
        thresholds=thresholds,
        repeat_threshold=float(GRID[best[len(best) // 2]]),
        uncertain_from=_uncertain_from(decided.p_reasons, thresholds, truth.reasons, missed),
        risk_threshold=flag.threshold if flag else None,
        risk_precision=RISK_PRECISION,
        risk_confidence=RISK_CONFIDENCE,
    )
