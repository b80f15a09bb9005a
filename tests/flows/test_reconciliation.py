"""The summary's counts against the sample files, read by other means than ours."""

import csv
import json
from contextlib import closing
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from store.contacts import read_contacts, read_quarantine
from store.session import transaction
from store.signals import read_at_risk, read_signals
from tests.flows.conftest import EXPORTS, SampleRun


def rows_in(path: Path) -> int:
    """Count a file's records with the standard library and openpyxl only."""
    if path.suffix == ".csv":
        encoding = "cp1255" if path.name.startswith("notes") else "utf-8-sig"
        with path.open(encoding=encoding, errors="replace", newline="") as lines:
            return sum(1 for row in csv.reader(lines) if any(row)) - 1
    if path.suffix == ".jsonl":
        return sum(1 for line in path.read_text(encoding="utf-8").splitlines() if line.strip())
    with closing(openpyxl.load_workbook(path, read_only=True)) as book:
        rows = list(book.worksheets[0].iter_rows(values_only=True))
    return sum(1 for row in rows if any(cell is not None for cell in row)) - 1


def test_every_row_is_accounted_for(sample: SampleRun) -> None:
    """Read is what the file holds, and stored + known + duplicates + quarantined add up to it."""
    assert {item.name for item in sample.ingested.files} == {p.name for p in EXPORTS.iterdir()}
    for item in sample.ingested.files:
        assert item.read == rows_in(EXPORTS / item.name), item.name
        assert item.read == item.stored + item.known + item.duplicates + item.quarantined


def test_the_store_holds_what_the_counts_say(sample: SampleRun) -> None:
    """Contacts and quarantined rows are as many as the files' counts, and all are classified."""
    with transaction(sample.engine) as connection:
        contacts, quarantine = read_contacts(connection), read_quarantine(connection)
    rosters = ("customers", "outcomes")
    exports = [item for item in sample.ingested.files if item.profile not in rosters]
    assert len(contacts) == sum(item.stored for item in exports) == sample.classified
    assert len(quarantine) == sum(item.quarantined for item in sample.ingested.files)


def test_the_sample_is_as_large_as_promised(sample: SampleRun) -> None:
    """Ten weeks, at least 900 contacts of at least 400 customers, 200 of them more than once."""
    with transaction(sample.engine) as connection:
        contacts = read_contacts(connection)
    a_customer = contacts["customer_id"].value_counts()
    assert len(contacts) >= 900
    assert len(a_customer) >= 400
    assert (a_customer > 1).sum() >= 200
    days = contacts["contacted_at"].max() - contacts["contacted_at"].min()
    assert 9 * 7 < days.days <= 70


def test_the_sample_shows_lift_and_says_what_it_cannot(sample: SampleRun) -> None:
    """70 customers left: enough to judge the ranking by, too few before that to fit weights to."""
    with transaction(sample.engine) as connection:
        signals = read_signals(connection).set_index(["metric", "slice"]).sort_index()
        listed = set(read_at_risk(connection)["customer_id"])
    with (EXPORTS / "outcomes.csv").open(encoding="utf-8-sig", newline="") as lines:
        left = {row["מספר לקוח"] for row in csv.DictReader(lines)}

    def figure(metric: str, cut: str = "all") -> pd.Series:
        return signals.loc[(metric, cut)].iloc[0]

    assert figure("outcomes_known")["value"] == len(left)
    assert figure("outcomes_unknown")["value"] == 2
    assert not listed & left
    fitted = figure("risk_weights_fitted")
    assert fitted["value"] == 0
    assert 0 < fitted["n"] < figure("risk_churned_needed")["value"]
    lift = figure("risk_lift", "top=20")
    assert 1 < lift["low"] < lift["value"] < lift["high"]


@pytest.mark.parametrize("name", ["notes_2026-09.csv", "notes_2026-10.csv", "notes_2026-11.csv"])
def test_quarantine_points_at_the_line(sample: SampleRun, name: str) -> None:
    """The line that a quarantined row names is where the file has that ticket number."""
    text = (EXPORTS / name).read_text(encoding="cp1255", errors="replace").splitlines()
    with transaction(sample.engine) as connection:
        quarantine = read_quarantine(connection)
    mine = quarantine[quarantine["file"] == name]
    assert len(mine)
    for line, row in zip(mine["line"], mine["row"], strict=True):
        assert text[line - 1].startswith(str(json.loads(row)["מספר פנייה"]))
