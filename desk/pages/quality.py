"""Quality, for analysts: what ran, what was set aside, the model, drift, and what was sent."""

import csv
import io
from datetime import date
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from fastapi import APIRouter, HTTPException, Query, Request
from fastapi.responses import Response

from desk import hebrew
from desk.deps import Desk, Person, Record, TheDesk, allowed
from desk.i18n import _
from desk.model import model_id
from desk.modelcard import model_page, reason_figures
from desk.presenters import runs as shown
from desk.presenters.drift import drift_page
from desk.presenters.othersettings import other_settings
from desk.presenters.sources import FIGURES
from desk.rendering import render
from desk.rights import Right
from keshev.errors import SettingsError
from keshev.notify_settings import NotifySettings, read_notify_settings
from store.desk_session import desk_reading
from store.drift import read_drift, read_drift_shares, read_drift_weeks
from store.figures import differing
from store.ledger import count_rejected, file_totals, read_file_page, read_rejected
from store.notices import count_notices, read_notices
from store.rejections import Rejection
from store.runs import count_runs, read_runs
from store.session import transaction
from store.tables_out import inert

router = APIRouter(prefix="/quality")
Analyst = Annotated[Person, allowed(Right.QUALITY)]
Page = Annotated[int, Query(ge=1, le=100_000)]
Code = Rejection | Literal[""]
RUNS, FILES, REJECTED, NOTICES = 25, 50, 100, 50
WEEKS = 12  # that are shown beside each other
WEEKS_TO_CHOOSE = 104


def _zone(desk: Desk) -> ZoneInfo:
    return ZoneInfo(desk.settings.timezone)


@router.get("")
def overview(
    request: Request, desk: TheDesk, person: Analyst, page: Page = 1, files: Page = 1
) -> Response:
    """Show what ran, and what became of each file's rows."""
    with desk_reading(desk.people) as connection:
        many = count_runs(connection)
        runs = read_runs(connection, RUNS, (page - 1) * RUNS)
    with transaction(desk.data) as connection:
        count, totals = file_totals(connection)
        ledger = read_file_page(connection, FILES, (files - 1) * FILES)
        others = differing(connection, desk.settings, model_id(desk.settings.model_dir))
    return render(
        request,
        "quality.html.j2",
        runs=[shown.run_row(run, _zone(desk)) for run in runs],
        more_runs=many > page * RUNS,
        page=page,
        files=[shown.file_row(file) for file in ledger],
        more_files=count > files * FILES,
        file_page=files,
        file_count=count,
        totals=totals,
        others=other_settings(others),
        heads=shown.file_counts(),
        balanced=totals["read"] == sum(totals.values()) - totals["read"],
    )


@router.get("/quarantine")
def quarantine(
    request: Request, desk: TheDesk, person: Analyst, code: Code = "", page: Page = 1
) -> Response:
    """Show which rows were set aside and why; not the rows, which are people's words."""
    with transaction(desk.data) as connection:
        counts = count_rejected(connection)
        rows = read_rejected(connection, code, REJECTED + 1, (page - 1) * REJECTED)
    return render(
        request,
        "quality_quarantine.html.j2",
        counts=[shown.reason_count(count) for count in counts],
        total=sum(count.rows for count in counts),
        rows=[shown.rejected_row(row) for row in rows[:REJECTED]],
        more=len(rows) > REJECTED,
        code=code,
        page=page,
    )


@router.get("/quarantine.csv")
def quarantine_csv(desk: TheDesk, person: Analyst, record: Record, code: Code = "") -> Response:
    """Give file, line, code and reason of the rows that were set aside, as CSV."""
    with transaction(desk.data) as connection:
        rows = read_rejected(connection, code)
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerows([inert(cell) for cell in row] for row in shown.rejected_table(rows))
    record("quarantine_csv", code)
    headers = {"content-disposition": 'attachment; filename="keshev-quarantine.csv"'}
    # The mark at the start makes spreadsheets read the Hebrew as UTF-8.
    return Response(text.getvalue().encode("utf-8-sig"), headers=headers, media_type="text/csv")


@router.get("/model")
def model(request: Request, desk: TheDesk, person: Analyst) -> Response:
    """Show the model's card."""
    found = model_page(desk.settings.model_dir)
    figures = found.card.figures
    return render(
        request,
        "quality_model.html.j2",
        model=found,
        reasons=reason_figures(found.card),
        figures=[(_(name), figures[key]) for key, name in FIGURES.items() if key in figures],
    )


@router.get("/drift")
def drift(request: Request, desk: TheDesk, person: Analyst, week: date | None = None) -> Response:
    """Show a week's drift, the newest by default, and that of the weeks before it."""
    found = model_page(desk.settings.model_dir)
    with transaction(desk.data) as connection:
        weeks = read_drift_weeks(connection, WEEKS_TO_CHOOSE)
        if week is not None and week not in weeks:
            raise HTTPException(404)
        chosen = week or (weeks[0] if weeks else None)
        before = [one for one in weeks if chosen and one <= chosen][:WEEKS]
        figures = read_drift(connection, before) if chosen else None
        shares = read_drift_shares(connection, chosen) if chosen else None
    drifted = None
    if chosen and figures is not None and shares is not None and found.reference:
        reference = found.reference
        drifted = drift_page(chosen, figures, shares, reference.counts, reference.means)
    return render(
        request,
        "quality_drift.html.j2",
        drift=drifted,
        weeks=[(one, hebrew.day(one)) for one in weeks],
        reference=found.reference is not None,
    )


@router.get("/notices")
def notices(request: Request, desk: TheDesk, person: Analyst, page: Page = 1) -> Response:
    """Show what was sent, when, to whom, and what became of it."""
    with desk_reading(desk.people) as connection:
        many = count_notices(connection)
        rows = read_notices(connection, NOTICES, (page - 1) * NOTICES)
    return render(
        request,
        "quality_notices.html.j2",
        rows=[shown.notice_row(row, _zone(desk)) for row in rows],
        more=many > page * NOTICES,
        page=page,
        settings=_notify_settings(),
    )


def _notify_settings() -> NotifySettings | None:
    """Return the settings of notices, None where they cannot be used."""
    try:
        return read_notify_settings()
    except SettingsError:
        return None
