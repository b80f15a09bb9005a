"""What a report is made of is read lean, and gives the very report of whole frames."""

from datetime import date

import pandas as pd
import pytest

from desk.gathering import gather, shown_week
from desk.presenters import present
from keshev.errors import StoreError
from keshev.settings import Settings
from labels.frames import Calendar
from store.contacts import newest_contact, read_contacts
from store.figures import calendar_of, is_newest, made_of
from store.session import get_meta, set_meta, touch, transaction
from store.signals import read_ordeals, read_threads, read_weeks
from tests.flows.conftest import SampleRun
from tests.flows.whole import whole


@pytest.mark.parametrize("definition", ["text", "any"])
def test_a_week_read_lean_is_told_as_from_whole_frames(sample: SampleRun, definition: str) -> None:
    """Page and workbook are made of what `present` returns: it is equal for every week."""
    settings = Settings(home=sample.settings.home, database_url="", thread_definition=definition)
    with transaction(sample.engine) as connection:
        weeks = read_weeks(connection)
    told = 0
    for week in weeks:
        lean = gather(settings, sample.engine, week)
        with transaction(sample.engine) as connection:
            every = whole(settings, connection, lean)
        assert len(lean.contacts) < len(every.contacts)
        assert len(lean.threads) < len(every.threads)
        report = present(lean)
        told += len(report.ordeals)
        assert repr(report) == repr(present(every)), week
    assert told > 10


def test_the_weeks_are_those_of_the_contacts(sample: SampleRun) -> None:
    """The figures name every week that has a contact, of whatever kind."""
    with transaction(sample.engine) as connection:
        contacts = read_contacts(connection)
        weeks = sorted(set(calendar_of(sample.settings).week_of(contacts["contacted_at"])))
        assert read_weeks(connection) == weeks
        assert newest_contact(connection) == contacts["contacted_at"].max()


def test_an_ordeal_is_read_whole(sample: SampleRun) -> None:
    """Threads that reach their third contact in a week come with the contacts of other weeks."""
    calendar = calendar_of(sample.settings)
    with transaction(sample.engine) as connection:
        contacts = read_contacts(connection).set_index("contact_id")["contacted_at"]
        threads = read_threads(connection, "text")
        for week in read_weeks(connection):
            begin, end = calendar.bounds(week)
            when = threads["contact_id"].map(contacts)
            reached = (threads["position"] >= 3) & (when >= begin) & (when < end)
            wanted = threads[threads["thread_id"].isin(threads["thread_id"][reached])]
            found = read_ordeals(connection, "text", begin, end)
            pd.testing.assert_frame_equal(found, wanted.reset_index(drop=True))


def test_the_desk_shows_stored_figures_while_newer_data_waits(sample: SampleRun) -> None:
    """A run that writes changes the revision first; the figures stay as they were told."""
    before = repr(present(gather(sample.settings, sample.engine)))
    with transaction(sample.engine) as connection:
        assert is_newest(connection)
        revision = get_meta(connection, "revision") or "0"
        touch(connection)
    try:
        with transaction(sample.engine) as connection:
            assert not is_newest(connection)
        assert repr(present(gather(sample.settings, sample.engine))) == before
    finally:
        with transaction(sample.engine) as connection:
            set_meta(connection, "revision", revision)
            made = made_of(connection)
    assert made is not None
    assert made.until == gather(sample.settings, sample.engine).as_of


def test_a_store_without_figures_says_what_to_run(sample: SampleRun, sqlite_url: str) -> None:
    """The page of the week shows these words, with the command."""
    from store.session import open_store

    engine = open_store(sqlite_url)
    settings = Settings(home=sample.settings.home, database_url=sqlite_url)
    with pytest.raises(StoreError, match="keshev ingest"):
        gather(settings, engine)
    engine.dispose()


def test_the_newest_week_that_ended_is_shown() -> None:
    """A week that has only begun is shown when there is no other, or when asked for."""
    weeks = [date(2026, 11, 1), date(2026, 11, 8)]
    calendar = Calendar()
    now = calendar.bounds(weeks[1])[0].to_pydatetime()
    assert shown_week(weeks, calendar, None, now) == weeks[0]
    assert shown_week(weeks[1:], calendar, None, now) == weeks[1]
    assert shown_week(weeks, calendar, date(2026, 11, 12), now) == weeks[1]
    with pytest.raises(StoreError, match="2026-11-01, 2026-11-08"):
        shown_week(weeks, calendar, date(2026, 12, 1), now)
    with pytest.raises(StoreError, match="as-of"):
        shown_week([], calendar, None, now)
