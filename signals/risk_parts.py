"""The parts of the at-risk score: each a Series by customer_id, from 0 to 1."""

import numpy as np
import pandas as pd

from signals.journeys import ORDEAL
from signals.shares import REASON_NAMES, labelled
from signals.slices import inbound, microsecond, microseconds
from signals.threads import DAY_US

LOOKBACK_DAYS = 60
HALF_LIFE_DAYS = 14
CONTRACT_DAYS = 60
STRENGTH = {"explicit": 1.0, "signal": 0.5, "none": 0.0}
DETRACTOR = 6  # the highest NPS answer of a detractor
OPEN_CONTACTS_FULL = 4  # contacts in open threads at which the part is 1
ORDEALS_FULL = 2
REASONS_FULL = 3
REGULAR_CONTACTS = 4  # contacts that make a customer regular
SILENT_GAPS = 3  # median gaps without a contact that are silence
Values = pd.Series  # by customer_id


def recent_notes(
    contacts: pd.DataFrame, predictions: pd.DataFrame, as_of: pd.Timestamp
) -> pd.DataFrame:
    """Return the inbound contacts and survey answers of known customers in the last 60 days.

    They have their labels, and `call` (no survey), `strength` (of the churn intent), `age_days`,
    `reasoned` (carries a reason) and `detractor`.
    """
    at, survey = contacts["contacted_at"], contacts["channel"] == "survey"
    known = contacts["customer_id"].notna() & (survey | (contacts["direction"] == "in"))
    recent = (at <= as_of) & (at > as_of - pd.Timedelta(days=LOOKBACK_DAYS))
    notes = labelled(contacts[known & recent], predictions)
    hinted = np.where(notes["signal"], STRENGTH["signal"], STRENGTH["none"])
    return notes.assign(
        call=notes["channel"] != "survey",
        strength=np.where(notes["explicit"], STRENGTH["explicit"], hinted),
        age_days=(microsecond(as_of) - microseconds(notes["contacted_at"])) / DAY_US,
        reasoned=notes[list(REASON_NAMES)].any(axis=1),
        detractor=(notes["nps"] <= DETRACTOR).astype(float),
    )


def churn_intent(notes: pd.DataFrame) -> Values:
    """Return the strongest churn intent, each note's halved every 14 days."""
    decayed = notes["strength"] * 0.5 ** (notes["age_days"] / HALF_LIFE_DAYS)
    return decayed.groupby(notes["customer_id"]).max()


def thread_ends(
    contacts: pd.DataFrame, predictions: pd.DataFrame, threads: pd.DataFrame, as_of: pd.Timestamp
) -> pd.DataFrame:
    """Return one row a thread: customer_id, `size`, and its last contact's time and `resolved`."""
    calls = inbound(contacts)
    calls = labelled(calls[calls["contacted_at"] <= as_of], predictions)
    table = threads.merge(calls, on="contact_id").sort_values(["thread_id", "position"])
    last = table.drop_duplicates("thread_id", keep="last").set_index("thread_id")
    return last[["customer_id", "contacted_at", "resolved"]].assign(
        size=table.groupby("thread_id").size()
    )


def open_threads(ends: pd.DataFrame, as_of: pd.Timestamp, window_days: int) -> Values:
    """Return the contacts in threads that may go on and whose last note says no `resolved`."""
    recent = ends["contacted_at"] >= as_of - pd.Timedelta(days=window_days)
    found = ends[recent & ~ends["resolved"]]
    return (found.groupby("customer_id")["size"].sum() / OPEN_CONTACTS_FULL).clip(upper=1.0)


def ordeals(ends: pd.DataFrame, as_of: pd.Timestamp) -> Values:
    """Return the threads of three or more contacts that ended in the last 60 days."""
    recent = ends["contacted_at"] > as_of - pd.Timedelta(days=LOOKBACK_DAYS)
    found = ends[recent & (ends["size"] >= ORDEAL)]
    return (found.groupby("customer_id").size() / ORDEALS_FULL).clip(upper=1.0)


def reasons(notes: pd.DataFrame) -> pd.DataFrame:
    """Return `part_reasons`, and `reasons`: their names joined by commas, the most recent first."""
    moment = microseconds(notes["contacted_at"])
    latest = (
        pd.DataFrame({name: np.where(notes[name], moment, -1) for name in REASON_NAMES})
        .groupby(notes["customer_id"].to_numpy(dtype=object))
        .max()
    )
    values = latest.to_numpy(dtype=np.int64).reshape(-1, len(REASON_NAMES))
    order = np.argsort(-values, axis=1, kind="stable")
    many = (values >= 0).sum(axis=1)
    names = np.array(REASON_NAMES, dtype=object)
    joined = np.full(len(latest), "", dtype=object)
    for k in range(len(REASON_NAMES)):
        longer = np.flatnonzero(many > k)
        joined[longer] = joined[longer] + ("," if k else "") + names[order[longer, k]]
    part = np.minimum(many / REASONS_FULL, 1.0)
    return pd.DataFrame({"part_reasons": part, "reasons": joined}, index=latest.index)


def contract_end(ends: Values, today: pd.Timestamp) -> Values:
    """Return how near the end of the contract is: 1 today, 0 in 60 days and once it has passed."""
    days = (pd.to_datetime(ends, errors="coerce") - today).dt.days
    return (1 - days / CONTRACT_DAYS).where(days.between(0, CONTRACT_DAYS), 0.0)


def silence(contacts: pd.DataFrame, as_of: pd.Timestamp) -> Values:
    """Return 1 for customers in regular contact who stopped.

    Regular is four or more inbound contacts ever; stopped is no contact for over three of their
    median gaps, where a gap counts as a day at least: four calls in an hour are no rhythm.
    """
    calls = inbound(contacts)
    calls = calls[calls["contacted_at"] <= as_of].sort_values("contacted_at")
    moment = pd.Series(microseconds(calls["contacted_at"]), index=calls.index)
    by_customer = moment.groupby(calls["customer_id"])
    gap = by_customer.diff().groupby(calls["customer_id"]).median().clip(lower=DAY_US)
    silent = microsecond(as_of) - by_customer.last()
    regular = by_customer.size() >= REGULAR_CONTACTS
    return (regular & (silent > SILENT_GAPS * gap)).astype(float)
