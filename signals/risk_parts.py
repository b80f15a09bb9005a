"""The parts of the at-risk score at any moment, each from 0 to 1.

What is known of the customers is put in order once, as a `History`; the parts of a moment follow
from what lies before it, so the past is judged by what could be known then. Threads may be those
of all contacts: a contact joins a thread by what came before it alone, so the threads of the
contacts up to a moment are these threads up to that moment.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from signals.intervals import Floats
from signals.journeys import ORDEAL
from signals.shares import REASON_NAMES, labelled
from signals.slices import Ints, microsecond, microseconds
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
Values = pd.Series  # by the customers' places


@dataclass(frozen=True)
class History:
    """What customers said and did, in order of time.

    `ids` are the customers; the frames have their place there as `customer`, and `moment` in
    microseconds. `notes` are inbound contacts and survey answers with their labels, `call` (no
    survey), `strength` (of the churn intent), `said_leaving` (the probability that the note speaks
    of leaving), `reasoned` (carries a reason) and `detractor`. `calls` are the contacts among them,
    with `gap`, the microseconds since the customer's one before. `steps` are the contacts in
    threads, thread by thread, with `thread`, `position` and `resolved`.
    """

    ids: pd.Index
    notes: pd.DataFrame
    calls: pd.DataFrame
    steps: pd.DataFrame
    window_days: int

    def recent(self, as_of: pd.Timestamp) -> pd.DataFrame:
        """Return the notes of the 60 days before a moment, with `age_days`."""
        now, moment = microsecond(as_of), self.notes["moment"].to_numpy()
        start, end = np.searchsorted(moment, [now - LOOKBACK_DAYS * DAY_US, now], side="right")
        notes = self.notes.iloc[start:end]
        return notes.assign(age_days=(now - notes["moment"]) / DAY_US)


def history(
    contacts: pd.DataFrame,
    predictions: pd.DataFrame,
    threads: pd.DataFrame,
    *,
    window_days: int = 7,
) -> History:
    """Return the history of the customers that the contacts name; the rows' order does not matter.

    Raises:
        ValueError: when `threads` holds more than one definition.
    """
    if len(threads["definition"].unique()) > 1:
        raise ValueError("give the threads of one definition")
    survey = contacts["channel"] == "survey"
    known = contacts["customer_id"].notna() & (survey | (contacts["direction"] == "in"))
    moment = microseconds(contacts["contacted_at"])
    order = np.argsort(moment, kind="stable")
    order = order[known.to_numpy()[order]]
    columns = ["contact_id", "customer_id", "contacted_at", "channel", "nps"]
    notes = labelled(contacts[columns].iloc[order], predictions).reset_index(drop=True)
    codes, ids = pd.factorize(notes["customer_id"], sort=True)
    hinted = np.where(notes["signal"], STRENGTH["signal"], STRENGTH["none"])
    notes = notes.assign(
        customer=codes.astype(np.int64),
        moment=moment[order],
        call=notes["channel"] != "survey",
        strength=np.where(notes["explicit"], STRENGTH["explicit"], hinted),
        said_leaving=_said_leaving(notes, predictions),
        reasoned=notes[list(REASON_NAMES)].any(axis=1),
        detractor=(notes["nps"] <= DETRACTOR).astype(float),
    )
    calls = notes.loc[notes["call"], ["customer", "moment"]]
    calls = calls.assign(gap=calls.groupby("customer")["moment"].diff())
    return History(pd.Index(ids), notes, calls, _steps(notes, threads), window_days)


def _said_leaving(notes: pd.DataFrame, predictions: pd.DataFrame) -> Floats:
    said = (
        predictions[["p_churn_signal", "p_churn_explicit"]].to_numpy(dtype=np.float64).sum(axis=1)
    )
    place = pd.Index(predictions["contact_id"]).get_indexer(notes["contact_id"])
    found: Floats = np.append(np.minimum(said, 1.0), 0.0)[place]  # -1, the 0 put last, for none
    return found


def _steps(notes: pd.DataFrame, threads: pd.DataFrame) -> pd.DataFrame:
    place = pd.Index(notes["contact_id"]).get_indexer(threads["contact_id"])
    thread, _ = pd.factorize(threads["thread_id"])
    position = threads["position"].to_numpy()
    order = np.lexsort((position, thread))
    order = order[place[order] >= 0]
    steps: pd.DataFrame = notes[["customer", "moment", "resolved"]].iloc[place[order]]
    return steps.assign(thread=thread[order], position=position[order]).reset_index(drop=True)


def parts_at(past: History, as_of: pd.Timestamp) -> pd.DataFrame:
    """Return the parts of each customer with a note in the 60 days before, by place.

    Columns: `part_churn_intent` (explicit 1, signal 0.5, halved every 14 days; the greatest),
    `part_open_threads` (contacts in threads whose last contact is at most the window ago and not
    resolved by its note; 4 are 1), `part_ordeals` (2 are 1), `part_reasons` (different ones; 3 are
    1), `part_detractor` and `part_silence`.
    """
    notes, ends = past.recent(as_of), thread_ends(past, as_of)
    by_customer = notes.groupby("customer")
    decayed = notes["strength"] * 0.5 ** (notes["age_days"] / HALF_LIFE_DAYS)
    different = by_customer[list(REASON_NAMES)].max().sum(axis=1)
    table = pd.DataFrame(
        {
            "part_churn_intent": decayed.groupby(notes["customer"]).max(),
            "part_reasons": (different / REASONS_FULL).clip(upper=1.0),
            "part_detractor": by_customer["detractor"].max(),
        }
    )
    among = {
        "part_open_threads": open_threads(ends, as_of, past.window_days),
        "part_ordeals": ordeals(ends, as_of),
        "part_silence": silence(past, as_of, table.index.to_numpy(dtype=np.int64)),
    }
    for name, part in among.items():
        table[name] = part.reindex(table.index).fillna(0.0)
    return table.astype(np.float64)


def thread_ends(past: History, as_of: pd.Timestamp) -> pd.DataFrame:
    """Return one row a thread: `customer`, `size`, and its last contact's moment and `resolved`."""
    steps = past.steps[past.steps["moment"] <= microsecond(as_of)]
    thread = steps["thread"].to_numpy()
    last = np.append(thread[1:] != thread[:-1], True)[: len(thread)]
    return steps.loc[last, ["customer", "moment", "resolved"]].assign(
        size=steps.loc[last, "position"]
    )


