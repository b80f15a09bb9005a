"""Threads: who joins whom, to the second, whatever the order of the rows."""

from zlib import crc32

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from labels.frames import Pairs, Threads
from signals.threads import CANDIDATES, JudgedPairs, candidates, counted_contacts, threads
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


def p_same(later: str, earlier: str) -> float:
    """Return a probability in tenths, so that ties are frequent."""
    return crc32(f"{later} {earlier}".encode()) % 10 / 10


def matter(contacts: pd.DataFrame, window_days: int, threshold: float = 0.4) -> JudgedPairs:
    """Return the decision over every pair that may be asked for."""
    counted = counted_contacts(contacts)
    ids = counted["contact_id"].tolist()
    rows = [
        (ids[later], ids[earlier], p_same(ids[later], ids[earlier]))
        for earlier, later in candidates(counted, window_days)
    ]
    return JudgedPairs(pd.DataFrame(rows, columns=list(Pairs.to_schema().columns)), threshold)


@builders.MANY
@given(contacts=builders.contact_frames(), window_days=st.sampled_from([1, 7]))
def test_threads_by_matter_equal_their_twin(contacts: pd.DataFrame, window_days: int) -> None:
    """Each contact stands in the likeliest open thread, also where several are as likely."""
    found = Threads.validate(threads(contacts, window_days, "text", matter(contacts, window_days)))
    slow = [
        (contact["contact_id"], f"text:{thread[0]['contact_id']}", i + 1)
        for thread in twins.text_threads(contacts, window_days, p_same, 0.4)
        for i, contact in enumerate(thread)
    ]
    columns = found[["contact_id", "thread_id", "position"]]
    assert sorted(columns.itertuples(index=False, name=None)) == sorted(slow)


@builders.MANY
@given(contacts=builders.contact_frames(), seed=st.integers(0, 99), part=st.floats(0, 1))
def test_late_rows_give_the_threads_of_one_sorted_load(
    contacts: pd.DataFrame, seed: int, part: float
) -> None:
    """In any order, and what was known earlier stays as it was."""
    shuffled = contacts.sample(frac=1, random_state=seed)
    whole = threads(shuffled, 7, "text", matter(shuffled, 7))
    ordered = contacts.sort_values(["contacted_at", "contact_id"])
    pd.testing.assert_frame_equal(whole, threads(ordered, 7, "text", matter(ordered, 7)))
    head = ordered.head(int(part * len(ordered)))
    early = threads(head, 7, "text", matter(head, 7))
    pd.testing.assert_frame_equal(early, whole.head(len(early)))


def test_two_matters_run_beside_each_other() -> None:
    """A contact in between about something else parts no thread, and a pair unknown joins none."""
    rows = [{"contacted_at": f"2026-10-01 {hour:02}:00"} for hour in (9, 10, 11, 12)]
    pairs = pd.DataFrame(
        [("k002", "k000", 0.9), ("k002", "k001", 0.5), ("k003", "k001", 0.2)],
        columns=list(Pairs.to_schema().columns),
    )
    found = threads(builders.contact_frame(rows), 7, "text", JudgedPairs(pairs, 0.4))
    assert found["thread_id"].str[-1].tolist() == ["0", "1", "0", "3"]


def test_a_customer_of_thousands_of_contacts_costs_no_more_a_contact() -> None:
    """Each is compared with a few before it, and with none beyond a gap."""
    rows = [
        {"contacted_at": f"2026-10-{1 + i % 28:02} {i % 24:02}:{i % 60:02}"} for i in range(300)
    ]
    counted = counted_contacts(builders.contact_frame(rows))
    assert len(candidates(counted, 7)) == CANDIDATES * 300 - sum(range(CANDIDATES + 1))
    assert len(candidates(counted.iloc[:0], 7)) == 0
    assert len(candidates(counted.iloc[:1], 7)) == 0


def test_refuses_what_it_does_not_know() -> None:
    """A wrong definition or window is a caller's bug, not an empty result."""
    with pytest.raises(ValueError, match="definition"):
        threads(builders.contact_frame([]), 7, "topic")
    with pytest.raises(ValueError, match="decision"):
        threads(builders.contact_frame([]), 7, "text")
    with pytest.raises(ValueError, match="window"):
        threads(builders.contact_frame([]), 0, "any")
