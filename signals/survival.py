"""The Kaplan-Meier estimate of many groups at once.

lifelines fits one group at a time (milliseconds each, and weeks x slices are thousands), so the
estimate is ten lines of numpy here and is checked against lifelines in the tests.
"""

from dataclasses import dataclass

import numpy as np

from signals.intervals import Z95, Floats, wilson
from signals.slices import Bools, Ints

FEW_CLUSTERS = 10


@dataclass(frozen=True)
class Survival:
    """The estimate of each group at the horizon, or at its longest follow-up if that is shorter.

    `value` is the share without an event by then, with its 95 % interval; `followed` is that time;
    `reached` tells whether the curve is defined at the horizon: somebody was followed that long,
    or everybody had the event. Groups of nobody are NaN, 0 and False.
    """

    value: Floats
    low: Floats
    high: Floats
    followed: Ints
    reached: Bools


def kaplan_meier(
    group: Ints, time: Ints, event: Bools, cluster: Ints, groups: int, horizon: int
) -> Survival:
    """Return the Kaplan-Meier (1958) estimate at `horizon` for `groups` groups.

    `time` is whole units until the event, or until observation ended where `event` is false; who
    is censored at a time is still at risk at it. Observations of one `cluster`, such as a customer,
    may depend on each other: the variance is the infinitesimal jackknife's over clusters, which is
    Greenwood's where each is alone in its own, and never less than that. The interval is on the
    log(-log) scale (Kalbfleisch and Prentice). That is undefined where nobody or everybody had the
    event, and tells too little where fewer than `FEW_CLUSTERS` clusters repeat; there it is
    Wilson's, with the follow-up counted in whole follow-ups for `n`, as many fewer as there are
    clusters than observations.
    """
    event = event & (time <= horizon)
    time = np.minimum(time, horizon)
    order = np.lexsort((time, group))
    g, t, e = group[order], time[order], event[order].astype(np.int64)
    starts = np.flatnonzero((np.diff(g, prepend=-1) != 0) | (np.diff(t, prepend=-1) != 0))
    run = g[starts]  # one run is one group's one time
    at_risk = np.cumsum(np.bincount(g, minlength=groups))[run] - starts
    events = np.add.reduceat(e, starts) if len(starts) else e
    with np.errstate(divide="ignore"):
        term = np.where(events > 0, events / (at_risk * (at_risk - events)), 0.0)
    first = np.flatnonzero(np.diff(run, prepend=-1))
    last = np.append(first[1:], len(run))[: len(first)] - 1
    present = run[first]

    value = np.full(groups, np.nan)
    followed = np.zeros(groups, dtype=np.int64)
    if len(first):
        value[present] = np.multiply.reduceat(1 - events / at_risk, first)
        followed[present] = t[starts][last]
    # Where all had the event the interval is Wilson's.
    hazard = np.where(at_risk > events, term, 0.0)
    before = np.cumsum(hazard) - hazard
    begun = before[first][np.searchsorted(present, run)] if len(first) else before
    own = np.cumsum(np.isin(np.arange(len(g)), starts)) - 1  # each observation's run
    lost = e * (hazard + 1 / np.maximum(at_risk, 1))[own]
    influence = (before - begun + hazard)[own] - lost
    greenwood = np.bincount(run, hazard, minlength=groups)
    variance, clusters, share_of_clusters = _by_cluster(g, cluster[order], influence, groups)
    variance = np.where(share_of_clusters < 1, np.maximum(variance, greenwood), greenwood)
    few = (share_of_clusters < 1) & (clusters < FEW_CLUSTERS)
    exposure = np.bincount(g, t.astype(np.float64), minlength=groups) / np.maximum(followed, 1)
    n = np.where(value == 0, np.bincount(g, minlength=groups), exposure) * share_of_clusters
    low, high = _log_log(value, variance, few, *wilson(value, n))
    return Survival(value, low, high, followed, (followed >= horizon) | (value == 0))


def _by_cluster(
    group: Ints, cluster: Ints, influence: Floats, groups: int
) -> tuple[Floats, Floats, Floats]:
    """Return each group's variance between clusters, its clusters, and clusters an observation.

    The variance is the sum of the clusters' squared influences, as many G a G - 1 larger.
    """
    pairs, place = np.unique(group * (cluster.max(initial=0) + 1) + cluster, return_inverse=True)
    summed = np.bincount(place, influence, minlength=len(pairs))
    owner = pairs // (cluster.max(initial=0) + 1)
    observations = np.maximum(np.bincount(group, minlength=groups), 1)
    clusters = np.bincount(owner, minlength=groups).astype(np.float64)
    squares = np.bincount(owner, summed**2, minlength=groups)
    return squares * clusters / np.maximum(clusters - 1, 1), clusters, clusters / observations


def _log_log(
    value: Floats, variance: Floats, few: Bools, low: Floats, high: Floats
) -> tuple[Floats, Floats]:
    """Return the log-log interval where it is defined and rests on enough, else the given one."""
    inner = (value > 0) & (value < 1) & ~few
    log = np.log(np.where(inner, value, 0.5))
    width = Z95 * np.sqrt(np.where(inner, variance, 0.0)) / -log
    low = np.where(inner, np.exp(log * np.exp(width)), low)
    return low, np.where(inner, np.exp(log * np.exp(-width)), high)
