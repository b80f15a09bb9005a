"""The workbook: right to left, typed cells, native charts, the same bytes each time."""

import io
import math
import re
import zipfile
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import openpyxl
import pytest
from openpyxl import Workbook

from desk.presenters import present
from desk.report import write_xlsx
from desk.spreadsheet import Book
from tests.desk.fixtures import WEEK, empty_data, report_data, survey_data

NAMES = [
    "סיכום",
    "סיבות",
    "תמות",
    "מגמות",
    "פתרון ופניות חוזרות",
    "נושאים שנגררו",
    "בסיכון",
    "איכות הדירוג",
    "שימור ושביעות רצון",
    "טקסטים לדוגמה",
    "הסגר",
    "נתונים ומודל",
]
DANGEROUS = (
    '=HYPERLINK("http://example.invalid","x")',
    "+972501234567",
    "-1+1",
    "@SUM(A1)",
    "{=1}",
)


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("book") / "report.xlsx"
    write_xlsx(report_data(), made)
    return made


@pytest.fixture(scope="module")
def book(path: Path) -> Workbook:
    return openpyxl.load_workbook(path)


def rows(book: Workbook, name: str) -> list[tuple[object, ...]]:
    return list(book[name].iter_rows(values_only=True))


def test_sheets_are_hebrew_and_right_to_left(book: Workbook) -> None:
    """The sheets in reading order, each from the right."""
    assert book.sheetnames == NAMES
    assert all(sheet.sheet_view.rightToLeft for sheet in book)


def test_tables_keep_their_heading_in_sight(book: Workbook) -> None:
    """Each sheet with a table is frozen under its heading."""
    assert all(sheet.freeze_panes for sheet in book)


def test_the_same_data_gives_the_same_bytes(path: Path, tmp_path: Path) -> None:
    """Neither the clock of the workbook nor that of the zip may show."""
    again = tmp_path / "again.xlsx"
    write_xlsx(report_data(), again)
    assert again.read_bytes() == path.read_bytes()
    with zipfile.ZipFile(path) as archive:
        assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        moments = re.findall(rb"\d{4}-\d\d-\d\dT", archive.read("docProps/core.xml"))
    assert set(moments) == {WEEK.isoformat().encode() + b"T"}


def test_no_text_is_ever_a_formula(tmp_path: Path) -> None:
    """Cells that start with = + - @ are strings, wherever an export's text can reach."""
    data = report_data()
    made = tmp_path / "hostile.xlsx"
    formula, plus, minus, at, array = DANGEROUS
    hostile = replace(
        data,
        contacts=data.contacts.assign(text=formula, queue=plus, customer_id=minus),
        predictions=data.predictions.assign(evidence='{"failure": [0, 900]}'),
        customers=data.customers.assign(company=at),
        at_risk=data.at_risk.assign(customer_id=array),
        signals=data.signals.assign(
            slice=data.signals["slice"].str.replace("חיובים", formula, regex=False)
        ),
        quarantine=data.quarantine.assign(file=formula, code=plus, reason_he=minus),
        files=data.files.assign(name=at, profile=array),
        model=replace(data.model, model_id=formula, figures={plus: 0.5}),
    )
    write_xlsx(hostile, made)
    with zipfile.ZipFile(made) as archive:
        sheets = [n for n in archive.namelist() if n.startswith("xl/worksheets/sheet")]
        assert len(sheets) == len(NAMES)
        assert not any(re.search(rb"<f[ >]", archive.read(name)) for name in sheets)
    found = [c for s in openpyxl.load_workbook(made) for r in s for c in r if c.value in DANGEROUS]
    assert {cell.value for cell in found} == set(DANGEROUS)
    assert {cell.parent.title for cell in found} == {*NAMES} - {
        "מגמות",
        "שימור ושביעות רצון",
        "איכות הדירוג",
    }
    assert {cell.data_type for cell in found} == {"s"}


def test_figures_are_numbers_with_formats(book: Workbook) -> None:
    """A share is a number that reads as a percentage, not a text; the unknown is empty."""
    reasons = book["סיבות"]
    share = reasons.cell(2, 3)
    assert share.value == pytest.approx(0.315)
    assert share.number_format == "0.0%"
    fcr = book["פתרון ופניות חוזרות"]
    assert isinstance(fcr.cell(2, 1).value, datetime)
    queues = [r for r in rows(book, "פתרון ופניות חוזרות") if r[:2] == ("מכירות", "תור")]
    assert queues
    assert queues[0][3] is None


