"""Small exports of one row or many, written in every format, and read with a simple mask."""

import csv
import hashlib
import io
import json
import re
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import openpyxl

from store.exports import Export, read_export
from store.profiles import Profile, profile_of

NOW = datetime(2026, 11, 15, 6, tzinfo=UTC)
HEADERS = {
    "contact_id": "מס פנייה",
    "customer_id": "מס לקוח",
    "contacted_at": "תאריך",
    "channel": "ערוץ",
    "text": "הערות",
    "nps": "ציון המלצה",
}
ROW = {
    "contact_id": "",
    "customer_id": "5001",
    "contacted_at": "08/09/2026 10:32",
    "channel": "טלפון",
    "text": "לקוחה ביקשה לנתק, המחיר עלה",
    "nps": "",
}
Row = dict[str, str]


def mask(texts: Iterable[str]) -> Iterable[str]:
    """Mask phones as the real masker does, one text for one."""
    return (re.sub(r"05\d-?\d{7}", "[טלפון]", text) for text in texts)


def pseudonym(customer: str) -> str:
    return "k" + hashlib.sha256(customer.encode()).hexdigest()[:8]


def notes_profile(**changes: object) -> Profile:
    raw = {"name": "notes", "files": ["*"], "columns": HEADERS}
    return profile_of(raw | {"values": {"channel": {"טלפון": "phone"}}} | changes, "test")


def row(**changes: str) -> Row:
    return ROW | changes


def as_csv(rows: list[Row], encoding: str = "utf-8") -> bytes:
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(HEADERS.values())
    writer.writerows([*(one.get(field, "") for field in HEADERS), *extras(one)] for one in rows)
    return text.getvalue().encode(encoding)


def as_jsonl(rows: list[Row]) -> bytes:
    records = ({HEADERS.get(key, key): value for key, value in one.items()} for one in rows)
    return "\n".join(json.dumps(record) for record in records).encode()


def as_xlsx(rows: list[Row]) -> bytes:
    book = openpyxl.Workbook()
    book.active.append(list(HEADERS.values()))
    for one in rows:
        cells = [*(one.get(field) for field in HEADERS), *extras(one)]
        book.active.append(cells)
        for cell in book.active[book.active.max_row]:
            cell.data_type = "s" if cell.value is not None else cell.data_type
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def extras(one: Row) -> list[str]:
    return [one["extra"]] if "extra" in one else []


def read(rows: list[Row], profile: Profile | None = None, **options: object) -> Export:
    return read_bytes("a.csv", as_csv(rows), profile, **options)


def read_bytes(name: str, data: bytes, profile: Profile | None = None, **options: object) -> Export:
    with TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_bytes(data)
        return read_export(path, profile or notes_profile(), mask=mask, now=NOW, **options)


def codes(export: Export) -> list[str]:
    return list(export.rejected["code"])
