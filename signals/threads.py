"""Contacts -> issue threads: the contacts of one customer about one matter.

A contact joins the thread of its customer (of its customer and queue; of its customer and matter)
whose latest contact is at most W days before it, else it opens a new one. Days are of 24 hours, so
a clock change moves no contact; exactly W days to the microsecond still joins.

Whether two contacts are about the same matter is a trained decision over pairs, made elsewhere
(`nlp.matters`). Threads follow from the contacts in order of time alone, whatever order they
arrived in.
"""

from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter

import numpy as np
import pandas as pd

from labels.frames import Threads
from signals.slices import Ints, inbound, microseconds

DAY_US = 86_400_000_000
TEXT = "text"
CANDIDATES = 8  # of a customer's contacts before one, the newest, are compared with it
SAME_ISSUE: dict[str, tuple[str, ...]] = {
    "any": ("customer_id",),
    "queue": ("customer_id", "queue"),
}


@dataclass(frozen=True)
class JudgedPairs:
    """The trained decision: a Pairs frame, and the probability from which a pair is the same."""

    pairs: pd.DataFrame
    threshold: float


def threads(
    contacts: pd.DataFrame, window_days: int, definition: str, matter: JudgedPairs | None = None
) -> pd.DataFrame:
    """Return the Threads frame of one definition, in order of time, then of contact id.

    Only inbound contacts of a known customer that are no surveys stand in it. A missing queue is
    a queue of its own. `thread_id` is the definition and the id of the thread's first contact, so
    later contacts never rename a thread. The order of the rows given does not matter.

    Raises:
        ValueError: as `threads_among` does.
    """
    return threads_among(counted_contacts(contacts), window_days, definition, matter)


def threads_among(
    counted: pd.DataFrame, window_days: int, definition: str, matter: JudgedPairs | None = None
) -> pd.DataFrame:
    """Return what `threads` does, of contacts that `counted_contacts` returned.

    Raises:
        ValueError: for an unknown definition, `text` without the trained decision, or a window of
            less than one day.
    """
    if definition not in (*SAME_ISSUE, TEXT):
        raise ValueError(f"unknown thread definition {definition!r}; known: {[*SAME_ISSUE, TEXT]}")
    if window_days < 1:
        raise ValueError("the window is at least one day")
    if definition != TEXT:
        return number_threads(counted, _by_key(counted, window_days, definition), definition)
    if matter is None:
        raise ValueError("threads by text need the trained decision over pairs")
    return number_threads(counted, _by_matter(counted, window_days, matter), definition)


def counted_contacts(contacts: pd.DataFrame) -> pd.DataFrame:
    """Return the contacts that stand in threads, in order of time, then of contact id."""
    known = inbound(contacts)
    known = known[known["customer_id"].notna()]
    return known.sort_values(["contacted_at", "contact_id"], ignore_index=True)


def number_threads(counted: pd.DataFrame, numbers: Ints, definition: str) -> pd.DataFrame:
    """Return the Threads frame of contacts whose threads are known.

    `counted` is what `counted_contacts` returns; `numbers` (rows,) tells one thread from another
    and may be any integers: every definition of "the same issue" ends here.
    """
    if counted.empty:
        return Threads.empty()
    order = np.argsort(numbers, kind="stable")  # time order stays within a thread
    number = numbers[order]
    opens = np.concatenate(([True], number[1:] != number[:-1]))
    starts = np.flatnonzero(opens)
    first = starts[np.cumsum(opens) - 1]
    moments = microseconds(counted["contacted_at"])[order]
    gaps = np.diff(moments, prepend=moments[0]) / DAY_US
    ids = counted["contact_id"].to_numpy(dtype=object)[order]
    frame = pd.DataFrame(
        {
            "contact_id": ids,
            "definition": definition,
            "thread_id": f"{definition}:" + ids[first],
            "position": np.arange(len(ids)) - first + 1,
            "gap_days": np.where(opens, np.nan, gaps),
        },
        index=order,
    )
    return frame.sort_index().reset_index(drop=True)


def _by_key(counted: pd.DataFrame, window_days: int, definition: str) -> Ints:
    """Return a thread number for each contact: a key's contacts, cut at gaps over the window."""
    columns = list(SAME_ISSUE[definition])
    key = counted.groupby(columns, dropna=False, sort=False).ngroup().to_numpy()
    order = np.argsort(key, kind="stable")
    moments = microseconds(counted["contacted_at"])[order]
    new_key = np.diff(key[order], prepend=-1) != 0
    too_late = np.diff(moments, prepend=moments[:1]) > window_days * DAY_US
    numbers = np.empty(len(counted), dtype=np.int64)
    numbers[order] = np.cumsum(new_key | too_late)
    return numbers


def candidates(counted: pd.DataFrame, window_days: int) -> Ints:
    """Return the pairs that may be about the same matter, (M, 2) places, the earlier first.

    Each contact is paired with the `CANDIDATES` contacts of the customer before it, as far as no
    gap over W days lies between: what lies beyond one stands in no thread that is still open. A
    customer with thousands of contacts costs no more a contact than any other.

    Args:
        counted: what `counted_contacts` returns.
        window_days: W.
    """
    run = _by_key(counted, window_days, "any")
    order = np.argsort(run, kind="stable")
    found = [np.zeros((0, 2), dtype=np.int64)]
    for lag in range(1, min(CANDIDATES, len(order) - 1) + 1):
        pairs = np.stack([order[:-lag], order[lag:]], axis=1)
        found.append(pairs[run[pairs[:, 0]] == run[pairs[:, 1]]])
    pairs = np.concatenate(found)
    return pairs[np.lexsort((pairs[:, 0], pairs[:, 1]))]


def _by_matter(counted: pd.DataFrame, window_days: int, matter: JudgedPairs) -> Ints:
    """Return a thread number for each contact: each joins the likeliest thread that is open.

    A thread is as likely as its likeliest contact; of equals, the one with the later such contact.
    """
    moments = microseconds(counted["contacted_at"]).tolist()
    thread = list(range(len(counted)))  # named by the place of its first contact
    latest = dict(enumerate(moments))  # moment of each thread's latest contact
    likely = _likely_pairs(counted, window_days, matter)
    for later, group in groupby(likely.itertuples(index=False, name=None), key=itemgetter(0)):
        oldest = moments[later] - window_days * DAY_US
        open_ones = [(p, earlier) for _, earlier, p in group if latest[thread[earlier]] >= oldest]
        if open_ones:
            thread[later] = thread[max(open_ones)[1]]
            latest[thread[later]] = moments[later]
    return np.array(thread, dtype=np.int64)


def _likely_pairs(counted: pd.DataFrame, window_days: int, matter: JudgedPairs) -> pd.DataFrame:
    """Return `later`, `earlier` (places) and `p_same` of the candidates called the same."""
    places = pd.DataFrame(candidates(counted, window_days), columns=["earlier", "later"])
    ids = counted["contact_id"].to_numpy(dtype=object)
    named = places.assign(
        contact_id=ids[places["later"]].astype(object),
        earlier_id=ids[places["earlier"]].astype(object),
    )
    same = matter.pairs[matter.pairs["p_same"] >= matter.threshold]
    found = named.merge(same, on=["contact_id", "earlier_id"]).sort_values(["later", "earlier"])
    return found[["later", "earlier", "p_same"]]
