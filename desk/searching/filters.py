"""What people narrow a search by, and which notes that leaves."""

from dataclasses import dataclass, fields, replace
from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from desk.searching.notes import FACETS, Notes, digest_of, microseconds, reason_bit
from labels.codebook import REASONS, Reason
from labels.frames import Calendar

Bools = NDArray[np.bool_]
UNKNOWN = -2  # no note's code


@dataclass(frozen=True, slots=True)
class Filters:
    """What a note must be; None asks for nothing.

    `first` and `last` are local days, included; `own` is the id of a reason of people's own.
    """

    first: date | None = None
    last: date | None = None
    queue: str | None = None
    channel: str | None = None
    product: str | None = None
    team: str | None = None
    reason: str | None = None
    own: str | None = None
    churn_intent: str | None = None
    resolution: str | None = None
    customer_id: str | None = None
    unclear: bool | None = None

    def names(self) -> tuple[str, ...]:
        """Return the names of the filters that ask for something."""
        return tuple(one.name for one in fields(self) if getattr(self, one.name) is not None)

    def without(self, *names: str) -> "Filters":
        """Return the filters without some of them."""
        return replace(self, **dict.fromkeys(names))


Masks = dict[str, Bools]


def masks_of(notes: Notes, filters: Filters, calendar: Calendar) -> Masks:
    """Return, for each filter that asks for something, which notes it leaves."""
    return {name: _mask(notes, name, getattr(filters, name), calendar) for name in filters.names()}


def left_by(masks: Masks, count: int, but: str = "") -> Bools:
    """Return which of `count` notes all filters leave, or all `but` one."""
    left = np.ones(count, dtype=np.bool_)
    for name, mask in masks.items():
        if name != but:
            left &= mask
    return left


def _mask(notes: Notes, name: str, value: Any, calendar: Calendar) -> Bools:  # noqa: ANN401 (each filter has its own)
    mask: Bools
    if name in FACETS:
        mask = notes.codes[name] == notes.names[name].get(value, UNKNOWN)
    elif name == "reason":
        mask = (notes.reasons & reason_bit(Reason(value))) != 0
    elif name == "own":
        mask = notes.own.get(value, np.zeros(notes.count, dtype=np.bool_))
    elif name == "unclear":
        mask = notes.unclear == value
    elif name == "customer_id":
        mask = notes.customers == digest_of(value)
    elif name == "first":
        mask = notes.moments >= _begin(value, calendar)
    else:
        mask = notes.moments < _begin(value + timedelta(days=1), calendar)
    return mask


def counts_of(notes: Notes, having: Bools, masks: Masks) -> dict[str, dict[str, int]]:
    """Return how many of the notes `having` what was searched each value of a filter would leave.

    The other filters hold. By the filter's name and the value; values of no note are left out.
    """
    counts: dict[str, dict[str, int]] = {}
    for name in FACETS:
        codes = notes.codes[name][having & left_by(masks, notes.count, name)]
        found = np.bincount(codes[codes >= 0], minlength=len(notes.names[name]))
        named = {value: int(found[code]) for value, code in notes.names[name].items()}
        counts[name] = {value: n for value, n in sorted(named.items()) if n}
    bits = notes.reasons[having & left_by(masks, notes.count, "reason")]
    by_reason = {str(one): int(np.count_nonzero(bits & reason_bit(one))) for one in REASONS}
    counts["reason"] = {reason: n for reason, n in by_reason.items() if n}
    owned = having & left_by(masks, notes.count, "own")
    by_own = {name: int(np.count_nonzero(mask & owned)) for name, mask in notes.own.items()}
    counts["own"] = {name: n for name, n in by_own.items() if n}
    return counts


def _begin(day: date, calendar: Calendar) -> int:
    """Return the moment at which a local day begins, microseconds since 1970."""
    begin = pd.Timestamp(day.isoformat()).tz_localize(
        calendar.timezone, ambiguous=True, nonexistent="shift_forward"
    )
    return microseconds(begin.to_pydatetime())
