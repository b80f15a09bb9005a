"""Coefficients of agreement between two labellings, each with its source."""

from collections import Counter
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from labels.codebook import Reason

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Reasons = frozenset[Reason]


def cohen_kappa(tables: Ints) -> Floats:
    """Return (po - pe) / (1 - pe) of each (…, K, K) table of counts; NaN where pe is 1.

    Cohen, "A coefficient of agreement for nominal scales", 1960.
    """
    shares = tables / tables.sum(axis=(-2, -1), keepdims=True)
    observed = np.trace(shares, axis1=-2, axis2=-1)
    by_chance = (shares.sum(axis=-1) * shares.sum(axis=-2)).sum(axis=-1)
    room, nowhere = 1 - by_chance, np.full(by_chance.shape, np.nan)
    kappa: Floats = np.divide(observed - by_chance, room, out=nowhere, where=room > 1e-12)
    return kappa


def kappa_interval(table: Ints, draws: int = 2000, seed: int = 7) -> tuple[float, float]:
    """Return kappa's 95 % percentile bootstrap interval over notes; NaN where kappa is.

    Notes drawn with replacement make a table that is multinomial around this one, so tables are
    drawn (Efron and Tibshirani, 1993, chapter 13). Draws without a kappa are left out. Where all
    notes agree the interval has no width, which says nothing of notes that were not drawn.
    """
    if np.isnan(cohen_kappa(table)):
        return float("nan"), float("nan")
    n = int(table.sum())
    drawn = np.random.default_rng(seed).multinomial(n, table.ravel() / n, size=draws)
    low, high = np.nanquantile(cohen_kappa(drawn.reshape(draws, *table.shape)), [0.025, 0.975])
    return float(low), float(high)


def f1_of(table: Ints) -> float:
    """Return F1 = 2 tp / (2 tp + fp + fn): of value 1 of two, else the mean over the values.

    As in `nlp.evaluation_scores`, values that neither gave do not count; NaN when none is left.
    F1 is the same both ways round.
    """
    given = table.sum(axis=0) + table.sum(axis=1)
    scores = 2 * np.diagonal(table) / np.maximum(given, 1)
    counted = [1] if len(scores) == 2 else list(range(len(scores)))
    kept = [float(scores[value]) for value in counted if given[value]]
    return sum(kept) / len(kept) if kept else float("nan")


def masi_distance(a: Reasons, b: Reasons) -> float:
    """Return 1 - J * M, 0 to 1, where J is Jaccard's similarity.

    M is 1 for equal sets, 2/3 when one holds the other, 1/3 when they only overlap, else 0.
    Passonneau, "Measuring agreement on set-valued items (MASI)", LREC 2006. Two empty sets are
    equal; an empty and another are wholly apart.
    """
    if a == b:
        return 0.0
    monotonic = 2 / 3 if a <= b or b <= a else 1 / 3
    return 1 - len(a & b) / len(a | b) * monotonic


def krippendorff_alpha(pairs: Sequence[tuple[Reasons, Reasons]]) -> float:
    """Return 1 - Do / De with the MASI distance; NaN when all sets are the same.

    Do is the mean distance within a note, De that of any two of all 2n sets. Krippendorff,
    *Content Analysis*, 2004, chapter 11.
    """
    counts = Counter(given for pair in pairs for given in pair)
    total = 2 * len(pairs)
    apart = sum(counts[a] * counts[b] * masi_distance(a, b) for a in counts for b in counts)
    if apart == 0:
        return float("nan")
    observed = sum(masi_distance(a, b) for a, b in pairs) / len(pairs)
    return 1 - observed / (apart / (total * (total - 1)))
