"""What its thread says of each inbound contact, and the threads that became ordeals."""

import numpy as np
import pandas as pd

from signals.slices import Ints, microseconds

ORDEAL = 3  # contacts from which a thread is an ordeal
NO_CONTACT = -1
COLUMNS = ("moment", "customer", "position", "size", "wait", "last", "switched")


def places_in_threads(calls: pd.DataFrame, threads: pd.DataFrame) -> pd.DataFrame:
    """Return a row for each of the contacts, in their order, about its thread of one definition.

    Columns: `moment` (microseconds), `customer` (a code), `position` (from 1; 0 without a thread),
    `size` (contacts of its thread), `wait` (microseconds to the thread's next contact, -1 for
    none), `last` (moment of the thread's last contact) and `switched` (it came through another
    channel than the contact before it in the thread).
    """
    if calls.empty:
        return pd.DataFrame({name: np.zeros(0, dtype=np.int64) for name in COLUMNS})
    place = pd.Index(threads["contact_id"]).get_indexer(calls["contact_id"])
    known = place >= 0
    code = np.full(len(calls), -1, dtype=np.int64)
    position = np.zeros(len(calls), dtype=np.int64)
    code[known] = pd.factorize(threads["thread_id"])[0][place[known]]
    position[known] = threads["position"].to_numpy()[place[known]]
    order = np.lexsort((position, code))
    moment = microseconds(calls["contacted_at"])
    channel = pd.factorize(calls["channel"])[0]
    found = _neighbours(code[order], moment[order], channel[order])
    unordered = np.argsort(order)
    columns = {name: values[unordered] for name, values in found.items()}
    customer = pd.factorize(calls["customer_id"])[0]
    return pd.DataFrame({"moment": moment, "customer": customer, "position": position, **columns})


def _neighbours(code: Ints, moment: Ints, channel: Ints) -> dict[str, Ints]:
    """Return size, wait, last and switched of contacts that stand thread by thread."""
    follows = np.diff(code, prepend=-1) == 0
    follows[code < 0] = False  # each contact without a thread stands alone
    starts = np.flatnonzero(~follows)
    run = np.cumsum(~follows) - 1
    sizes = np.diff(np.append(starts, len(code)))
    second = np.flatnonzero(follows)
    wait = np.full(len(code), NO_CONTACT, dtype=np.int64)
    wait[second - 1] = moment[second] - moment[second - 1]
    switched = np.zeros(len(code), dtype=np.int64)
    switched[second] = channel[second] != channel[second - 1]
    last = moment[starts + sizes - 1]
    return {
        "size": np.where(code < 0, 0, sizes[run]),
        "wait": wait,
        "last": last[run],
        "switched": switched,
    }


def ordeals(contacts: pd.DataFrame, threads: pd.DataFrame) -> pd.DataFrame:
    """Return the threads of three or more contacts, those of most contacts first.

    Columns: thread_id, customer_id, n, first, last (UTC), and `queues` and `channels`, the
    journey in order of time, joined by commas; a contact without a queue adds none.
    """
    long = threads["thread_id"].map(threads["thread_id"].value_counts()) >= ORDEAL
    table = threads[long].merge(contacts, on="contact_id").sort_values(["thread_id", "position"])
    table["queue"] = table["queue"].map(str, na_action="ignore")
    found = table.groupby("thread_id", as_index=False).agg(
        customer_id=("customer_id", "first"),
        n=("contact_id", "size"),
        first=("contacted_at", "min"),
        last=("contacted_at", "max"),
        queues=("queue", lambda names: ",".join(names.dropna())),
        channels=("channel", ",".join),
    )
    return found.sort_values(["n", "thread_id"], ascending=[False, True], ignore_index=True)