def test_the_workbook_says_what_the_page_says(book: Workbook) -> None:
    """Both come from the same presenters: head row, reasons, customers, quarantine, files."""
    report = present(report_data())
    summary = {row[0]: row[1] for row in rows(book, "סיכום")}
    for key in report.key_figures:
        assert summary[key.name] == pytest.approx(key.figure.value)
    shares = {row[0]: row[2] for row in rows(book, "סיבות")[1:13]}
    assert shares == {row.name: pytest.approx(row.figure.value) for row in report.reasons}
    assert [row[1] for row in rows(book, "בסיכון")[1:]] == [r.customer_id for r in report.risk.rows]
    listed = [tuple(row) for row in rows(book, "הסגר")[1:]]
    assert listed == [(r.file, r.line, r.code, r.reason) for r in report.quarantine.rows]
    files = rows(book, "נתונים ומודל")[1:4]
    assert [row[2] for row in files] == [file.read for file in report.sources.files]
    assert all(row[2] == sum(row[3:7]) for row in files)


def test_native_charts_point_at_their_cells(path: Path) -> None:
    """Reasons as bars, trends and FCR as lines, drawn by the spreadsheet from the sheet's cells."""
    with zipfile.ZipFile(path) as archive:
        charts = [
            archive.read(name).decode()
            for name in sorted(archive.namelist())
            if name.startswith("xl/charts/chart")
        ]
    assert ["barChart" in chart for chart in charts] == [True, False, False]
    assert ["lineChart" in chart for chart in charts] == [False, True, True]
    for chart, name in zip(charts, ("סיבות", "מגמות", "פתרון ופניות חוזרות"), strict=True):
        assert re.search(rf"<c:f>'?{name}'?!\$[B-Z]\$2:\$[B-Z]\$1[0-9]</c:f>", chart)


def test_the_capacity_is_marked_and_the_ranking_has_a_sheet(tmp_path: Path) -> None:
    """Two calls in the week: two marks among all; weights and lift are numbers."""
    made = tmp_path / "called.xlsx"
    write_xlsx(replace(report_data(), called=2), made)
    book = openpyxl.load_workbook(made)
    head, *listed = rows(book, "בסיכון")
    marks = [row[head.index("להתקשר השבוע")] for row in listed]
    assert [bool(mark) for mark in marks] == [True, True, False, False, False]
    assert [row[head.index("הסתברות לעזיבה")] for row in listed[:2]] == [0.6, 0.3]
    sheet = rows(book, "איכות הדירוג")
    assert ("כוונת עזיבה", 0.31, 0.35) in [row[:3] for row in sheet]
    lifts = {row[0]: row for row in sheet if row[0] in ("5% העליונים", "20% העליונים")}
    assert lifts["5% העליונים"][1:6] == pytest.approx((30, 5.4, 3.1, 8.2, 4.3))
    assert "אין די נתונים" in str(lifts["20% העליונים"][2])


def test_all_customers_at_risk_are_listed(tmp_path: Path) -> None:
    """The page stops at thirty; the workbook does not."""
    data = report_data()
    many = data.at_risk.loc[data.at_risk.index.repeat(8)].reset_index(drop=True)
    made = tmp_path / "many.xlsx"
    write_xlsx(replace(data, at_risk=many), made)
    assert len(rows(openpyxl.load_workbook(made), "בסיכון")) == 41


@pytest.mark.parametrize("data", [survey_data(), empty_data()], ids=["survey", "empty"])
def test_thin_data_still_gives_a_whole_workbook(data: object, tmp_path: Path) -> None:
    """Missing sections are sentences; the sheets are always the same."""
    made = tmp_path / "thin.xlsx"
    write_xlsx(data, made)
    book = openpyxl.load_workbook(made)
    assert book.sheetnames == NAMES
    assert any("אין מזהי לקוח" in str(row[0]) for row in rows(book, "בסיכון"))


def test_cells_take_any_text() -> None:
    """Too long, unprintable and isolated texts are written as a spreadsheet can hold them."""
    book = Book("בדיקה", WEEK)
    sheet = book.sheet("בדיקה")
    for row, value in enumerate(("א" * 40_000, "א\x00\ud800ב", "\u2066−3\u2069", math.nan, None)):
        sheet.put(row, 0, value, "text")
    read = openpyxl.load_workbook(io.BytesIO(book.close())).worksheets[0]
    values = [read.cell(row, 1).value for row in range(1, 6)]
    assert len(str(values[0])) == 32_000
    assert values[1:] == ["א\ufffd\ufffdב", "−3", None, None]
