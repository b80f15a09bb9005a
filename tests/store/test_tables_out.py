"""`keshev export`: the same values in three formats, harmless in a spreadsheet, whole or not."""

import csv
import json
import math
import os
import random
import resource
from datetime import date
from pathlib import Path

import pandas as pd
import pytest
from sqlalchemy import Engine

from keshev.errors import StoreError
from store.contacts import FileCounts, save_contacts
from store.customers import save_customers
from store.files import replaced
from store.predictions import pending, save_predictions
from store.readings import Reading, record_reading
from store.session import open_store, transaction
from store.signals import replace_figures
from store.tables_out import ENDINGS, TABLES, inert, read_table, write_table
from store.themes import add_themes
from tests.frames import (
    at_risk_of,
    contact,
    contact_rows,
    contacts_of,
    customers_of,
    predictions_of,
    rejected_of,
    signals_of,
    themes_of,
    threads_of,
)

SIGNS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
TRICKY = ('אמר: "די", והלך', "שורה ראשונה\nשורה שנייה", "חצי\rשורה", "a;b,c", "'רגיל", " =רווח")


def fill(engine: Engine, seed: int = 0) -> None:
    """Fill every table; `seed` changes the order in which the contacts come."""
    rows = contact_rows(30)
    rows += [contact(f"s{i}", text=f"{sign}1+1 לקוח") for i, sign in enumerate(SIGNS)]
    rows += [contact(f"t{i}", text=words, queue=words) for i, words in enumerate(TRICKY)]
    random.Random(seed).shuffle(rows)
    with transaction(engine) as connection:
        for start in range(0, len(rows), 13):
            save_contacts(connection, contacts_of(rows[start : start + 13]), str)
        chunk = pending(connection, "he-1", 100)
        ids = [item.contact_id for item in chunk]
        save_predictions(connection, predictions_of(ids), chunk)
        save_customers(connection, customers_of(4))
        add_themes(connection, themes_of(range(1, 4)))
        replace_figures(connection, threads_of(ids), signals_of(), at_risk_of(5))
        counts = FileCounts("f", "א.csv", "crm", "utf-8", 3, 0, 0, 0, 3)
        record_reading(connection, Reading("א.csv", "c", "r"), counts, rejected_of(3))


def exported(engine: Engine, folder: Path) -> dict[str, bytes]:
    """Return the bytes of every table in every format."""
    with transaction(engine) as connection:
        frames = {name: read_table(connection, name, "he-1") for name in TABLES}
    written = {}
    for name, frame in frames.items():
        for ending in ENDINGS:
            path = folder / f"{name}{ending}"
            write_table(frame, path)
            written[path.name] = path.read_bytes()
    return written


def read_csv(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as lines:
        return list(csv.DictReader(lines, strict=True))


def read_jsonl(path: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in path.read_text("utf-8").split("\n") if line]


def as_json(value: object) -> object:
    """Return a Parquet value as JSON Lines writes it."""
    if isinstance(value, pd.Timestamp | date):
        return None if value is pd.NaT else value.isoformat()
    return None if isinstance(value, float) and math.isnan(value) else value


def as_csv(value: object) -> str:
    """Return a JSON value as the CSV writes it."""
    return "" if value is None else str(inert(value))


@pytest.mark.parametrize("name", TABLES)
def test_the_three_formats_hold_the_same_values(engine: Engine, tmp_path: Path, name: str) -> None:
    """Read back by other means: csv, json and Parquet agree on every cell."""
    fill(engine)
    exported(engine, tmp_path)
    lines = read_jsonl(tmp_path / f"{name}.jsonl")
    table = pd.read_parquet(tmp_path / f"{name}.parquet")
    assert len(lines) >= 3
    columns = {key: table[key].astype(object).tolist() for key in table}
    rows = [
        dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)
    ]
    assert [{key: as_json(value) for key, value in row.items()} for row in rows] == lines
    plain = [{key: as_csv(value) for key, value in line.items()} for line in lines]
    assert read_csv(tmp_path / f"{name}.csv") == plain


