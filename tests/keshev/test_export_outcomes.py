"""`keshev export outcomes`: what the desk decided, for whoever trains or counts elsewhere."""

import json
from datetime import UTC, date, datetime
from pathlib import Path

import pandas as pd

from keshev.settings import read_settings
from store.cases import Outcome, close, take
from store.desk_session import desk_writing, open_desk_store
from tests.keshev.conftest import Cli

NOW = datetime(2026, 11, 15, 9, tzinfo=UTC)


def test_outcomes_are_exported_without_texts(cli: Cli, tmp_path: Path) -> None:
    desk = open_desk_store(read_settings().database_url)
    outcomes = [
        ("=1+1", Outcome("saved", offer="plan", note="סוד")),
        ("1042", Outcome("lost", day=date(2026, 11, 14))),
    ]
    with desk_writing(desk) as connection:
        for customer, outcome in outcomes:
            assert take(connection, customer, "dana", NOW, hours=8, seen=None)
            assert close(connection, customer, "dana", NOW, outcome)
    desk.dispose()
    said = json.loads(cli("export", "outcomes", tmp_path / "out.jsonl", "--json").out)
    assert said["rows"] == 2
    rows = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text().splitlines()]
    assert [(row["customer_id"], row["outcome"], row["day"]) for row in rows] == [
        ("=1+1", "saved", None),
        ("1042", "lost", "2026-11-14"),
    ]
    assert cli("export", "outcomes", tmp_path / "out.csv").code == 0
    text = (tmp_path / "out.csv").read_text(encoding="utf-8-sig")
    assert "'=1+1" in text
    assert "סוד" not in text
    assert len(pd.read_csv(tmp_path / "out.csv")) == 2


def test_no_outcomes_are_no_rows(cli: Cli, tmp_path: Path) -> None:
    assert cli("export", "outcomes", tmp_path / "out.parquet").code == 0
    assert pd.read_parquet(tmp_path / "out.parquet").empty
    assert "outcomes" in cli("export", "nothing", tmp_path / "x.csv").err
