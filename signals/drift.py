"""Whether the notes of a week still look like those that the model was made and measured with.

Each measure (`labels.measures`) is counted in bins, in the week and in the reference, and the two
distributions are compared by the population stability index and the Jensen-Shannon distance. Both
are above 0 for two samples of the same notes too, the more the smaller the week: so what chance
alone would give is drawn, and stands beside them.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from zlib import crc32

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from labels.measures import MEASURES
from signals.intervals import Z95, Floats, ratio, wilson
from signals.slices import Ints, tidy
from signals.trends import discoveries

Row = dict[str, Any]  # of a Signals frame
SLICE = "drift="
LEAST_NOTES = 30
DRAWS = 499  # the least p-value is 1 / 500: below 5 % over all measures by Benjamini-Hochberg


def stability_index(week: ArrayLike, reference: ArrayLike) -> Floats:
    """Return the population stability index of counts (..., B) against counts (..., B).

    The sum over bins of (p - q) ln(p / q), after Siddiqi (2006, Credit Risk Scorecards), who takes
    0.1 for a shift to look at and 0.25 for a large one. A half is added to each count, so that an
    empty bin has a logarithm.
    """
    p, q = (_shares(np.asarray(counts, dtype=np.float64) + 0.5) for counts in (week, reference))
    index: Floats = ((p - q) * np.log(p / q)).sum(axis=-1)
    return index


def distance(week: ArrayLike, reference: ArrayLike) -> Floats:
    """Return the Jensen-Shannon distance of counts (..., B) from counts (..., B), 0 to 1.

    The root of the divergence in bits (Endres and Schindelin, 2003, IEEE Trans. Inf. Theory 49).
    """
    p, q = (_shares(np.asarray(counts, dtype=np.float64)) for counts in (week, reference))
    middle = (p + q) / 2
    divergence = (_relative_entropy(p, middle) + _relative_entropy(q, middle)) / 2
    found: Floats = np.sqrt(np.maximum(divergence, 0.0))
    return found


def _shares(counts: Floats) -> Floats:
    shares: Floats = counts / counts.sum(axis=-1, keepdims=True)
    return shares


def _relative_entropy(p: Floats, q: Floats) -> Floats:
    ratio = np.divide(p, q, out=np.ones_like(p), where=p > 0)
    total: Floats = (p * np.log2(ratio)).sum(axis=-1)
    return total


@dataclass(frozen=True)
class Difference:
    """How far a week's counts are from the reference's.

    `index_by_chance` and `distance_by_chance` are what 95 of 100 weeks without drift stay below;
    `p` is the share of such weeks that are at least as far away. NaN with too few notes.
    """

    index: float = np.nan
    index_by_chance: float = np.nan
    distance: float = np.nan
    distance_by_chance: float = np.nan
    p: float = np.nan


def difference(week: Ints, reference: Ints, seed: Sequence[int]) -> Difference:
    """Return how far counts (B,) are from the reference's (B,), and from chance.

    Both are taken for samples of one distribution, which is estimated by their sum; `DRAWS` pairs
    of such samples are drawn (a parametric bootstrap; p after Davison and Hinkley, 1997, 4.11). The
    notes are taken as independent.
    """
    n, of = int(week.sum()), int(reference.sum())
    if n < LEAST_NOTES or of < LEAST_NOTES:
        return Difference()
    shares = (week + reference) / (n + of)
    random = np.random.default_rng(seed)
    drawn = tuple(random.multinomial(size, shares, DRAWS) for size in (n, of))
    indices, distances = stability_index(*drawn), distance(*drawn)
    found = float(distance(week, reference))
    return Difference(
        float(stability_index(week, reference)),
        float(np.quantile(indices, 0.95)),
        found,
        float(np.quantile(distances, 0.95)),
        float((1 + (distances >= found - 1e-12).sum()) / (1 + DRAWS)),
    )


def drift(notes: pd.DataFrame, reference: Mapping[str, Sequence[int]]) -> pd.DataFrame:
    """Return the Signals of drift of each week, in a slice `drift=<measure>` for each measure.

    `drift_index` and `drift_distance` (`high`: what chance alone stays below), `drift_p`,
    `drift_significant` (1.0 or 0.0, after Benjamini-Hochberg at 5 % over the measures of the week),
    `drift_share` of each bin, named in `reason`, with its Wilson interval, and `drift_mean` of what
    is a number, with the interval of a mean of independent notes. `n` is the notes
    that were counted; with fewer than 30 of them all but shares and means are NaN.

    Args:
        notes: a row a note, with `week` and a column for each of `labels.measures.MEASURES`.
        reference: the model's counts of each measure, one a bin.
    """
    rows: list[Row] = []
    weeks: list[date] = sorted(set(notes["week"]))
    for week in weeks:
        own = notes[notes["week"] == week]
        counts = {one.name: one.count(own[one.name]) for one in MEASURES}
        found = [*_shares_of(counts), *_differences(week, counts, reference), *_means(own)]
        rows += [{"week": week, **row} for row in found]
    blank = {"reason": None, "low": np.nan, "high": np.nan, "provisional": False}
    return tidy([pd.DataFrame([{**blank, **row} for row in rows])])


def _differences(
    week: date, counts: Mapping[str, Ints], reference: Mapping[str, Sequence[int]]
) -> Iterator[Row]:
    found = {
        name: difference(
            count, np.asarray(reference[name], dtype=np.int64), (week.toordinal(), _seed(name))
        )
        for name, count in counts.items()
    }
    p = np.array([one.p for one in found.values()])
    significant = np.where(np.isnan(p), np.nan, discoveries(p))
    for (name, one), moved in zip(found.items(), significant, strict=True):
        figures = {
            "drift_index": (one.index, one.index_by_chance),
            "drift_distance": (one.distance, one.distance_by_chance),
            "drift_p": (one.p, np.nan),
            "drift_significant": (moved, np.nan),
        }
        where = {"slice": SLICE + name, "n": int(counts[name].sum())}
        for metric, (value, high) in figures.items():
            yield {**where, "metric": metric, "value": value, "high": high}


def _seed(name: str) -> int:
    return crc32(name.encode())


def _shares_of(counts: Mapping[str, Ints]) -> Iterator[Row]:
    for measure in MEASURES:
        count = counts[measure.name]
        n = int(count.sum())
        share = ratio(count, np.full(len(count), n))
        where = {"slice": SLICE + measure.name, "metric": "drift_share", "n": n}
        low, high = wilson(share, n)
        for name, *figure in zip(measure.bins, share, low, high, strict=True):
            value, least, most = figure
            yield {**where, "reason": name, "value": value, "low": least, "high": most}


def _means(notes: pd.DataFrame) -> Iterator[Row]:
    for measure in MEASURES:
        if not measure.is_number:
            continue
        numbers = notes[measure.name].to_numpy(dtype=np.float64)
        known = numbers[~np.isnan(numbers)]
        n = len(known)
        mean = known.mean() if n else np.nan
        margin = Z95 * known.std(ddof=1) / n**0.5 if n > 1 else np.nan
        where = {"slice": SLICE + measure.name, "metric": "drift_mean", "n": n}
        yield {**where, "value": mean, "low": mean - margin, "high": mean + margin}