@pytest.mark.parametrize("sign", SIGNS)
def test_a_cell_that_looks_like_a_formula_is_inert(tmp_path: Path, sign: str) -> None:
    """An apostrophe keeps a spreadsheet from running a customer's words; numbers stay numbers."""
    frame = pd.DataFrame(
        {"text": [f'{sign}HYPERLINK("http://x")', f"א{sign}ב"], "change": [-1.5, 2.0]}
    )
    path = tmp_path / "out.csv"
    write_table(frame, path)
    first, second = read_csv(path)
    assert first == {"text": f'\'{sign}HYPERLINK("http://x")', "change": "-1.5"}
    assert second == {"text": f"א{sign}ב", "change": "2.0"}


def test_the_same_store_gives_the_same_bytes(engine: Engine, tmp_path: Path) -> None:
    """An export can be compared with the one before."""
    fill(engine)
    first = exported(engine, tmp_path / "first")
    assert exported(engine, tmp_path / "second") == first
    assert len(first) == len(TABLES) * len(ENDINGS)


@pytest.mark.postgresql
def test_both_databases_give_the_same_bytes(
    sqlite_url: str, postgresql_url: str, tmp_path: Path
) -> None:
    """Whatever the order in which the contacts came, and wherever they lie."""
    written = []
    for seed, url in enumerate((sqlite_url, postgresql_url)):
        engine = open_store(url)
        fill(engine, seed)
        written.append(exported(engine, tmp_path / str(seed)))
        engine.dispose()
    assert written[0] == written[1]


def test_an_empty_table_still_names_its_columns(engine: Engine, tmp_path: Path) -> None:
    """A script that reads an empty export finds its columns."""
    exported(engine, tmp_path)
    for name in TABLES:
        header = (tmp_path / f"{name}.csv").read_bytes().decode("utf-8-sig")
        table = pd.read_parquet(tmp_path / f"{name}.parquet")
        assert header == ",".join(table.columns) + "\r\n"
        assert len(table.columns) > 4
        assert (tmp_path / f"{name}.jsonl").read_bytes() == b""


@pytest.mark.parametrize("name", ["contacts.xls", "contacts", "contacts.csv.gz"])
def test_another_ending_is_refused_with_the_known_ones(tmp_path: Path, name: str) -> None:
    """The message says what would work, and no file is made."""
    with pytest.raises(StoreError, match=r"\.csv, \.parquet, \.jsonl"):
        write_table(signals_of(), tmp_path / name)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("ending", [*ENDINGS, ".CSV"])
def test_a_full_disk_leaves_the_old_file(tmp_path: Path, ending: str) -> None:
    """The system refuses in the middle of writing: the old export is whole, no scrap is left."""
    path = tmp_path / f"contacts{ending}"
    write_table(contacts_of(contact_rows(3)), path)
    before = path.read_bytes()
    large = contacts_of(contact_rows(3000))
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (30_000, hard))
    try:
        with pytest.raises(StoreError, match="nothing was changed"):
            write_table(large, path)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]
    write_table(large, path)
    assert path.stat().st_size > 30_000


@pytest.mark.parametrize("place", ["file/out.csv", "file/deep/er/out.csv", "folder.csv"])
def test_a_place_that_cannot_be_written_is_named(tmp_path: Path, place: str) -> None:
    """A path through a file, or onto a folder, is a user's error."""
    (tmp_path / "file").touch()
    (tmp_path / "folder.csv").mkdir()
    with pytest.raises(StoreError, match="cannot be written"):
        write_table(signals_of(), tmp_path / place)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file", "folder.csv"]


def test_a_missing_folder_is_made_and_rights_are_the_users(tmp_path: Path) -> None:
    """Notes are for those whom the user's umask admits."""
    before = os.umask(0o077)
    try:
        write_table(signals_of(), tmp_path / "חדש" / "out.csv")
    finally:
        os.umask(before)
    assert (tmp_path / "חדש" / "out.csv").stat().st_mode & 0o777 == 0o600


def test_an_error_of_the_body_is_not_taken_for_the_targets(tmp_path: Path) -> None:
    """Reading a missing file while writing another says so of the right one; nothing is left."""
    with pytest.raises(FileNotFoundError, match=r"missing\.jsonl"), replaced(tmp_path / "out"):
        (tmp_path / "missing.jsonl").read_bytes()
    with pytest.raises(ZeroDivisionError), replaced(tmp_path / "out"):
        _ = 1 / 0
    assert list(tmp_path.iterdir()) == []
