"""The week: its figures, two weeks side by side, and the report's files."""

from datetime import date
from typing import Annotated, Literal

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from desk import hebrew, i18n
from desk.deps import Desk, Person, Record, TheDesk, allowed
from desk.gathering import gather
from desk.presenters.othersettings import other_settings
from desk.rendering import render
from desk.rights import Right
from desk.weeks import Weeks
from keshev.errors import StoreError

router = APIRouter()
Manager = Annotated[Person, allowed(Right.WEEK)]
Breakdown = Literal["queue", "channel", "product", "team", "segment", "at_risk"]
EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@router.get("/week")
def newest(
    request: Request,
    desk: TheDesk,
    person: Manager,
    record: Record,
    day: date | None = None,
    against: date | None = None,
    by: Breakdown = "queue",
) -> Response:
    """Show the newest week that has ended; the picker names another, and one to compare it with."""
    if day:
        return RedirectResponse(f"/week/{day}" + (f"/against/{against}" if against else ""), 303)
    weeks = weeks_of(desk)
    return (
        _page(request, person, record, weeks, weeks.newest, by) if weeks else nothing_yet(request)
    )


@router.get("/week/{first_day}")
def week(
    request: Request,
    desk: TheDesk,
    person: Manager,
    record: Record,
    first_day: date,
    by: Breakdown = "queue",
) -> Response:
    """Show a week; another day of it leads to its first."""
    weeks = weeks_of(desk)
    if not weeks:
        return nothing_yet(request)
    found = weeks.find(first_day)
    if not found:
        return no_such_week(request, weeks)
    if found != first_day:
        return RedirectResponse(f"/week/{found}", 303)
    return _page(request, person, record, weeks, found, by)


@router.get("/week/{first_day}/against/{other}")
def against(
    request: Request, desk: TheDesk, person: Manager, first_day: date, other: date
) -> Response:
    """Show two weeks side by side."""
    weeks = weeks_of(desk)
    if not weeks:
        return nothing_yet(request)
    now, then = weeks.find(first_day), weeks.find(other)
    if not now or not then:
        return no_such_week(request, weeks)
    compared, fresh = weeks.compare(now, then)
    return render(
        request,
        "week_against.html.j2",
        compared=compared,
        current=weeks.current and fresh,
        weeks=weeks.weeks[::-1],
        week_dates=hebrew.week_dates,
        may=person.may(Right.NOTES),
    )


@router.get("/week/{first_day}/report.html")
def report_page(
    request: Request, desk: TheDesk, person: Manager, record: Record, first_day: date
) -> Response:
    """Give the week's report as one HTML file."""
    return _file(request, desk, record, first_day, "html")


@router.get("/week/{first_day}/report.xlsx")
def report_workbook(
    request: Request, desk: TheDesk, person: Manager, record: Record, first_day: date
) -> Response:
    """Give the week's report as a workbook."""
    return _file(request, desk, record, first_day, "xlsx")


def weeks_of(desk: Desk) -> Weeks | None:
    """Return the weeks that have figures, None where nothing was counted yet."""
    try:
        return Weeks(desk)
    except StoreError:
        return None


def nothing_yet(request: Request) -> HTMLResponse:
    """Return the page that says what to run first."""
    return render(request, "week_nothing.html.j2", weeks=(), week_dates=hebrew.week_dates)


def no_such_week(request: Request, weeks: Weeks) -> HTMLResponse:
    """Return the page that says which weeks there are (404)."""
    known = weeks.weeks[::-1]
    return render(request, "week_nothing.html.j2", 404, weeks=known, week_dates=hebrew.week_dates)


def _page(
    request: Request, person: Person, record: Record, weeks: Weeks, week: date, by: Breakdown
) -> Response:
    view, fresh = weeks.view(week)
    may = person.may(Right.NOTES)
    if may and "hx-request" not in request.headers:  # a part of a page that was recorded already
        record("week.opened", str(week))
    place = weeks.weeks.index(week)
    shown = next((one for one in view.breakdowns if one.kind == by), None)
    return render(
        request,
        "week.html.j2",
        view=view,
        report=view.report,
        current=weeks.current and fresh,
        others=other_settings(weeks.differing),
        breakdown=shown or next(iter(view.breakdowns), None),
        weeks=weeks.weeks[::-1],
        before=weeks.weeks[place - 1] if place else None,
        after=weeks.weeks[place + 1] if place + 1 < len(weeks.weeks) else None,
        week_dates=hebrew.week_dates,
        may=may,
        may_call=person.may(Right.QUEUE),
    )


def _file(
    request: Request, desk: Desk, record: Record, day: date, kind: Literal["html", "xlsx"]
) -> Response:
    weeks = weeks_of(desk)
    if not weeks:
        return nothing_yet(request)
    week = weeks.find(day)
    if not week:
        return no_such_week(request, weeks)
    key = ("report", kind, week, i18n.language())
    content, _fresh = desk.kept.get(key, weeks.made.key, lambda: _report(desk, week, kind))
    record("report.downloaded", f"{week} {kind}")
    spoken = "" if i18n.language() == "he" else f".{i18n.language()}"
    name = f"keshev-{week}{spoken}.{kind}"
    headers = {"content-disposition": f'attachment; filename="{name}"'}
    media = "text/html; charset=utf-8" if kind == "html" else EXCEL
    return Response(content, media_type=media, headers=headers)


def _report(desk: Desk, week: date, kind: Literal["html", "xlsx"]) -> bytes:
    """Return the file as `keshev report` writes it."""
    from desk.report import render_html, xlsx_of  # bring Altair: a second by itself

    data = gather(desk.settings, desk.data, week)
    return render_html(data).encode() if kind == "html" else xlsx_of(data)
