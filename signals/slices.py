"""Which rows are counted, the week and slice they fall in, and the tidy rows of figures.

A *cell* is one week and one slice. Everything is counted on whole arrays by the cells' places,
so a million contacts cost one pass a figure.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from labels.frames import Calendar, Signals
from signals.intervals import Floats, ratio, wilson

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
SLICES = ("queue", "channel")
WHOLE = ("survey", "at_risk")  # slices that a frame is in as a whole
COLUMNS = ("week", "slice", "metric", "reason", "value", "low", "high", "n", "provisional")
PLACES = 6  # decimals that are kept, so that two runs write the same bytes


def inbound(contacts: pd.DataFrame) -> pd.DataFrame:
    """Return the contacts that count in rates: inbound, and no survey answers."""
    return contacts[(contacts["direction"] == "in") & (contacts["channel"] != "survey")]


def surveys(contacts: pd.DataFrame) -> pd.DataFrame:
    """Return the survey answers, whatever their direction says."""
    return contacts[contacts["channel"] == "survey"]


def microseconds(moments: "pd.Series[pd.Timestamp]") -> Ints:
    """Return UTC moments as whole microseconds, in which windows compare exactly."""
    return moments.astype("datetime64[us, UTC]").to_numpy(dtype="datetime64[us]").astype(np.int64)


def microsecond(moment: pd.Timestamp) -> int:
    """Return one moment as `microseconds` does; `Timestamp.value` is always nanoseconds."""
    return moment.value // 1000


def with_weeks(contacts: pd.DataFrame, calendar: Calendar) -> pd.DataFrame:
    """Return the contacts with a categorical column `week`, its categories in order.

    Contacts that have it already are returned as they are.
    """
    if "week" in contacts:
        return contacts
    return contacts.assign(week=pd.Categorical(calendar.week_of(contacts["contacted_at"])))


@dataclass(frozen=True)
class Cells:
    """The cells of a frame's rows.

    `keys` has one row a cell (`week`, `slice`); `codes` (rows,) is each row's place in `keys`,
    -1 for a row that falls in none, such as one without a queue among the queues.
    """

    keys: pd.DataFrame
    codes: Ints

    def total(self, values: ArrayLike, where: Bools) -> Floats:
        """Return the sum of `values` over the chosen rows of each cell."""
        chosen = where & (self.codes >= 0)
        weights = np.broadcast_to(np.asarray(values, dtype=np.float64), self.codes.shape)
        found = np.bincount(self.codes[chosen], weights[chosen], minlength=len(self.keys))
        return found.astype(np.float64)

    def count(self, where: Bools) -> Ints:
        """Return how many of the chosen rows fall in each cell."""
        chosen = where & (self.codes >= 0)
        return np.bincount(self.codes[chosen], minlength=len(self.keys)).astype(np.int64)

    def figure(
        self,
        metric: str,
        value: ArrayLike,
        n: Ints,
        interval: tuple[Floats, Floats] | None = None,
        *,
        reason: str | None = None,
        provisional: Bools | bool = False,
    ) -> pd.DataFrame:
        """Return one metric of every cell as rows of Signals."""
        low, high = interval if interval is not None else (np.nan, np.nan)
        columns = {
            "week": self.keys["week"].to_numpy(),
            "slice": self.keys["slice"].to_numpy(),
            "metric": metric,
            "reason": reason,
            "value": np.asarray(value, dtype=np.float64),
            "low": low,
            "high": high,
            "n": n,
            "provisional": provisional,
        }
        return pd.DataFrame(columns, index=self.keys.index)

    def share(
        self, metric: str, part: Bools, whole: Bools, *, reason: str | None = None, least: int = 0
    ) -> pd.DataFrame:
        """Return the share of `whole` that is also `part`, with its Wilson interval.

        A cell with fewer than `least` rows in `whole` shows its `n` and no share.
        """
        n = self.count(whole)
        value = enough(ratio(self.count(part & whole), n), n, least)
        return self.figure(metric, value, n, wilson(value, n), reason=reason)


def enough(value: Floats, n: Ints, least: int) -> Floats:
    """Return the values, NaN where fewer than `least` observations stand behind one."""
    return np.where(n >= least, value, np.nan)


def commonest(column: "pd.Series[str]", most: int) -> "pd.Series[str]":
    """Return a column with None for all but its `most` commonest values; of equals, the first."""
    counts = column.value_counts().sort_index().sort_values(ascending=False, kind="stable")
    if len(counts) <= most:
        return column
    return column.where(column.isin(counts.index[:most]), None)


def cells(frame: pd.DataFrame, dimension: str) -> Cells:
    """Return the cells of a frame that has a categorical `week`.

    `all` gives every category of `week` a cell, also those without a row, so that a week of
    nothing shows as nothing; `survey` and `at_risk` give the weeks that have rows one cell each;
    another dimension is a column, and gives a cell to each week and value that occur together.
    """
    weeks = frame["week"].cat.categories
    week_codes = frame["week"].cat.codes.to_numpy().astype(np.int64)
    if dimension == "all":
        return Cells(pd.DataFrame({"week": weeks.astype(object), "slice": "all"}), week_codes)
    if dimension in WHOLE:
        name_codes, uniques = np.zeros(len(frame), dtype=np.int64), [dimension][: len(frame)]
    else:
        name_codes, values = pd.factorize(frame[dimension], sort=True)
        uniques = [f"{dimension}={value}" for value in values]
    pairs = np.where(name_codes >= 0, week_codes * max(len(uniques), 1) + name_codes, -1)
    codes, present = pd.factorize(pairs[pairs >= 0], sort=True)
    placed = np.full(len(frame), -1, dtype=np.int64)
    placed[pairs >= 0] = codes
    week_of, name_of = np.divmod(present, max(len(uniques), 1))
    keys = {"week": np.asarray(weeks, object)[week_of], "slice": np.asarray(uniques)[name_of]}
    return Cells(pd.DataFrame(keys, dtype=object), placed)


def tidy(parts: Iterable[pd.DataFrame]) -> pd.DataFrame:
    """Return the figures as one Signals frame: rounded, sorted, each column of its type."""
    filled = [part for part in parts if len(part)]
    if not filled:
        return Signals.empty()
    signals = pd.concat(filled, ignore_index=True)[list(COLUMNS)]
    signals["reason"] = signals["reason"].astype(object).where(signals["reason"].notna(), None)
    for column in ("value", "low", "high"):
        signals[column] = signals[column].astype(np.float64).round(PLACES) + 0.0  # no -0.0
    signals = signals.astype({"slice": object, "n": np.int64, "provisional": bool})
    order = signals.assign(reason=signals["reason"].fillna("")).sort_values(
        ["week", "slice", "metric", "reason"], kind="stable"
    )
    return Signals.validate(signals.loc[order.index].reset_index(drop=True))
