"""Customers who stayed and who left: CRR, churn, and the last reason of those who left.

A period is a week, or the four weeks that end with it: few leave in one week.
"""

from datetime import date, timedelta

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from labels.frames import Calendar
from signals.intervals import ratio, wilson
from signals.shares import REASON_NAMES, labelled
from signals.slices import Bools, inbound, surveys, tidy, with_weeks

PERIODS = {"": 1, "_4w": 4}  # what a metric's name ends in, and its weeks
LAST_REASON_DAYS = 90  # a reason older than this is not why somebody left
Days = NDArray[np.datetime64]


def retention(
    contacts: pd.DataFrame,
    predictions: pd.DataFrame,
    customers: pd.DataFrame,
    as_of: pd.Timestamp,
    calendar: Calendar,
) -> pd.DataFrame:
    """Return the Signals of retention by week, slice `all`; none where no day of leaving is known.

    Of each week, and with `_4w` behind the name of the four weeks that end with it:
    `customers_start` (S), `customers_end` (E), `customers_new` (N: of E, those who joined in the
    period), `customers_left` (S - (E - N)), `retention_rate` = (E - N) / S and `churn_rate` = 1
    minus that, with Wilson intervals; `n` is S. `left_last_reason` counts those who left by the
    reasons of their last note that carries one, at most 90 days before; without a reason it counts
    those with no such note. Its `n` is those who left.

    Who leaves on the first day of a period was there at its start. Who has no `customer_since` was
    there before the data. Customers are those of the rosters, and where these name fewer than half
    of the contacts' customers (such as an outcomes file alone) those of the contacts too. What is
    known ends with the newest day of leaving up to `as_of`: a period that goes beyond it ends there
    and is provisional, and a week that begins after it has no figure.
    """
    dated = with_weeks(contacts, calendar)
    today = as_of.tz_convert(calendar.timezone).date()
    known = _with_callers(_told_by(customers, today), contacts)
    if known["churned_at"].isna().all():
        return tidy([])
    until = known["churned_at"].dropna().max() + timedelta(days=1)
    since, left = (_days(known[name]) for name in ("customer_since", "churned_at"))
    last = _last_reasons(dated, predictions, known, left, calendar)
    rows: list[dict[str, object]] = []
    for week in (week for week in dated["week"].cat.categories if week < until):
        for suffix, weeks in PERIODS.items():
            begin, end = week - timedelta(weeks=weeks - 1), week + timedelta(weeks=1)
            cut = np.datetime64(min(end, until))
            there = ~(since >= np.datetime64(begin)) & ~(left < np.datetime64(begin))
            still = ~(since >= cut) & ~(left < cut)
            figures = _figures(there, still, last)
            place = {"week": week, "provisional": end > until}
            rows += [{**row, **place, "metric": f"{row['metric']}{suffix}"} for row in figures]
    frame = pd.DataFrame(rows)
    return tidy([frame.assign(slice="all")]) if len(frame) else tidy([])


def _figures(there: Bools, still: Bools, last: pd.DataFrame) -> list[dict[str, object]]:
    """Return one period's figures, of who was there at its start and is still at its end."""
    start, end = int(there.sum()), int(still.sum())
    new = int((still & ~there).sum())
    gone = there & ~still
    count = int(gone.sum())
    rate = ratio(end - new, start)
    (low, high), (churn_low, churn_high) = wilson(rate, start), wilson(1 - rate, start)
    counts = {"start": start, "end": end, "new": new, "left": count}
    rows: list[dict[str, object]] = [
        {"metric": f"customers_{name}", "value": value, "n": start}
        for name, value in counts.items()
    ]
    stayed = {"value": rate, "low": low, "high": high, "n": start}
    churned = {"value": 1 - rate, "low": churn_low, "high": churn_high, "n": start}
    rows += [{"metric": "retention_rate", **stayed}, {"metric": "churn_rate", **churned}]
    reasons = last.loc[gone, list(REASON_NAMES)]
    told = {"metric": "left_last_reason", "n": count}
    rows += [{**told, "reason": name, "value": reasons[name].sum()} for name in REASON_NAMES]
    return [*rows, {**told, "reason": None, "value": (~reasons.any(axis=1)).sum()}]


def without_returned(customers: pd.DataFrame) -> pd.DataFrame:
    """Return the customers without the day of leaving of those who joined again after it."""
    since, left = _days(customers["customer_since"]), _days(customers["churned_at"])
    return customers.assign(churned_at=customers["churned_at"].where(~(since > left), None))


def _told_by(customers: pd.DataFrame, today: date) -> pd.DataFrame:
    """Return the customers as a day knew them: later leaving is not known yet."""
    found = customers[["customer_id", "customer_since", "churned_at"]].reset_index(drop=True)
    gone = _days(found["churned_at"]) <= np.datetime64(today)
    return found.assign(churned_at=found["churned_at"].astype(object).where(gone, None))


def _with_callers(customers: pd.DataFrame, contacts: pd.DataFrame) -> pd.DataFrame:
    """Return the rosters' customers; the contacts' too where the rosters lack most of them."""
    called = pd.Index(contacts["customer_id"].dropna().unique())
    callers = called.difference(customers["customer_id"])
    if 2 * len(callers) <= len(called):
        return customers
    # Of the rosters only those who left so far, or called: later leavers are not known yet.
    told = customers["churned_at"].notna() | customers["customer_id"].isin(called)
    more = pd.DataFrame({"customer_id": callers})
    return pd.concat([customers[told], more], ignore_index=True)


def _days(dates: pd.Series) -> Days:
    """Return dates as days, NaT for none: every comparison with NaT is false."""
    return dates.astype(object).where(dates.notna(), None).to_numpy(dtype="datetime64[D]")


def _last_reasons(
    dated: pd.DataFrame,
    predictions: pd.DataFrame,
    customers: pd.DataFrame,
    left: Days,
    calendar: Calendar,
) -> pd.DataFrame:
    """Return the reasons of each customer's last note with one before he left, in their order."""
    gone = customers.index[customers["churned_at"].notna()]
    place = pd.Series(gone, index=customers.loc[gone, "customer_id"])
    of_them = dated[dated["customer_id"].isin(place.index)]
    notes = labelled(pd.concat([inbound(of_them), surveys(of_them)]), predictions)
    notes = notes[notes[list(REASON_NAMES)].any(axis=1)]
    row = notes["customer_id"].map(place).to_numpy(dtype=np.int64)
    day = calendar.local(notes["contacted_at"]).dt.tz_localize(None).to_numpy(dtype="datetime64[D]")
    before = (left[row] - day).astype("timedelta64[D]").astype(np.int64)
    notes = notes.assign(row=row)[(before >= 0) & (before <= LAST_REASON_DAYS)]
    notes = notes.sort_values(["contacted_at", "contact_id"])
    last = notes.drop_duplicates("row", keep="last").set_index("row")[list(REASON_NAMES)]
    found: pd.DataFrame = last.reindex(range(len(customers)), fill_value=False)
    return found
