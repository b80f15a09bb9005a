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


def lift(part: int, of_part: int, whole: int, of_whole: int) -> tuple[float, float, float]:
    """Return the rate of a part over the rate of the whole it belongs to, with its 95 % interval.

    The part f of the whole has RR times the rate of the rest, so lift = 1 / (f + (1 - f) / RR): it
    rises with RR alone, and its interval is that of RR, by the logarithm (Katz et al. 1978, a half
    added to each count after Walter 1975), put through the same formula.

    Args:
        part: the events among the `of_part` observations of the part, of which there are some.
        of_part: at least 1 and less than `of_whole`.
        whole: the events of the whole, at least 1.
        of_whole: the observations of the whole.
    """
    share, rest, of_rest = of_part / of_whole, whole - part, of_whole - of_part
    ratio_of = np.log((part + 0.5) / (of_part + 0.5) * (of_rest + 0.5) / (rest + 0.5))
    counts = np.array([part, rest, of_part, of_rest]) + 0.5
    error = np.sqrt(float((1 / counts) @ [1, 1, -1, -1]))
    low, high = (1 / (share + (1 - share) / np.exp(ratio_of + z * error)) for z in (-Z95, Z95))
    value = (part / of_part) / (whole / of_whole)
    return value, 0.0 if part == 0 else float(low), 1 / share if rest == 0 else float(high)


def expected_share(p: Floats) -> tuple[float, float, float]:
    """Return the mean of the probabilities, and the range that holds the share of events by 95 %.

    The number of events is Poisson-binomial: its distribution is multiplied out exactly. NaN for
    no probabilities, and where one of them is.
    """
    if not len(p) or np.isnan(p).any():
        return np.nan, np.nan, np.nan
    chance = np.ones(1)
    for one in p:
        chance = np.append(chance * (1 - one), 0.0) + np.append(0.0, chance * one)
    below = np.cumsum(chance)
    low, high = np.searchsorted(below, [0.025, 0.975]) / len(p)
    return float(p.mean()), float(low), float(min(high, 1.0))
