"""A file read again: mended profiles, corrected exports, the original put back."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from pydantic import SecretStr
from sqlalchemy import Engine, select

from flows import steps
from flows.steps import Ingested
from keshev.errors import StoreError
from keshev.settings import Settings
from store import tables
from store.contacts import read_contacts, read_files, read_quarantine
from store.predictions import pending, read_predictions, save_predictions
from store.profiles import profile_of
from store.session import open_store, transaction
from tests.frames import predictions_of

HEADERS = {
    "contact_id": "מס פנייה",
    "customer_id": "מס לקוח",
    "contacted_at": "תאריך",
    "channel": "ערוץ",
    "text": "הערות",
}
OWN = dict(HEADERS)
NO_ID = {field: header for field, header in HEADERS.items() if field != "contact_id"}
WORDS = {"טלפון": "phone"}
Line = dict[str, str]


def line(day: int, **changes: str) -> Line:
    return {
        "מס פנייה": f"{100 + day}",
        "מס לקוח": f"{5000 + day}",
        "תאריך": f"{day:02d}/09/2026 10:30",
        "ערוץ": "טלפון",
        "הערות": f"לקוח {day} ביקש לבטל, החיוב עלה",
        **changes,
    }


def lines(first: int, last: int) -> list[Line]:
    return [line(day) for day in range(first, last + 1)]


class Shop:
    """One store and one folder of exports."""

    def __init__(self, home: Path, engine: Engine) -> None:
        self.engine = engine
        self.settings = Settings(home=home / "home", database_url="")
        self.folder = home / "exports"
        self.folder.mkdir()

    def write(self, rows: Sequence[Line], name: str = "notes.csv") -> None:
        path = self.folder / name
        path.parent.mkdir(exist_ok=True)
        pd.DataFrame(rows, columns=list(HEADERS.values())).to_csv(path, index=False)

    def read(self, columns: dict[str, str] = NO_ID, **changes: object) -> Ingested:
        raw = {"name": "notes", "files": ["*"], "columns": columns, "values": {"channel": WORDS}}
        profile = profile_of(raw | changes, "test")
        ingested = steps.ingest(self.settings, self.engine, [self.folder], [profile])
        self.check()
        before = self.state()
        again = steps.ingest(self.settings, self.engine, [self.folder], [profile])
        assert again.files == ()
        assert self.state() == before
        return ingested

    def state(self) -> dict[str, list[tuple[Any, ...]]]:
        """Every row of every table."""
        with self.engine.begin() as connection:
            return {
                table.name: sorted(map(tuple, connection.execute(select(table))), key=repr)
                for table in tables.metadata.sorted_tables
            }

    def check(self) -> None:
        """What holds after every run: the ledger balances, nothing points at what is gone."""
        state = self.state()
        with transaction(self.engine) as connection:
            files, quarantine = read_files(connection), read_quarantine(connection)
        parts = files[["stored", "known", "duplicates", "quarantined"]]
        assert (parts >= 0).all(axis=None)
        assert (files["read"] == parts.sum(axis=1)).all()
        assert files["quarantined"].sum() == len(quarantine)
        stored = {row[0] for row in state["contacts"]}
        assert {row[0] for row in state["contact_readings"]} <= stored
        assert {row[1] for row in state["contact_readings"]} <= set(files["file_id"])
        assert {row[0] for row in state["predictions"]} <= stored

    def classify(self) -> None:
        with transaction(self.engine) as connection:
            waiting = pending(connection, "he-1", 1000)
            frame = predictions_of([item.contact_id for item in waiting], "he-1")
            save_predictions(connection, frame, waiting)

    def predicted(self) -> int:
        with transaction(self.engine) as connection:
            return len(read_predictions(connection, "he-1"))

    @property
    def contacts(self) -> pd.DataFrame:
        with transaction(self.engine) as connection:
            return read_contacts(connection)

    @property
    def texts(self) -> list[str]:
        return list(self.contacts["text"])

    @property
    def ledger(self) -> list[tuple[int, ...]]:
        """Read, stored, known, duplicates, quarantined of each line."""
        with transaction(self.engine) as connection:
            files = read_files(connection)
        names = ["read", "stored", "known", "duplicates", "quarantined"]
        return sorted(tuple(map(int, row)) for row in files[names].to_numpy())

    @property
    def quarantined(self) -> list[int]:
        with transaction(self.engine) as connection:
            return [int(number) for number in read_quarantine(connection)["line"]]


@pytest.fixture
def shop(tmp_path: Path, engine: Engine) -> Shop:
    return Shop(tmp_path, engine)


@pytest.fixture
def fresh(tmp_path: Path) -> Callable[[], Shop]:
    def make() -> Shop:
        (tmp_path / "fresh").mkdir()
        return Shop(tmp_path / "fresh", open_store(f"sqlite:///{tmp_path / 'fresh.db'}"))

    return make


@pytest.mark.parametrize("columns", [OWN, NO_ID])
def test_a_mended_channel_clears_the_quarantine(shop: Shop, columns: dict[str, str]) -> None:
    """The file stands once in the ledger, and the rows are stored instead of set aside."""
    shop.write([*lines(1, 3), line(4, ערוץ="צ׳אט"), line(5, ערוץ="צ׳אט")])
    shop.read(columns)
    assert (shop.ledger, shop.quarantined) == ([(5, 3, 0, 0, 2)], [5, 6])
    shop.classify()
    shop.read(columns, values={"channel": {**WORDS, "צ׳אט": "chat"}})
    assert (shop.ledger, shop.quarantined) == ([(5, 5, 0, 0, 0)], [])
    assert len(shop.contacts) == 5
    assert shop.predicted() == 3  # the texts did not change: nothing is classified twice


MENDED = [
    {"dates": {"order": "mdy"}},
    {"name": "calls"},
    {"columns": {**NO_ID, "customer_id": "מס פנייה"}},
    {"columns": OWN},
]


@pytest.mark.parametrize("columns", [OWN, NO_ID])
@pytest.mark.parametrize("changes", MENDED)
def test_a_mended_profile_leaves_what_it_alone_would_give(
    shop: Shop, fresh: Callable[[], Shop], columns: dict[str, str], changes: dict[str, Any]
) -> None:
    """Order of dates, name, customer column, contact column: no row stands twice."""
    shop.write(lines(1, 9))
    shop.read(columns)
    shop.classify()
    shop.read(**({"columns": columns} | changes))
    alone = fresh()
    alone.write(lines(1, 9))
    alone.read(**({"columns": columns} | changes))
    pd.testing.assert_frame_equal(shop.contacts, alone.contacts)
    assert shop.ledger == alone.ledger == [(9, 9, 0, 0, 0)]
    assert shop.state()["contact_readings"] == alone.state()["contact_readings"]


def test_a_key_set_later_is_refused(shop: Shop) -> None:
    """Two keys, or none and one, would split each customer in two: the store is as it was."""
    shop.write(lines(1, 6))
    shop.read()
    shop.settings = shop.settings.model_copy(update={"pseudonym_key": _secret()})
    with pytest.raises(StoreError, match="without a key"):
        shop.read()
    assert len(shop.contacts) == 6
    assert not shop.contacts["customer_id"].str.startswith("p_").any()


def _secret() -> SecretStr | None:
    return Settings(pseudonym_key="מפתח סודי לבדיקה ארוך דיו לכל צורך").pseudonym_key


def test_a_contact_of_two_files_stays_while_one_brings_it(shop: Shop) -> None:
    """What another file brings is not taken away by a correction of the first."""
    shop.write(lines(1, 6), "a.csv")
    shop.write(lines(4, 8), "b.csv")
    shop.read()
    shop.write([*lines(1, 3), *lines(5, 6)], "a.csv")
    shop.read()
    assert len(shop.contacts) == 8
    shop.write(lines(5, 8), "b.csv")
    shop.read()
    assert len(shop.contacts) == 7


def test_a_corrected_text_replaces_its_row(shop: Shop) -> None:
    """Without contact ids too: the old text goes, with its prediction."""
    shop.write(lines(1, 6))
    shop.read()
    shop.classify()
    shop.write([line(1, הערות="תיקון: ביקש הנחה"), *lines(2, 6)])
    (counts,) = shop.read().files
    assert (counts.stored, counts.known) == (1, 5)
    assert len(shop.texts) == 6
    assert shop.texts[0] == "תיקון: ביקש הנחה"
    assert shop.predicted() == 5
    assert shop.ledger == [(6, 6, 0, 0, 0)]


@pytest.mark.parametrize("columns", [OWN, NO_ID])
def test_the_original_put_back_is_read_again(shop: Shop, columns: dict[str, str]) -> None:
    """A, then A mended, then A: the store is what A alone gives."""
    shop.write(lines(1, 6))
    shop.read(columns)
    first = shop.contacts
    shop.write([line(1, הערות="תיקון: ביקש הנחה"), *lines(2, 6)])
    shop.read(columns)
    assert not shop.contacts.equals(first)
    shop.write(lines(1, 6))
    assert len(shop.read(columns).files) == 1
    pd.testing.assert_frame_equal(shop.contacts, first)
    assert shop.ledger == [(6, 6, 0, 0, 0)]


def test_own_ids_missing_in_a_correction_are_kept(shop: Shop) -> None:
    """A shorter export of the same name does not say that its other contacts never were."""
    shop.write(lines(1, 6))
    shop.read(OWN)
    shop.write(lines(1, 4))
    shop.read(OWN)
    assert len(shop.contacts) == 6


@pytest.mark.parametrize("columns", [OWN, NO_ID])
def test_a_weekly_file_of_one_name_keeps_all_weeks(shop: Shop, columns: dict[str, str]) -> None:
    """Week after week under one name, with rows set aside: nothing of an older week goes."""
    bad = {"תאריך": "אתמול"}
    shop.write([*lines(1, 6), line(7, **bad)])
    shop.read(columns)
    shop.write([*lines(8, 13), line(14, **bad)])
    shop.read(columns)
    shop.write(lines(15, 20))
    shop.read(columns)
    assert len(shop.contacts) == 18
    assert shop.quarantined == [8, 8]
    assert len(shop.ledger) == 3


def test_a_rolling_window_keeps_the_days_it_left(shop: Shop) -> None:
    """The last ten days, each week: most rows stand in the next file, and none is lost."""
    for first in (1, 4, 7):
        shop.write(lines(first, first + 9))
        shop.read()
    assert len(shop.contacts) == 16


def test_a_rolling_window_with_a_corrected_row(shop: Shop) -> None:
    """Within the days that both have, the newer file's word counts."""
    shop.write(lines(1, 10))
    shop.read()
    shop.write([line(4), line(5, הערות="תיקון: ביקש הנחה"), *lines(6, 13)])
    shop.read()
    assert len(shop.contacts) == 13
    assert shop.texts[4] == "תיקון: ביקש הנחה"


