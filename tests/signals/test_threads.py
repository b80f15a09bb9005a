"""Threads: who joins whom, to the second, whatever the order of the rows."""

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from labels.frames import Threads
from signals.threads import threads
from tests.signals import builders, twins

DEFINITIONS = ["any", "queue"]


def joined(seconds: int, window_days: int = 7) -> bool:
    start = pd.Timestamp("2026-10-22 12:00", tz="UTC")
    rows = [{"contacted_at": start}, {"contacted_at": start + pd.Timedelta(seconds=seconds)}]
    found = threads(builders.contact_frame(rows), window_days, "any")
    return found["position"].tolist() == [1, 2]


def test_exactly_w_days_joins_and_one_second_more_does_not() -> None:
    """The window's edge, over the day the clocks of Israel go back."""
    assert joined(7 * 86_400)
    assert not joined(7 * 86_400 + 1)
    assert joined(86_400, window_days=1)
    assert not joined(86_401, window_days=1)


def test_a_chain_may_be_longer_than_the_window() -> None:
    """The gap to the latest contact counts, not the age of the thread."""
    rows = [{"contacted_at": f"2026-10-{day:02} 09:00"} for day in (1, 7, 13, 19)]
    found = threads(builders.contact_frame(rows), 7, "queue")
    assert found["thread_id"].tolist() == ["queue:k000"] * 4
    assert found["position"].tolist() == [1, 2, 3, 4]
    assert found["gap_days"].fillna(-1).tolist() == [-1, 6, 6, 6]


def test_queue_parts_what_any_joins_and_no_queue_is_a_queue() -> None:
    """A missing queue neither vanishes nor joins another one."""
    rows = [
        {"contacted_at": f"2026-10-01 {hour:02}:00", "queue": queue}
        for hour, queue in enumerate(["חיוב", None, "תמיכה", None, "חיוב"])
    ]
    contacts = builders.contact_frame(rows)
    assert set(threads(contacts, 7, "any")["thread_id"]) == {"any:k000"}
    by_queue = threads(contacts, 7, "queue")
    assert by_queue["thread_id"].str[-1].tolist() == ["0", "1", "2", "1", "0"]


def test_surveys_outbound_calls_and_strangers_are_in_no_thread() -> None:
    """What is no contact of the customer's making opens and prolongs nothing."""
    rows = [
        {"contacted_at": "2026-10-01 09:00", "direction": "out"},
        {"contacted_at": "2026-10-02 09:00", "channel": "survey"},
        {"contacted_at": "2026-10-03 09:00", "customer_id": None},
        {"contacted_at": "2026-10-04 09:00"},
    ]
    assert threads(builders.contact_frame(rows), 7, "any")["contact_id"].tolist() == ["k003"]


@pytest.mark.parametrize("definition", DEFINITIONS)
@builders.MANY
@given(contacts=builders.contact_frames(), window_days=st.sampled_from([1, 7]))
def test_threads_equal_their_twin(
    definition: str, contacts: pd.DataFrame, window_days: int
) -> None:
    """The vectorised threads are those of a loop over contacts and open threads."""
    found = Threads.validate(threads(contacts, window_days, definition))
    slow = [
        (contact["contact_id"], f"{definition}:{thread[0]['contact_id']}", i + 1)
        for thread in twins.threads(contacts, window_days, definition)
        for i, contact in enumerate(thread)
    ]
    columns = found[["contact_id", "thread_id", "position"]]
    assert sorted(columns.itertuples(index=False, name=None)) == sorted(slow)


@builders.MANY
@given(contacts=builders.contact_frames(), seed=st.integers(0, 99))
def test_row_order_changes_nothing(contacts: pd.DataFrame, seed: int) -> None:
    """The same contacts in another order give the same frame, byte for byte."""
    shuffled = contacts.sample(frac=1, random_state=seed)
    pd.testing.assert_frame_equal(threads(contacts, 7, "queue"), threads(shuffled, 7, "queue"))


@builders.MANY
@given(contacts=builders.contact_frames(), part=st.floats(0, 1))
def test_later_contacts_never_change_earlier_threads(contacts: pd.DataFrame, part: float) -> None:
    """A thread's name and places stay when more contacts arrive."""
    ordered = contacts.sort_values(["contacted_at", "contact_id"])
    early = threads(ordered.head(int(part * len(ordered))), 7, "any")
    pd.testing.assert_frame_equal(early, threads(ordered, 7, "any").head(len(early)))


def test_refuses_what_it_does_not_know() -> None:
    """A wrong definition or window is a caller's bug, not an empty result."""
    with pytest.raises(ValueError, match="definition"):
        threads(builders.contact_frame([]), 7, "topic")
    with pytest.raises(ValueError, match="window"):
        threads(builders.contact_frame([]), 0, "any")
