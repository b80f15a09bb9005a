"""Themes through the store: the same again, in any order, anew with another model."""

from collections.abc import Callable

import pandas as pd
import pytest
from sqlalchemy import Connection

from flows.theming import themes_of
from labels.frames import Calendar, KnownThemes, Signals, ThemeNotes
from nlp.modelfolder import ModelFolder
from nlp.words import Lexicon, hebrew_words, stop_words
from store.contacts import read_contacts
from store.figures import calendar_of
from store.predictions import read_predictions
from store.session import open_store, transaction
from store.signals import read_signals
from store.themes import read_theme_notes, read_themes
from tests.flows.conftest import SampleRun

Frames = tuple[pd.DataFrame, pd.DataFrame]


@pytest.fixture
def frames(sample: SampleRun) -> Frames:
    with transaction(sample.engine) as connection:
        return read_contacts(connection), read_predictions(connection, model_of(sample))


def model_of(sample: SampleRun) -> str:
    return ModelFolder(sample.settings.model_dir).fingerprint()


def stored(connection: Connection, model_id: str) -> Frames:
    return read_themes(connection, model_id), read_theme_notes(connection)


def test_the_sample_has_themes_that_hebrew_words_name(sample: SampleRun, frames: Frames) -> None:
    """Each has two bare words or more, none a stop word, and at least five notes."""
    with transaction(sample.engine) as connection:
        themes, notes = stored(connection, model_of(sample))
    assert len(KnownThemes.validate(themes)) >= 3
    assert notes["theme_id"].isin(themes["theme_id"]).all()
    assert ThemeNotes.validate(notes).groupby("theme_id").size().min() >= 5
    lexicon = Lexicon(hebrew_words(text) for text in frames[0]["text"])
    for terms in themes["terms"]:
        words = terms.split(" · ")
        assert len(words) >= 2
        assert not set(words) & stop_words()
        assert [lexicon.bare(word) for word in words] == words


def test_counts_are_of_the_stored_notes(sample: SampleRun) -> None:
    """The figures of all weeks add up to the notes that have a theme."""
    with transaction(sample.engine) as connection:
        signals = Signals.validate(read_signals(connection))
        notes = read_theme_notes(connection)
    counts = signals[signals["metric"] == "theme_count"].groupby("slice")["value"].sum()
    assert counts.to_dict() == {
        f"theme={name}": count for name, count in notes.groupby("theme_id").size().items()
    }


ORDERS: dict[str, Callable[[pd.DataFrame], pd.DataFrame]] = {
    "as stored": lambda frame: frame,
    "shuffled": lambda frame: frame.sample(frac=1, random_state=3),
}


@pytest.mark.parametrize("order", ORDERS)
def test_a_new_store_finds_the_same(
    sample: SampleRun, frames: Frames, order: str, tmp_path: object
) -> None:
    """Neither the order of rows nor a second run changes a theme or a figure."""
    model_id = model_of(sample)
    engine = open_store(f"sqlite:///{tmp_path}/new.db")
    contacts, predictions = (ORDERS[order](frame) for frame in frames)
    calendar = calendar_of(sample.settings)
    with transaction(sample.engine) as connection:
        expected = stored(connection, model_id)
        signals = read_signals(connection)
    themed = signals[signals["metric"].str.startswith("theme_")].reset_index(drop=True)
    with transaction(engine) as connection:
        for _ in range(2):
            found = themes_of(connection, model_id, contacts, predictions, calendar, None)
            pd.testing.assert_frame_equal(found, themed)
            for one, other in zip(stored(connection, model_id), expected, strict=True):
                pd.testing.assert_frame_equal(one, other)
    engine.dispose()


def test_weeks_one_by_one_give_what_all_at_once_give(
    sample: SampleRun, frames: Frames, tmp_path: object
) -> None:
    """A theme of September has its number and name in November."""
    model_id, calendar = model_of(sample), Calendar()
    contacts, predictions = frames
    weeks = calendar.week_of(contacts["contacted_at"])
    engine = open_store(f"sqlite:///{tmp_path}/weekly.db")
    with transaction(engine) as connection:
        for week in sorted(set(weeks)):
            part = contacts[weeks <= week]
            themes_of(connection, model_id, part, predictions, calendar, None)
        found = stored(connection, model_id)
    with transaction(sample.engine) as connection:
        for one, other in zip(found, stored(connection, model_id), strict=True):
            pd.testing.assert_frame_equal(one, other)
    engine.dispose()


