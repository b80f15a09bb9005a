"""The section of people's own reasons: only where there are some, with what was measured."""

from dataclasses import replace
from datetime import timedelta
from io import BytesIO

import pandas as pd
import pytest
from openpyxl import load_workbook

from desk.presenters import present, told
from desk.presenters.figures import Scope
from desk.presenters.weekview import week_view
from desk.report import render_html
from desk.report_data import ReportData
from desk.sheets import workbook
from labels.ownreasons import OwnFigures
from labels.playbook import read_playbook
from tests.desk.fixtures import WEEK, report_data, survey_data

CHECKED = OwnFigures("own-1", "v", 'טכנאי "שלא" הגיע', "לא הגיע", 20, 17, 400, 3, 25, 20)
NEW = OwnFigures("own-2", "v", "<b>חדשה</b>", "", 22, 11, 400, 9, 0, 0)


def with_own(data: ReportData, *own: OwnFigures) -> ReportData:
    """Return the report's data with shares of these reasons in two weeks."""
    rows = [
        (
            WEEK - timedelta(weeks=back),
            "all",
            "own_share",
            one.reason_id,
            value,
            0.01,
            0.2,
            n,
            False,
        )
        for place, one in enumerate(own)
        for back, value, n in ((0, 0.05 + 0.05 * place, 200), (1, 0.02, 100), (2, 0.04, 50))
    ]
    figures = pd.DataFrame(rows, columns=list(data.signals.columns))
    signals = pd.concat([data.signals, figures], ignore_index=True)
    return replace(data, signals=signals, own=own)


def test_a_report_without_own_reasons_says_nothing_of_them() -> None:
    assert not present(report_data()).own
    assert 'id="own"' not in render_html(report_data())


def test_each_reason_has_its_share_and_its_measured_precision() -> None:
    report = present(with_own(report_data(), CHECKED, NEW))
    assert [(row.name, row.count) for row in report.own] == [(NEW.name, 20), (CHECKED.name, 10)]
    first, second = report.own
    assert first.precision.n == 0
    assert (second.precision.n, second.precision.share) == (25, "80%")
    assert second.share_text == "5.0%"
    assert second.before == pytest.approx(0.03)


def test_the_page_shows_them_and_nothing_of_theirs_runs() -> None:
    html = render_html(with_own(report_data(), CHECKED, NEW))
    section = html.split('id="own"')[1].split("</section>")[0]
    assert "n=25" in section
    assert "עוד לא נמדד" in section
    assert "<b>" not in section
    assert "17 מתוך 20 דוגמאות" in section


def test_the_workbook_has_a_sheet_for_them_alone() -> None:
    names = {}
    for key, data in (("with", with_own(report_data(), CHECKED)), ("without", report_data())):
        book = load_workbook(BytesIO(workbook(present(data), data.week)))
        names[key] = book.sheetnames
        if key == "with":
            sheet = book["סיבות שהוספתם"]
            cells = [cell for row in sheet.iter_rows(values_only=True) for cell in row]
            assert {CHECKED.name, 10, 0.05, 200, 25} <= set(cells)
    assert [name for name in names["with"] if name != "סיבות שהוספתם"] == names["without"]


def test_a_report_of_surveys_counts_no_contacts() -> None:
    assert not present(replace(survey_data(), own=(CHECKED,))).own


def by_queue(data: ReportData, own: OwnFigures) -> ReportData:
    """Return the data with the reason's share in two queues of its week."""
    cells = (("תמיכה טכנית", 0.25, 40), ("חיובים", 0.5, 4))
    rows = [
        (WEEK, f"queue={name}", "own_share", own.reason_id, value, 0.1, 0.9, n, False)
        for name, value, n in cells
    ]
    figures = pd.DataFrame(rows, columns=list(data.signals.columns))
    return replace(data, signals=pd.concat([data.signals, figures], ignore_index=True))


def test_each_reason_stands_by_queue_with_what_that_rests_on() -> None:
    """The week's queues by their size; a queue where nothing was asked shows no share."""
    data = by_queue(with_own(report_data(), CHECKED), CHECKED)
    table = present(data).own_queues
    assert table.queues[:2] == ("תמיכה טכנית", "חיובים")
    ((name, cells),) = table.rows
    assert name == CHECKED.name
    assert [(c.count, c.share.n, c.thin) for c in cells[:2]] == [(10, 40, False), (2, 4, True)]
    assert all(not c.share.known and c.share.n == 0 for c in cells[2:])
    section = render_html(data).split('id="own"')[1].split("</section>")[0]
    assert "n=40" in section
    assert "לפי תור" in section
    assert not present(report_data()).own_queues.cuts


def test_each_own_cell_opens_its_notes() -> None:
    data = by_queue(with_own(report_data(), CHECKED), CHECKED)
    scope = Scope(data)
    view = week_view(scope, told(scope), read_playbook())
    ((_name, cells),) = view.own_cells
    links = [cell.link for cell in cells if cell.link]
    assert [(one.asked.own, one.asked.queue, one.count) for one in links] == [
        ("own-1", "תמיכה טכנית", 10),
        ("own-1", "חיובים", 2),
    ]
    assert set(links) <= set(view.links)