def open_threads(ends: pd.DataFrame, as_of: pd.Timestamp, window_days: int) -> Values:
    """Return the contacts in threads that may go on and whose last note says no `resolved`."""
    recent = ends["moment"] >= microsecond(as_of) - window_days * DAY_US
    found = ends[recent & ~ends["resolved"].astype(bool)]
    return (found.groupby("customer")["size"].sum() / OPEN_CONTACTS_FULL).clip(upper=1.0)


def ordeals(ends: pd.DataFrame, as_of: pd.Timestamp) -> Values:
    """Return the threads of three or more contacts that ended in the last 60 days."""
    recent = ends["moment"] > microsecond(as_of) - LOOKBACK_DAYS * DAY_US
    found = ends[recent & (ends["size"] >= ORDEAL)]
    return (found.groupby("customer").size() / ORDEALS_FULL).clip(upper=1.0)


def silence(past: History, as_of: pd.Timestamp, among: Ints) -> Values:
    """Return 1 for those `among` the customers who were in regular contact and stopped.

    Regular is four or more inbound contacts ever; stopped is no contact for over three of their
    median gaps, where a gap counts as a day at least: four calls in an hour are no rhythm.
    """
    moment, now = past.calls["moment"].to_numpy(), microsecond(as_of)
    calls = past.calls.iloc[: np.searchsorted(moment, now, side="right")]
    asked = np.zeros(len(past.ids), dtype=bool)
    asked[among] = True
    by_customer = calls[asked[calls["customer"].to_numpy()]].groupby("customer")
    gap = by_customer["gap"].median().clip(lower=DAY_US)
    silent = now - by_customer["moment"].last()
    regular = by_customer.size() >= REGULAR_CONTACTS
    stopped: Values = regular & (silent > SILENT_GAPS * gap)
    return stopped.astype(float)


def reasons(notes: pd.DataFrame) -> "pd.Series[str]":
    """Return each customer's reasons, their names joined by commas, the most recent first."""
    moment = notes["moment"].to_numpy()
    latest = (
        pd.DataFrame({name: np.where(notes[name], moment, -1) for name in REASON_NAMES})
        .groupby(notes["customer"].to_numpy())
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
    return pd.Series(joined, index=latest.index, dtype=object)


def contract_end(ends: Values, today: pd.Timestamp) -> Values:
    """Return how near the end of the contract is: 1 today, 0 in 60 days and once it has passed."""
    days = (pd.to_datetime(ends, errors="coerce") - today).dt.days
    return (1 - days / CONTRACT_DAYS).where(days.between(0, CONTRACT_DAYS), 0.0)
