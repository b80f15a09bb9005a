"""A store and a folder of exports, read again and again."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd
from sqlalchemy import Engine, select

from flows import steps
from flows.steps import Ingested
from keshev.settings import Settings
from store import tables
from store.contacts import read_contacts, read_files, read_quarantine
from store.predictions import pending, read_predictions, save_predictions
from store.profiles import profile_of
from store.session import transaction
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
