"""The Kaplan-Meier estimate of many groups at once.

lifelines fits one group at a time (milliseconds each, and weeks x slices are thousands), so the
estimate is ten lines of numpy here and is checked against lifelines in the tests.
"""

from dataclasses import dataclass

import numpy as np

from signals.intervals import Z95, Floats, wilson
from signals.slices import Bools, Ints


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


def kaplan_meier(group: Ints, time: Ints, event: Bools, groups: int, horizon: int) -> Survival:
    """Return the Kaplan-Meier (1958) estimate at `horizon` for `groups` groups.

    `time` is whole units until the event, or until observation ended where `event` is false; who
    is censored at a time is still at risk at it. The interval is Greenwood's variance on the
    log(-log) scale (Kalbfleisch and Prentice). That is undefined where nobody or everybody had
    the event; there it is Wilson's, with the follow-up counted in whole follow-ups for `n`.
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

    value, variance = np.full(groups, np.nan), np.full(groups, np.nan)
    followed = np.zeros(groups, dtype=np.int64)
    if len(first):
        value[present] = np.multiply.reduceat(1 - events / at_risk, first)
        variance[present] = np.add.reduceat(term, first)
        followed[present] = t[starts][last]
    exposure = np.bincount(g, t.astype(np.float64), minlength=groups) / np.maximum(followed, 1)
    n = np.where(value == 0, np.bincount(g, minlength=groups), exposure)
    low, high = _log_log(value, variance, *wilson(value, n))
    return Survival(value, low, high, followed, (followed >= horizon) | (value == 0))


def _log_log(value: Floats, variance: Floats, low: Floats, high: Floats) -> tuple[Floats, Floats]:
    """Return the log-log interval where it is defined, else the given one."""
    inner = (value > 0) & (value < 1)
    log = np.log(np.where(inner, value, 0.5))
    width = Z95 * np.sqrt(np.where(inner, variance, 0.0)) / -log
    low = np.where(inner, np.exp(log * np.exp(width)), low)
    return low, np.where(inner, np.exp(log * np.exp(-width)), high)
