"""The notes behind a figure: those that make it up, the surest first, 25 a page."""

from dataclasses import fields, replace
from datetime import date
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response

from desk.deps import Person, Record, TheDesk, allowed
from desk.forms import Id
from desk.pages.week import no_such_week, nothing_yet, weeks_of
from desk.presenters.behind import differs, notes_url, period, shown, traits, what
from desk.presenters.themes import name_of
from desk.rendering import render
from desk.rights import Right
from labels.codebook import Reason
from store.behind import (
    CUTS,
    Answered,
    Behind,
    Churn,
    Ended,
    Kind,
    Opens,
    Repeat,
    count_behind,
    read_behind,
)
from store.figures import held_out_of
from store.owngiven import given_to_contacts
from store.ownpredictions import read_figures
from store.session import transaction
from store.themes import theme_terms

router = APIRouter()
ROWS = 25
TYPED = (*CUTS, "own")


def asked_for(
    week: date,
    weeks: Annotated[int, Query(ge=1, le=4)] = 1,
    kind: Kind = "contact",
    reason: Reason | Literal["none", "unclear"] | None = None,
    queue: Id | None = None,
    channel: Id | None = None,
    product: Id | None = None,
    team: Id | None = None,
    segment: Id | None = None,
    churn: Churn | None = None,
    resolution: Ended | None = None,
    repeat: Repeat | None = None,
    opens: Opens | None = None,
    theme: Annotated[str | None, Query(pattern=r"^[0-9]{1,9}$")] = None,
    own: Id | None = None,
    answered: Answered | None = None,
) -> Behind:
    """Return which notes an address asks for."""
    named = None if reason is None else str(reason)
    return Behind(
        week=week,
        weeks=weeks,
        kind=kind,
        reason=named,
        queue=queue,
        channel=channel,
        product=product,
        team=team,
        segment=segment,
        churn=churn,
        resolution=resolution,
        repeat=repeat,
        opens=opens,
        theme=theme,
        own=own,
        answered=answered,
    )


@router.get("/notes")
def notes(
    request: Request,
    desk: TheDesk,
    person: Annotated[Person, allowed(Right.NOTES)],
    record: Record,
    asked: Annotated[Behind, Depends(asked_for)],
    page: Annotated[int, Query(ge=1, le=100_000)] = 1,
) -> Response:
    """Show one page of the notes."""
    weeks = weeks_of(desk)
    if not weeks:
        return nothing_yet(request)
    week = weeks.find(asked.week)
    if not week:
        return no_such_week(request, weeks)
    asked = replace(asked, week=week)
    how = weeks.counting(week, asked.weeks)
    with transaction(desk.data) as connection:
        count = count_behind(connection, asked, how)
        found = read_behind(connection, asked, how, (page - 1) * ROWS, ROWS)
        terms = theme_terms(connection, how.model_id, asked.theme) if asked.theme else ""
        own = {one.reason_id: one.name for one in read_figures(connection)}
        given = given_to_contacts(connection, found["contact_id"])
    record("notes.opened", _described(asked, page))
    return render(
        request,
        "notes.html.j2",
        asked=asked,
        title=what(asked, count),
        period=period(asked),
        traits=traits(asked, name_of(terms), own.get(asked.own or "", "")),
        differs=differs(asked, corrected=bool(held_out_of(desk.settings))),
        notes=shown(asked, found, weeks.calendar, given),
        first=(page - 1) * ROWS + 1,
        count=count,
        page=page,
        pages=-(-count // ROWS),
        here=notes_url(asked),
        current=weeks.current,
        may_call=person.may(Right.QUEUE),
    )


def _described(asked: Behind, page: int) -> str:
    """Return what was asked for, for the audit log: of what was typed only that it was."""
    said = [
        field.name if field.name in TYPED else f"{field.name}={getattr(asked, field.name)}"
        for field in fields(asked)
        if getattr(asked, field.name) != field.default
    ]
    return " ".join([*said, f"page={page}"])
