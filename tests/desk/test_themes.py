"""The section of themes: what is new first, typical notes, and why there is none."""

from dataclasses import replace
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from desk.presenters import present
from desk.report import render_html, write_xlsx
from desk.report_data import ReportData
from tests.desk.fixtures import report_data

SHEET = "תמות"


def with_candidates(many: int | None) -> ReportData:
    data = report_data()
    own = data.signals["metric"] == "theme_candidates"
    if many is None:
        return replace(data, signals=data.signals[~own])
    changed = data.signals.assign(value=data.signals["value"].mask(own, many))
    return replace(data, signals=changed)


def test_new_themes_are_first_and_absent_ones_are_not_shown() -> None:
    """A theme without a note this week is kept, not shown."""
    rows = present(report_data()).themes.rows
    assert [(row.theme_id, row.new, row.verdict) for row in rows] == [
        ("2", True, "מתחזקת"),
        ("1", False, "לא מובהק"),
    ]
    assert rows[0].name == "ממיר · טלוויזיה · חיבור"
    assert rows[0].terms.endswith(", שלט")


def test_typical_notes_are_this_weeks_nearest_of_different_customers() -> None:
    """A customer who wrote three times, or three who wrote the same, are one note."""
    data = report_data()
    week = data.contacts["contact_id"] >= "c024"
    ids = data.contacts.loc[week, "contact_id"].tolist()[:8]
    near = [0.80 + 0.01 * place for place in range(8)]
    notes = pd.DataFrame({"contact_id": ids, "theme_id": "1", "near": near})
    contacts = data.contacts.assign(customer_id=data.contacts["customer_id"])
    contacts.loc[contacts["contact_id"].isin(ids[5:]), "customer_id"] = "7"
    shown = present(replace(data, theme_notes=notes, contacts=contacts)).themes.rows[1].notes
    assert shown[0].contact_id == ids[7]
    assert len(shown) == 3
    assert len({note.customer_id for note in shown}) == 3


@pytest.mark.parametrize(
    ("many", "said"),
    [
        (None, "אין טקסטים שלא זוהתה בהם סיבה"),
        (0, "אין טקסטים שלא זוהתה בהם סיבה"),
        (1, "יש רק טקסט אחד שלא זוהתה בו סיבה"),
        (49, "יש רק 49 טקסטים שלא זוהתה בהם סיבה"),
    ],
)
def test_fewer_than_fifty_notes_are_said(many: int | None, said: str, tmp_path: Path) -> None:
    """On the page and in the workbook, with what is needed."""
    data = with_candidates(many)
    assert f"{said}. כדי לחפש בהם תמות דרושים 50 לפחות." in render_html(data)
    write_xlsx(data, tmp_path / "few.xlsx")
    sheet = openpyxl.load_workbook(tmp_path / "few.xlsx")[SHEET]
    assert said in str(sheet.cell(1, 1).value)


def test_fifty_notes_without_a_theme_are_said() -> None:
    """That nothing repeats is a finding."""
    data = with_candidates(50)
    section = present(replace(data, themes=data.themes.iloc[:0])).themes
    assert section.missing.startswith("נבדקו 50 טקסטים")
    assert section.missing.endswith("אין השבוע תמה שחוזרת בהם.")


def test_the_sheet_says_what_the_page_says(tmp_path: Path) -> None:
    """A row a theme, its notes beside it."""
    write_xlsx(report_data(), tmp_path / "report.xlsx")
    sheet = openpyxl.load_workbook(tmp_path / "report.xlsx")[SHEET]
    rows = list(sheet.iter_rows(min_row=2, max_row=3, values_only=True))
    for row, theme in zip(rows, present(report_data()).themes.rows, strict=True):
        assert row[:3] == (int(theme.theme_id), theme.name, theme.count)
        assert row[3] == pytest.approx(theme.share.value)
        assert row[10:12] == (theme.verdict, theme.terms)
        assert row[12] == theme.notes[0].text
