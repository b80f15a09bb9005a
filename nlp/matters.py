"""Are two contacts of a customer about the same matter? Told by their issue vectors alone."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from labels.journeys import Journey

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Pairs:
    """Every two contacts of the same customer: their cosine, and whether the issue is the same."""

    cosine: Floats
    same: NDArray[np.bool_]


@dataclass(frozen=True)
class PairFigures:
    """How well a cosine threshold tells the same matter, over `n` pairs, `same` of them true."""

    threshold: float
    precision: float
    recall: float
    f1: float
    n: int
    same: int


def pairs_of(journeys: Sequence[Journey], vectors: Floats) -> Pairs:
    """Return the pairs within each journey.

    Args:
        journeys: customers' journeys.
        vectors: (N, 64), of length one, of all contacts in the journeys' order.
    """
    cosine: list[float] = []
    same: list[bool] = []
    at = 0
    for journey in journeys:
        for (i, one), (j, other) in combinations(enumerate(journey.contacts, start=at), 2):
            cosine.append(float(vectors[i] @ vectors[j]))
            same.append(one.issue == other.issue)
        at += len(journey.contacts)
    return Pairs(np.array(cosine, dtype=np.float32), np.array(same, dtype=bool))


def pair_figures(pairs: Pairs, threshold: float) -> PairFigures:
    """Return the figures of calling a pair the same from `threshold` on; 0 where undefined."""
    chosen = pairs.cosine >= threshold
    both = int((chosen & pairs.same).sum())
    return PairFigures(
        threshold,
        both / max(int(chosen.sum()), 1),
        both / max(int(pairs.same.sum()), 1),
        2 * both / max(int(chosen.sum()) + int(pairs.same.sum()), 1),
        len(pairs.same),
        int(pairs.same.sum()),
    )


def best_threshold(pairs: Pairs) -> float:
    """Return the cosine, in steps of 0.01, whose F1 is best; the middle one of equals."""
    grid = np.round(np.arange(-0.5, 1.0, 0.01), 2)
    scores = np.array([pair_figures(pairs, float(cut)).f1 for cut in grid])
    best = np.flatnonzero(np.isclose(scores, scores.max()))
    return float(grid[best[len(best) // 2]])
