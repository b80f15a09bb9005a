"""Contacts -> issue threads: the contacts of one customer about one matter.

A contact joins the thread of its customer (or of its customer and queue) whose latest contact is
at most W days before it, else it opens a new one. Days are of 24 hours, so a clock change moves
no contact; exactly W days to the microsecond still joins.
"""

import numpy as np
import pandas as pd

from labels.frames import Threads
from signals.slices import Ints, inbound, microseconds

DAY_US = 86_400_000_000
SAME_ISSUE: dict[str, tuple[str, ...]] = {
    "any": ("customer_id",),
    "queue": ("customer_id", "queue"),
}


def threads(contacts: pd.DataFrame, window_days: int, definition: str) -> pd.DataFrame:
    """Return the Threads frame of one definition, in order of time, then of contact id.

    Only inbound contacts of a known customer that are no surveys stand in it. A missing queue is
    a queue of its own. `thread_id` is the definition and the id of the thread's first contact, so
    later contacts never rename a thread. The order of the rows given does not matter.

    Raises:
        ValueError: for an unknown definition, or a window of less than one day.
    """
    if definition not in SAME_ISSUE:
        raise ValueError(f"unknown thread definition {definition!r}; known: {list(SAME_ISSUE)}")
    if window_days < 1:
        raise ValueError("the window is at least one day")
    counted = counted_contacts(contacts)
    return number_threads(counted, _by_key(counted, window_days, definition), definition)


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
