"""The customers as they were at past moments, and who of them left soon after.

A snapshot is taken at the end of a week and holds what could be known then: notes and threads up to
it, and the customers who had not left. Its horizon is the H days after it. The later period, on
which a ranking is judged, is the newest snapshot whose horizon has been observed; the training
snapshots are those whose own horizon had ended when it was taken, so that no outcome stands on both
sides (one customer may: what happened to him is another matter in each).

Two things of the present must not leak into the past. The roster holds today's contract, and those
who stayed have renewed theirs: the end of a contract counts 0 in every snapshot. And outcomes are
known until the newest of them, not until today: a file of last month says nothing of this one.
"""

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import pandas as pd

from labels.frames import Calendar
from signals.risk import NEVER, days_left, local_day, present_customers
from signals.risk_parts import History
from signals.slices import Bools, Ints

TRAINING_SNAPSHOTS = 8
EPOCH = date(1970, 1, 1)
INSTANT = pd.Timedelta(microseconds=1)


@dataclass(frozen=True)
class Snapshot:
    """The customers of a past moment, and which of them `left` within the horizon.

    `day` is the horizon's first; `customers` is what `present_customers` returns.
    """

    day: date
    customers: pd.DataFrame
    left: Bools


@dataclass(frozen=True)
class Snapshots:
    """What weights are fitted on, oldest first, and what they are judged on, None without any."""

    training: tuple[Snapshot, ...]
    later: Snapshot | None


def snapshots(
    past: History,
    customers: pd.DataFrame,
    as_of: pd.Timestamp,
    *,
    calendar: Calendar,
    horizon_days: int,
) -> Snapshots:
    """Return the snapshots that the outcomes known by `as_of` allow, eight to train on at most."""
    left = days_left(past, customers, local_day(as_of, calendar))
    known = left[left < NEVER]
    if not len(known):
        return Snapshots((), None)
    horizon = timedelta(days=horizon_days)
    until = EPOCH + timedelta(days=int(known.max()))
    first = calendar.week_of_moment(past.notes["contacted_at"].iloc[0]) + timedelta(days=7)
    last = _week_by(until - horizon + timedelta(days=1), first)
    if last < first:
        return Snapshots((), None)
    newest = _week_by(last - horizon, first)
    days = [newest - timedelta(weeks=back) for back in reversed(range(TRAINING_SNAPSHOTS))]

    def taken(day: date) -> Snapshot:
        return _snapshot(past, customers, left, day, calendar, horizon_days)

    return Snapshots(tuple(taken(day) for day in days if day >= first), taken(last))


def _week_by(day: date, first: date) -> date:
    """Return the last beginning of a week that is not after a day."""
    return day - timedelta(days=(day - first).days % 7)


def _snapshot(
    past: History,
    customers: pd.DataFrame,
    left: Ints,
    day: date,
    calendar: Calendar,
    horizon_days: int,
) -> Snapshot:
    eve = (day - EPOCH).days - 1
    moment = calendar.bounds(day)[0] - INSTANT
    table = present_customers(past, customers, moment, left, eve)
    soon = left[table.index.to_numpy()] <= eve + horizon_days
    return Snapshot(day, table, np.asarray(soon))
