"""The threshold of the at-risk flag, with a precision that it is guaranteed to have.

Learn Then Test (Angelopoulos et al., 2021, arXiv:2110.01052): for each threshold, "its precision is
below the target" is a hypothesis. The flagged notes that are wrong are a binomial count, and its
tail is the p-value; where losses are 0 or 1 the paper's Hoeffding-Bentkus p-value is that tail too.
The thresholds are tested in an order fixed beforehand, each at the full 1 - confidence, up to the
first that fails (fixed-sequence testing, Bauer, 1991, by MAPIE). So the chance that any threshold
passes whose true precision is below the target is at most 1 - confidence.

The order must not come from the notes of the test. Dev is split in two by chance: the *learning*
half fits the temperature of churn intent and names the threshold to begin with, the one most
clearly above the target there; the *testing* half tests it, then ever lower ones.

The guarantee is for the network as it stands and for notes drawn as dev's were. Training keeps the
epoch that is best on dev, which looks at the testing half too; and real notes are not dev's.
"""

from dataclasses import dataclass

import numpy as np
from mapie.risk_control import control_fwer
from numpy.typing import NDArray
from scipy.stats import binom

from nlp.heads import Bools

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
GRID: Floats = np.arange(5, 100) / 100
SEED = 1  # chosen once: choosing among seeds would void the guarantee


@dataclass(frozen=True)
class Guarantee:
    """A flag set from `threshold` up is right at least as often as `precision`, by `confidence`.

    All from 0 to 1. `recall` is the share of the notes truly at risk that are flagged, on the `n`
    notes of the testing half.
    """

    threshold: float
    precision: float
    confidence: float
    recall: float
    n: int


def halves(n: int, seed: int = SEED) -> tuple[Ints, Ints]:
    """Return the places of the learning half and of the testing half of `n` notes.

    Of an odd number the learning half has one more.
    """
    places = np.random.default_rng(seed).permutation(n)
    middle = (n + 1) // 2
    return np.sort(places[:middle]), np.sort(places[middle:])


def p_values(p: Floats, truth: Bools, thresholds: Floats, precision: float) -> Floats:
    """Return, for each threshold, the p-value of "its precision is below `precision`".

    Given that n notes are flagged, it is P(Bin(n, 1 - precision) <= wrong ones), and 1 where n = 0.
    """
    flagged = p[:, None] >= thresholds
    wrong = (flagged & ~truth[:, None]).sum(axis=0)
    values: Floats = binom.cdf(wrong, flagged.sum(axis=0), 1 - precision)
    return values


def guarantee(
    p: NDArray[np.float32], truth: Bools, precision: float = 0.85, confidence: float = 0.90
) -> Guarantee | None:
    """Return the lowest threshold that holds, or None when no threshold does.

    Args:
        p: the probability that each of N notes is at risk (`nlp.heads.risk_of`), made by nothing
            that was fitted on the testing half of `halves(N)`.
        truth: whether each is, (N,).
        precision: the least precision wanted, below 1.
        confidence: how sure it has to be, below 1.
    """
    # As decimals: what decides is whether 0.35 is at least 0.35.
    exact: Floats = np.asarray(np.round(p.astype(np.float64), 4), dtype=np.float64)
    learning, testing = halves(len(p))
    likeliest = int(p_values(exact[learning], truth[learning], GRID, precision).argmin())
    sequence = GRID[likeliest::-1]
    tested = p_values(exact[testing], truth[testing], sequence, precision)
    held = control_fwer(tested, 1 - confidence, fwer_method="fixed_sequence")
    if not len(held):
        return None
    threshold = float(sequence[held[-1]])
    found: Bools = exact[testing][truth[testing]] >= threshold
    return Guarantee(threshold, precision, confidence, float(found.mean()), len(testing))
