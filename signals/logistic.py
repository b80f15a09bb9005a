"""Logistic regression whose weights do not fall below 0."""

import numpy as np

from signals.intervals import Floats
from signals.slices import Bools

RIDGE = 1.0
STEPS = 100
CLOSE = 1e-8  # the projected gradient, per observation, at which the minimum is reached


def fit_logistic(x: Floats, y: Bools, ridge: float = RIDGE) -> Floats:
    """Return the intercept and the weights (k + 1,), no weight below 0.

    They minimise the negative log likelihood plus `ridge` / 2 times the sum of the squared weights
    (le Cessie and van Houwelingen 1992), the intercept free, by Newton steps projected onto the
    bound (Bertsekas 1982): weights that stand at 0 and would fall are held there for the step.

    Args:
        x: (N, k) observations, each column about from 0 to 1.
        y: (N,) whether it happened, with both answers among them.
        ridge: above 0, so that the minimum is one point.

    Raises:
        ValueError: when `y` has one answer only: the intercept would run away.
    """
    if y.all() or not y.any():
        raise ValueError("nothing to tell apart: every outcome is the same")
    design = np.column_stack([np.ones(len(x)), x])
    penalty = np.full(design.shape[1], ridge)
    penalty[0] = 0.0
    bounded = penalty > 0
    weights = np.zeros(design.shape[1])
    weights[0] = np.log(y.mean() / (1 - y.mean()))
    for _ in range(STEPS):
        p = _probability(design, weights)
        gradient = design.T @ (p - y) + penalty * weights
        free = ~(bounded & (weights <= 0) & (gradient > 0))
        if np.abs(gradient[free]).max(initial=0.0) <= CLOSE * len(x):
            break
        curvature = (design * (p * (1 - p))[:, None]).T @ design + np.diag(penalty)
        step = np.zeros_like(weights)
        step[free] = np.linalg.solve(curvature[np.ix_(free, free)], gradient[free])
        weights = _along(design, y, penalty, weights, step)
    return weights


def _probability(design: Floats, weights: Floats) -> Floats:
    p: Floats = 1 / (1 + np.exp(-np.clip(design @ weights, -40, 40)))
    return p


def _loss(design: Floats, y: Bools, penalty: Floats, weights: Floats) -> float:
    eta = design @ weights
    return float(np.logaddexp(0, eta).sum() - eta[y].sum() + (penalty * weights**2).sum() / 2)


def _along(design: Floats, y: Bools, penalty: Floats, weights: Floats, step: Floats) -> Floats:
    """Return the first point of the projected path, halving the step, that lowers the loss."""
    now, size = _loss(design, y, penalty, weights), 1.0
    while size > 1e-12:
        moved = weights - size * step
        moved = np.where(penalty > 0, np.maximum(moved, 0.0), moved)
        if _loss(design, y, penalty, moved) < now:
            return moved
        size /= 2
    return weights
