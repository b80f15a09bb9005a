"""Audits of a small store: drawn, filled in as people do, taken back."""

from datetime import UTC, date, datetime
from pathlib import Path

import openpyxl
import pandas as pd
from sqlalchemy import Engine

from flows import aggregating, auditing, steps
from keshev.settings import Settings
from labels.auditform import HEBREW
from store.contacts import save_contacts
from store.session import transaction
from store.signals import read_signals
from tests.frames import contact, contacts_of

WEEK = date(2026, 11, 8)
NOW = datetime(2026, 12, 1, tzinfo=UTC)
TEXTS = (
    "לקוח מתלונן שהחיוב גבוה מדי, יקר לו",
    "תקלה בקו כבר יומיים, טרם טופל",
    "הוסבר על החבילה, תודה",
    "לא חזרו אליו שבוע, פונה שוב",
    "עובר למתחרים, מבקש לנתק",
)


def store(engine: Engine, settings: Settings, size: int, channel: str = "phone") -> None:
    """Store and classify a week of contacts, each of another customer."""
    save(engine, [(f"{channel}:{i:03}", f"{TEXTS[i % 5]} {i}") for i in range(size)], channel)
    steps.classify(settings, engine)


def save(engine: Engine, notes: list[tuple[str, str]], channel: str = "phone") -> None:
    at = pd.Timestamp("2026-11-09 09:00", tz="UTC")
    rows = [
        contact(one, customer_id=one, contacted_at=at, channel=channel, text=text)
        for one, text in notes
    ]
    with transaction(engine) as connection:
        save_contacts(connection, contacts_of(rows), str.strip)


def draw(
    engine: Engine,
    settings: Settings,
    name: str = "form.xlsx",
    size: int = 40,
    kind: str = "contact",
) -> auditing.Drawn:
    target = settings.home / name
    return auditing.draw(settings, engine, WEEK, kind, size, target, NOW)


def take(engine: Engine, settings: Settings, path: Path) -> auditing.TakenBack:
    return auditing.take_back(settings, engine, WEEK, path, NOW)


Grid = list[list[object]]


def grid(path: Path) -> Grid:
    """Return the form's cells, the heading first."""
    return [list(row) for row in openpyxl.load_workbook(path)["תיוג"].iter_rows(values_only=True)]


def ids(path: Path) -> list[str]:
    return [str(row[-1]).split("/", 2)[2] for row in grid(path)[1:]]


def fill(path: Path, rows: range, **cells: object) -> Path:
    """Label rows (from 1) of a form as people do, all alike; `cells` by their headings."""
    book = openpyxl.load_workbook(path)
    sheet = book["תיוג"]
    heads = [cell.value for cell in sheet[1]]
    said: dict[str, object] = {
        HEBREW.churn: "אין", HEBREW.resolution: "פתוח", HEBREW.repeat: "לא", **cells
    }  # fmt: skip
    for row in rows:
        for name, value in said.items():
            sheet.cell(row + 1, heads.index(name) + 1).value = value
    book.save(path)
    return path


def signals_of(engine: Engine, settings: Settings) -> pd.DataFrame:
    aggregating.aggregate(settings, engine)
    with transaction(engine) as connection:
        return read_signals(connection).set_index(["slice", "metric", "reason"]).sort_index()
