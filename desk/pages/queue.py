"""The retention queue: the customers at risk in order, each to be taken by one click."""

from datetime import UTC, datetime
from typing import Annotated, Literal
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from desk.casework import rows_of, shift_of
from desk.deps import Person, Record, TheDesk, allowed
from desk.forms import Line
from desk.presenters.queue import queue_page
from desk.presenters.reasons import reason_name
from desk.queueing import QueueQuery, Shown
from desk.rendering import render
from desk.rights import Right
from labels.codebook import REASONS, Reason

router = APIRouter()


@router.get("/queue")
def queue(
    request: Request,
    desk: TheDesk,
    person: Annotated[Person, allowed(Right.QUEUE)],
    record: Record,
    state: Shown = "free",
    reason: Reason | Literal[""] = "",
    least: Annotated[int, Query(ge=0, le=100)] | Literal[""] = 0,
    customer: Line = "",
    page: Annotated[int, Query(ge=1, le=10_000)] = 1,
) -> Response:
    """Show a page of the queue, of some customers only where the address says which."""
    query = QueueQuery(state, reason or None, least or 0, customer, page)
    shift = shift_of(desk, datetime.now(UTC))
    found = rows_of(desk, shift, query, person.name)
    record("queue_view")
    filtered = query != QueueQuery(page=page)
    return render(
        request,
        "queue.html.j2",
        view=queue_page(shift, found, person.name, filtered=filtered),
        query=query,
        filtered=filtered,
        reasons=[(str(one), reason_name(one)) for one in REASONS],
        address=lambda **changes: _address(query, **changes),
    )


def _address(query: QueueQuery, **changes: object) -> str:
    """Return the address of another page of the queue that asks the same but for the changes."""
    asked = {name: getattr(query, name) for name in QueueQuery.__slots__} | changes
    usual = QueueQuery()
    told = {
        name: str(value)
        for name, value in asked.items()
        if value is not None and value != getattr(usual, name)
    }
    return "/queue" + (f"?{urlencode(told)}" if told else "")
