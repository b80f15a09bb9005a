"""`keshev audit` as it is typed: the draw, the labels, and what is printed."""

import json
from pathlib import Path

import openpyxl

from tests.keshev.conftest import Cli

PROFILE = """
name: mine
files: ["*.csv"]
columns: {contact_id: id, customer_id: customer, contacted_at: date, text: text}
defaults: {channel: phone}
"""


def week(cli: Cli, folder: Path, size: int = 34) -> None:
    folder.mkdir()
    (folder / "mine.yaml").write_text(PROFILE, encoding="utf-8")
    rows = [f"{i},{i},2026-11-{9 + i % 3:02},יקר לו והוא שוקל לעזוב {i}" for i in range(size)]
    text = "\n".join(["id,customer,date,text", *rows]) + "\n"
    (folder / "a.csv").write_text(text, encoding="utf-8")
    for step in (("ingest", folder), ("classify",)):
        assert cli(*step).code == 0


def test_the_draw_and_the_labels(cli: Cli, tmp_path: Path) -> None:
    """A form in the store's folder; filled and given back, it measures the model."""
    week(cli, tmp_path / "exports")
    drawn = json.loads(cli("audit", "2026-11-10", "--size", "32", "--json").out)
    assert (drawn["week"], drawn["state"]["drawn"], drawn["state"]["of"]) == ("2026-11-08", 32, 34)
    form = Path(drawn["path"])
    assert form == tmp_path / "home" / "audits" / "audit-2026-11-08.xlsx"
    book = openpyxl.load_workbook(form)
    for row in book["תיוג"].iter_rows(min_row=2):
        for cell, said in zip(row[-4:-1], ("סימן", "פתוח", "לא"), strict=True):
            cell.value = said
        row[2].value = "V"
    book.save(form)
    ran = cli("audit", "2026-11-08", "--labels", form)
    assert ran.code == 0
    assert "32 rows taken, 0 empty." in ran.out
    assert "32 count: the week's shares are audited." in ran.out
    assert "macro-F1" in ran.out
    assert json.loads(cli("aggregate", "--json").out)["changed"] is True
    again = cli("audit", "2026-11-08")
    assert again.code == 2
    assert "--out" in again.err


def test_a_mistake_is_told_by_row_and_column(cli: Cli, tmp_path: Path) -> None:
    """Exit code 2, and the store has no label."""
    week(cli, tmp_path / "exports", 5)
    ran = cli("audit", "2026-11-08", "--out", tmp_path / "form.xlsx")
    assert "5 of 5 inbound contacts of the week of 2026-11-08" in ran.out
    book = openpyxl.load_workbook(tmp_path / "form.xlsx")
    book["תיוג"]["C2"].value = "V"
    book.save(tmp_path / "form.xlsx")
    ran = cli("audit", "2026-11-08", "--labels", tmp_path / "form.xlsx")
    assert ran.code == 2
    assert "row 2, column כוונת עזיבה: is empty" in ran.err
    assert ran.err.count("row 2") == 3