@pytest.mark.parametrize("columns", [OWN, NO_ID])
def test_a_corrected_export_clears_its_quarantine(shop: Shop, columns: dict[str, str]) -> None:
    """Of two bad rows one is mended: it is stored, the other stands in quarantine once."""
    bad = {"תאריך": "אתמול"}
    shop.write([*lines(1, 4), line(5, **bad), line(6, **bad)])
    shop.read(columns)
    assert shop.quarantined == [6, 7]
    shop.write([*lines(1, 5), line(6, **bad)])
    shop.read(columns)
    assert (shop.ledger, shop.quarantined) == ([(6, 5, 0, 0, 1)], [7])


def test_a_row_mended_in_a_later_week_is_settled_by_its_id(shop: Shop) -> None:
    """The next file of the name brings last week's bad row, whole."""
    shop.write([*lines(1, 6), line(7, תאריך="אתמול"), line(8, תאריך="אתמול")])
    shop.read(OWN)
    shop.write([line(7), *lines(9, 12)])
    shop.read(OWN)
    assert shop.quarantined == [9]
    assert shop.ledger == [(5, 5, 0, 0, 0), (8, 6, 1, 0, 1)]


def test_files_of_one_name_in_two_folders_stand_side_by_side(shop: Shop) -> None:
    """Neither follows the other, and a correction of one concerns that one."""
    shop.write(lines(1, 6), "august/notes.csv")
    shop.write(lines(3, 9), "september/notes.csv")
    assert len(shop.read().files) == 2
    assert len(shop.contacts) == 9
    shop.write([*lines(1, 4), line(6)], "august/notes.csv")
    shop.read()
    assert len(shop.contacts) == 9  # day 5 stands in September's file too
    shop.write(lines(2, 4), "august/notes.csv")
    shop.read()
    assert len(shop.contacts) == 8


def test_a_copy_under_another_name_is_known(shop: Shop) -> None:
    """A renamed file adds nothing, not even to the quarantine."""
    shop.write([*lines(1, 3), line(4, תאריך="אתמול")])
    shop.read()
    before = shop.state()
    (shop.folder / "notes.csv").rename(shop.folder / "renamed.csv")
    assert [item.name for item in shop.read().unchanged] == ["renamed.csv"]
    assert shop.state() == before


def test_a_corrected_roster_clears_its_quarantine(shop: Shop) -> None:
    """A list of customers is a whole: the newest one's bad rows are those that count."""
    columns = {"customer_id": "מס לקוח", "contract_end": "תאריך"}
    profile = {"name": "customers", "kind": "roster", "values": {}}
    shop.write([line(1), line(2, תאריך="מחר")])
    shop.read(columns, **profile)
    assert shop.quarantined == [3]
    shop.write(lines(1, 2))
    shop.read(columns, **profile)
    assert shop.quarantined == []
    assert len(shop.ledger) == 1
