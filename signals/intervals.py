"""The intervals of shares. All are 95 %, two-sided."""

from statistics import NormalDist

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Z95 = NormalDist().inv_cdf(0.975)


def ratio(part: ArrayLike, whole: ArrayLike) -> Floats:
    """Return part / whole element by element, NaN where there is nothing to divide by."""
    over = np.asarray(whole, dtype=np.float64)
    share: Floats = np.divide(part, over, out=np.full(over.shape, np.nan), where=over > 0)
    return share


def wilson(share: ArrayLike, n: ArrayLike) -> tuple[Floats, Floats]:
    """Return the Wilson (1927) score interval of each share of `n` observations.

    NaN where `n` is 0. It takes the observations as independent, so it is a little too narrow
    where one customer gives many of them.
    """
    p = np.asarray(share, dtype=np.float64)
    size = np.where(np.asarray(n) > 0, np.asarray(n, dtype=np.float64), np.nan)
    middle = (p + Z95**2 / (2 * size)) / (1 + Z95**2 / size)
    half = Z95 * np.sqrt(p * (1 - p) / size + Z95**2 / (4 * size**2)) / (1 + Z95**2 / size)
    low = np.where(p == 0, 0.0, middle - half)
    high = np.where(p == 1, 1.0, middle + half)
    return np.where(np.isnan(size), np.nan, low), np.where(np.isnan(size), np.nan, high)
