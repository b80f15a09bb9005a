"""Weights of the risk parts from outcomes, and the probability of leaving by the score."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass

import numpy as np
import pandas as pd

from signals.intervals import Floats
from signals.logistic import fit_logistic
from signals.risk import PARTS, Curve, RiskModel, RiskWeights
from signals.risk_past import Snapshot

CHURNED_PER_WEIGHT = 10  # Peduzzi et al. 1996: fewer, and the coefficients cannot be relied on
UNSEEN = "part_contract_end"  # unknown in the past: keeps its default weight
FITTED = tuple(name for name in PARTS if name != UNSEEN)
DIGITS = 3  # of a weight, so that its reader can sum them


@dataclass(frozen=True)
class Fit:
    """The model of the list, and what it rests on.

    `churned` are the different customers who left in the training horizons; `needed` is how many
    the weights ask for. `fitted` is False where the default weights stand.
    """

    model: RiskModel
    fitted: bool
    churned: int
    needed: int


def fit(training: Sequence[Snapshot]) -> Fit:
    """Return weights fitted by logistic regression on the snapshots, or the default ones.

    Fitted are the parts that vary, with ten churned customers for each; a part that does not lower
    the loss weighs 0. The end of the contract keeps its default weight, the others share the rest
    as their coefficients do. Where there are too few, or no part tells anything, the default
    weights stand. The curve has one coefficient, so ten churned customers are enough for it.
    """
    if not training:
        return Fit(RiskModel(), False, 0, CHURNED_PER_WEIGHT * len(FITTED))
    table = pd.concat([shot.customers for shot in training])
    left = np.concatenate([shot.left for shot in training])
    churned = int(table["customer_id"][left].nunique())
    x = table[list(FITTED)].to_numpy(dtype=np.float64)
    varies = np.ptp(x, axis=0) > 0 if len(x) else np.zeros(len(FITTED), dtype=bool)
    needed = CHURNED_PER_WEIGHT * max(int(varies.sum()), 1)
    told = churned >= CHURNED_PER_WEIGHT and not left.all()
    fitted = None
    if told and churned >= needed:
        coefficients = np.zeros(len(FITTED))
        coefficients[varies] = fit_logistic(x[:, varies], left)[1:]
        fitted = _weights(coefficients)
    weights = fitted or RiskWeights()
    curve = _curve(table, left, weights) if told else None
    return Fit(RiskModel(weights, curve), fitted is not None, churned, needed)


def _weights(coefficients: Floats) -> RiskWeights | None:
    """Return the coefficients as weights of whole thousandths, None where all of them are 0."""
    if not coefficients.any():
        return None
    kept = RiskWeights().contract_end
    share = coefficients / coefficients.sum() * (1 - kept) * 10**DIGITS
    whole = np.floor(share)
    rest = round((1 - kept) * 10**DIGITS) - int(whole.sum())
    whole[np.argsort(whole - share, kind="stable")[:rest]] += 1  # the largest remainders
    found = dict(zip(FITTED, whole / 10**DIGITS, strict=True)) | {UNSEEN: kept}
    return RiskWeights(**{name.removeprefix("part_"): float(found[name]) for name in PARTS})


def _curve(table: pd.DataFrame, left: np.ndarray, weights: RiskWeights) -> Curve:
    weight = np.array(list(asdict(weights).values()))
    score = table[list(PARTS)].to_numpy(dtype=np.float64) @ weight
    intercept, slope = fit_logistic(score[:, None], left)
    return Curve(float(intercept), float(slope))