def test_weeks_in_any_order_are_searched_and_change_nothing_known(
    sample: SampleRun, frames: Frames, tmp_path: object
) -> None:
    """The newest first: themes and their notes stay, and an older week has themes of its own."""
    model_id, calendar = model_of(sample), Calendar()
    contacts, predictions = frames
    weeks = calendar.week_of(contacts["contacted_at"])
    numbers = []
    engine = open_store(f"sqlite:///{tmp_path}/late.db")
    with transaction(engine) as connection:
        known = stored(connection, model_id)
        for week in sorted(set(weeks), reverse=True):
            part = contacts[weeks >= week]
            signals = themes_of(connection, model_id, part, predictions, calendar, None)
            themes, notes = stored(connection, model_id)
            pd.testing.assert_frame_equal(themes.head(len(known[0])), known[0], check_dtype=False)
            kept = notes[notes["contact_id"].isin(known[1]["contact_id"])].reset_index(drop=True)
            pd.testing.assert_frame_equal(kept, known[1], check_dtype=False)
            known = themes, notes
            numbers.append(len(themes))
        again = themes_of(connection, model_id, contacts, predictions, calendar, None)
        pd.testing.assert_frame_equal(again, signals)
        for one, other in zip(stored(connection, model_id), known, strict=True):
            pd.testing.assert_frame_equal(one, other)
    engine.dispose()
    first = next(filter(None, numbers))
    newer, older = themes["first_week"].iloc[:first], themes["first_week"].iloc[first:]
    assert older.min() < newer.max()


def test_a_look_at_the_past_sees_only_weeks_that_had_ended(
    sample: SampleRun, frames: Frames, tmp_path: object
) -> None:
    """In mid-week it shows what a new store shows then, and what is found later is the same."""
    model_id, calendar = model_of(sample), Calendar()
    contacts, predictions = frames
    until = pd.Timestamp("2026-10-21 12:00", tz="UTC")
    engine = open_store(f"sqlite:///{tmp_path}/past.db")
    with transaction(engine) as connection:
        first = themes_of(connection, model_id, contacts, predictions, calendar, until)
        themes_of(connection, model_id, contacts, predictions, calendar, None)
        found = stored(connection, model_id)
        again = themes_of(connection, model_id, contacts, predictions, calendar, until)
    engine.dispose()
    assert first["slice"].str.startswith("theme=").any()
    pd.testing.assert_frame_equal(first, again)
    with transaction(sample.engine) as connection:
        for one, other in zip(found, stored(connection, model_id), strict=True):
            pd.testing.assert_frame_equal(one, other)


def test_another_model_begins_anew(sample: SampleRun, frames: Frames, tmp_path: object) -> None:
    """Themes of the old one are gone, and its last search holds the new one up in nothing."""
    contacts, predictions = frames
    engine = open_store(f"sqlite:///{tmp_path}/other.db")
    with transaction(engine) as connection:
        themes_of(connection, "old", contacts, predictions, Calendar(), None)
        old = read_themes(connection, "old")
        themes_of(connection, "new", contacts, predictions, Calendar(), None)
        assert read_themes(connection, "old").empty
        new = read_themes(connection, "new")
    engine.dispose()
    columns = ["theme_id", "terms", "centre"]
    pd.testing.assert_frame_equal(old[columns], new[columns])


def test_no_contacts_give_no_themes(frames: Frames, tmp_path: object) -> None:
    """An empty store, and one whose notes are not classified yet."""
    contacts, predictions = frames
    engine = open_store(f"sqlite:///{tmp_path}/empty.db")
    with transaction(engine) as connection:
        for some, labels in (
            (contacts.iloc[:0], predictions.iloc[:0]),
            (contacts, predictions.iloc[:0]),
        ):
            found = themes_of(connection, "m", some, labels, Calendar(), None)
            assert found["value"].sum() == 0
            assert read_themes(connection, "m").empty
    engine.dispose()
