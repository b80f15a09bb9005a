"""Weekly shares of people's own reasons, against a slow twin."""

import numpy as np
import pandas as pd

from labels.frames import Calendar
from signals.intervals import wilson
from signals.own import own_shares
from tests.frames import contact_rows, contacts_of

CALENDAR = Calendar()


def given(contacts: pd.DataFrame, seed: int = 2) -> pd.DataFrame:
    """Return two reasons given at random; the second was asked of half of the notes only."""
    rng = np.random.default_rng(seed)
    rows = [
        {"contact_id": one, "reason_id": reason, "present": bool(rng.random() < 0.2)}
        for reason, asked in (("own-1", 1.0), ("own-2", 0.5))
        for one in contacts["contact_id"]
        if rng.random() < asked
    ]
    return pd.DataFrame(rows, columns=["contact_id", "reason_id", "present"])


def test_shares_are_those_of_a_slow_count() -> None:
    contacts = contacts_of(contact_rows(900))
    own = given(contacts)
    found = own_shares(contacts, own, CALENDAR)
    present = {(a, b): c for a, b, c in own.itertuples(index=False)}
    weeks = CALENDAR.week_of(contacts["contacted_at"])
    expected: dict[object, list[int]] = {}
    for row, week in zip(contacts.itertuples(), weeks, strict=True):
        if row.direction != "in" or row.channel == "survey":
            continue
        cuts = ["all", *([f"queue={row.queue}"] if row.queue is not None else [])]
        for reason in ("own-1", "own-2"):
            for cut in cuts if (row.contact_id, reason) in present else ():
                counts = expected.setdefault((week, cut, reason), [0, 0])
                counts[0] += 1
                counts[1] += present[row.contact_id, reason]
    asked = found[found["n"] > 0]  # a queue with contacts that were asked for nothing has n = 0
    assert len({cut for _week, cut, _reason in expected}) >= 3
    assert len(asked) == len(expected)
    for row in asked.itertuples():
        n, part = expected[row.week, row.slice, row.reason]
        low, high = wilson(part / n, n)
        assert (row.metric, row.n) == ("own_share", n)
        assert (row.value, row.low, row.high) == (
            round(part / n, 6),
            round(float(low), 6),
            round(float(high), 6),
        )


def test_without_own_reasons_there_are_no_figures() -> None:
    contacts = contacts_of(contact_rows(20))
    assert own_shares(contacts, given(contacts).iloc[:0], CALENDAR).empty
    assert own_shares(contacts.iloc[:0], given(contacts), CALENDAR).empty
