"""The report in English: no Hebrew letter but the data's, left to right, and as read."""

import io
import os
import re
from collections.abc import Iterator
from dataclasses import fields, replace
from datetime import timedelta
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
from openpyxl import Workbook

from desk.i18n import speaking
from desk.presenters import present, summary_heads, summary_rows
from desk.report import render_html, write_xlsx
from desk.report_data import ReportData
from tests.desk.fixtures import WEEK, empty_data, report_data, survey_data
from tests.desk.test_presenters import figure
from tests.desk.test_report import GOLDEN, Page

HEBREW = re.compile("[\u0590-\u05ff]")
# One Latin letter for each Hebrew one, so that places of evidence hold.
LATIN = dict.fromkeys(range(0x0590, 0x0600), "x")


def in_latin(data: ReportData) -> ReportData:
    """Return the data with every Hebrew letter of its frames replaced: what is left is ours."""
    frames = {
        field.name: value.map(lambda cell: cell.translate(LATIN) if isinstance(cell, str) else cell)
        for field in fields(data)
        if isinstance(value := getattr(data, field.name), pd.DataFrame)
    }
    return replace(data, **frames)


def audited() -> ReportData:
    """Return the week with an audit, prices, a second window, and a desk that can call two."""
    data = report_data()
    names = ("error_cost_prevented", "error_cost_mended", "error_cost_suffered")
    made = [
        data.signals,
        *(figure(name, 12 * 10**power, WEEK, n=12) for power, name in enumerate(names)),
        figure("audited", 40, WEEK, n=104),
        figure("fcr_wide_queue", 0.61, WEEK - timedelta(weeks=3)),
    ]
    signals = pd.concat(made, ignore_index=True)
    return replace(data, signals=signals, daily_calls=1, called=2)


def unknown() -> ReportData:
    """Return the week without customers, earlier weeks or fitted weights."""
    data = report_data()
    kept = data.signals["week"].eq(WEEK) & ~data.signals["metric"].str.contains("risk_|_change|_so")
    return replace(
        data,
        signals=data.signals[kept],
        contacts=data.contacts.assign(customer_id=None),
        at_risk=data.at_risk.iloc[:0],
        customers=data.customers.iloc[:0],
        model=replace(data.model, corrects=True),
    )


CASES = {
    "whole": report_data,
    "audited": audited,
    "unknown": unknown,
    "survey": survey_data,
    "empty": empty_data,
}


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    with speaking("en"):
        yield


def workbook(data: ReportData, folder: Path) -> Workbook:
    write_xlsx(data, folder / "report.xlsx")
    return openpyxl.load_workbook(io.BytesIO((folder / "report.xlsx").read_bytes()))


@pytest.mark.parametrize("name", CASES)
def test_no_hebrew_is_left_in_page_workbook_and_summary(name: str, tmp_path: Path) -> None:
    """With data in Latin letters no Hebrew one remains: in texts, attributes, charts, cells."""
    data = in_latin(CASES[name]())
    found = [line for line in render_html(data).splitlines() if HEBREW.search(line)]
    assert found == []
    book = workbook(data, tmp_path)
    cells = [cell.value for sheet in book for row in sheet for cell in row]
    assert [text for text in (*cells, *book.sheetnames) if HEBREW.search(str(text))] == []
    assert not HEBREW.search(str([summary_heads(), *summary_rows(data)]))


def test_the_english_text_is_as_read_and_approved() -> None:
    """Golden: every visible text in order, evidence between asterisks."""
    text = "\n".join(Page(render_html(report_data())).lines) + "\n"
    path = GOLDEN / "report.en.txt"
    if os.environ.get("KESHEV_WRITE_GOLDEN"):
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8")


def test_the_page_is_english_left_to_right() -> None:
    """Root, charts and arrows follow the way of reading; a Hebrew note stays right to left."""
    html = render_html(report_data())
    page = Page(html)
    assert page.all("html") == [{"lang": "en", "dir": "ltr"}]
    assert not page.unbalanced
    assert 'content: "→"' in html
    assert {quote["dir"] for quote in page.all("blockquote")} == {"rtl", "ltr"}
    assert not set("\u2066\u2067\u2068\u2069") & set(html)


def test_bars_of_reasons_grow_to_the_right() -> None:
    """In Hebrew the longest bar ends at the left of the chart, in English at the right."""
    ends = {}
    for language in ("he", "en"):
        with speaking(language):
            html = render_html(report_data())
        chart = html[html.index("<svg", html.index('id="reasons"')) :]
        ends[language] = [float(x) for x in re.findall(r'd="M([\d.]+),[\d.]+h[\d.]+v15', chart)]
    assert len(ends["he"]) == len(ends["en"]) == 12
    assert set(ends["en"]) == {0.0}
    assert len(set(ends["he"])) > 6


def test_sheets_are_english_left_to_right_and_say_what_the_page_says(tmp_path: Path) -> None:
    """Dates read as in English, arrows point to the right, figures stand under their names."""
    data = report_data()
    book = workbook(data, tmp_path)
    assert not any(sheet.sheet_view.rightToLeft for sheet in book)
    assert book["Trends"].cell(2, 1).number_format == "d mmm yyyy"
    journeys = [str(row[4]) for row in book["Drawn-out issues"].iter_rows(values_only=True)]
    assert "תמיכה טכנית\u200e → 3 Nov" in journeys[1]
    summary = {row[0]: row[1] for row in book["Summary"].iter_rows(values_only=True)}
    for key in present(data).key_figures:
        assert summary[key.name] == pytest.approx(key.figure.value)


def test_both_languages_have_the_same_figures() -> None:
    """Only words differ: the numbers of both reports are equal."""
    english = present(report_data())
    with speaking("he"):
        hebrew = present(report_data())
    assert [row.figure for row in english.reasons] == [row.figure for row in hebrew.reasons]
    assert [key.figure.n for key in english.key_figures] == [
        key.figure.n for key in hebrew.key_figures
    ]
    assert [row.score for row in english.risk.rows] == [row.score for row in hebrew.risk.rows]
