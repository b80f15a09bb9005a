"""People's own reasons in a run: learnt, given to every note, counted, forgotten."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine

from flows import owning, steps
from flows.aggregating import aggregate
from keshev.settings import Settings
from labels.codebook import Reason
from labels.corpus import read_split
from store.contacts import save_contacts
from store.desk_session import desk_writing, open_desk_store
from store.ownpredictions import count_present, read_figures, read_own
from store.ownreasons import add_reason, remove_reason, save_check
from store.session import get_meta, open_store, transaction
from store.signals import read_signals
from tests.frames import contact_rows, contacts_of

AT = datetime(2026, 3, 1, tzinfo=UTC)
TRAIN = read_split("train")
EXAMPLES = [note.text for note in TRAIN if Reason.STAFF in note.reasons][::17][:20]
NOTES = [note for note in TRAIN if note.text not in EXAMPLES][::37][:90]


@dataclass(frozen=True)
class Run:
    """A store of 90 classified notes, and the desk's."""

    settings: Settings
    data: Engine
    desk: Engine


@pytest.fixture
def run(tmp_path: Path) -> Iterator[Run]:
    settings = Settings(home=tmp_path)
    data = open_store(settings.database_url)
    texts = [note.text for note in NOTES]
    rows = [{**row, "text": text} for row, text in zip(contact_rows(90), texts, strict=True)]
    with transaction(data) as connection:
        save_contacts(connection, contacts_of(rows), str)
    steps.classify(settings, data)
    desk = open_desk_store(settings.database_url)
    yield Run(settings, data, desk)
    data.dispose()
    desk.dispose()


def add(run: Run) -> str:
    with desk_writing(run.desk) as connection:
        return add_reason(
            connection,
            name="נציג שעזב",
            description="מי שטיפל בלקוח עזב",
            examples=EXAMPLES,
            user_name="dana",
            at=AT,
        )


def test_a_reason_is_used_from_the_next_run_on(run: Run) -> None:
    """Every note is asked once, and the week's share is a figure."""
    aggregate(run.settings, run.data)
    assert not owning.waits(run.settings, run.data)
    reason_id = add(run)
    assert owning.waits(run.settings, run.data)
    steps.classify(run.settings, run.data)
    assert not owning.waits(run.settings, run.data)
    with transaction(run.data) as connection:
        asked, given = count_present(connection, reason_id)
        (figures,) = read_figures(connection)
        own = read_own(connection)
    assert asked == len(own) == 90
    assert (figures.name, figures.examples, figures.others) == ("נציג שעזב", 20, 90)
    truly = sum(Reason.STAFF in note.reasons for note in NOTES)
    assert 0 < given < 3 * truly
    assert aggregate(run.settings, run.data).changed
    with transaction(run.data) as connection:
        signals = read_signals(connection)
    shares = signals[signals["metric"] == "own_share"]
    assert set(shares["reason"]) == {reason_id}
    assert shares["n"].sum() > 0
    assert owning.apply_own(run.settings, run.data) == 0
    assert not aggregate(run.settings, run.data).changed


def test_without_a_reason_the_figures_are_as_ever(run: Run) -> None:
    with transaction(run.data) as connection:
        before = get_meta(connection, "revision")
    assert owning.apply_own(run.settings, run.data) == 0
    with transaction(run.data) as connection:
        assert get_meta(connection, "revision") == before
    aggregate(run.settings, run.data)
    with transaction(run.data) as connection:
        assert "own_share" not in set(read_signals(connection)["metric"])


def test_a_new_note_is_asked_and_a_removed_reason_forgotten(run: Run) -> None:
    reason_id = add(run)
    steps.classify(run.settings, run.data)
    new = {**contact_rows(91)[90], "text": "עובר למתחרה, הציעו לו חצי מחיר"}
    with transaction(run.data) as connection:
        save_contacts(connection, contacts_of([new]), str)
    steps.classify(run.settings, run.data)
    with transaction(run.data) as connection:
        assert count_present(connection, reason_id)[0] == 91
    with desk_writing(run.desk) as connection:
        remove_reason(connection, reason_id)
    assert owning.waits(run.settings, run.data)
    steps.classify(run.settings, run.data)
    with transaction(run.data) as connection:
        assert not read_figures(connection)
        assert read_own(connection).empty


def test_what_people_confirmed_stands_beside_the_reason_from_the_next_run(run: Run) -> None:
    reason_id = add(run)
    steps.classify(run.settings, run.data)
    with transaction(run.data) as connection:
        (figures,) = read_figures(connection)
    for contact, present in (("a", True), ("b", False), ("c", True)):
        with desk_writing(run.desk) as connection:
            save_check(
                connection,
                reason_id=reason_id,
                contact_id=contact,
                text_digest="1",
                version=figures.version,
                user_name="dana",
                at=AT,
                present=present,
            )
    steps.classify(run.settings, run.data)
    with transaction(run.data) as connection:
        (after,) = read_figures(connection)
    assert (after.checked, after.confirmed) == (3, 2)
