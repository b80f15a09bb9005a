"""The audit log: who saw and did what, the newest first."""

from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from desk.deps import Person, TheDesk, allowed
from desk.forms import Line
from desk.rendering import render
from desk.rights import Right
from store.audit_log import read_log
from store.desk_session import desk_reading

router = APIRouter()
ROWS = 50


@router.get("/people/log")
def log(
    request: Request,
    desk: TheDesk,
    person: Annotated[Person, allowed(Right.PEOPLE)],
    user: Line = "",
    action: Line = "",
    page: Annotated[int, Query(ge=1, le=100_000)] = 1,
) -> Response:
    """Show entries, of one person or action where one is named."""
    with desk_reading(desk.people) as connection:
        entries = read_log(
            connection, user_name=user, action=action, skip=(page - 1) * ROWS, most=ROWS + 1
        )
    return render(
        request,
        "audit_log.html.j2",
        entries=entries[:ROWS],
        zone=ZoneInfo(desk.settings.timezone),
        user=user,
        action=action,
        page=page,
        more=len(entries) > ROWS,
    )
