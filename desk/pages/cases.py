"""One customer's case: the journey, the advice, taking it, and how it ended."""

from datetime import UTC, date, datetime, timedelta
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Form, HTTPException, Path, Query, Request
from fastapi.responses import RedirectResponse, Response

from desk.casework import File, Shift, file_of, shift_of
from desk.deps import Desk, Person, Record, TheDesk, allowed
from desk.forms import Id, Line, Text
from desk.i18n import _
from desk.outcomes import CALL_WITHIN, Said, outcome_of, problem_of
from desk.presenters.case import case_page
from desk.presenters.queue import outcome_name, seen_moment, state_text, today
from desk.queueing import next_after
from desk.rendering import render
from desk.rights import Right
from labels.codebook import ChurnIntent, Reason, Resolution
from labels.playbook import read_playbook
from store.cases import Offer, OutcomeKind, close, release, take
from store.desk_session import desk_writing
from store.journeys import is_known
from store.reviews import save_review
from store.session import transaction

router = APIRouter()
Agent = Annotated[Person, allowed(Right.QUEUE)]
CustomerId = Annotated[Id, Path()]
Day = Annotated[date | None, Form()]


@router.get("/cases/{customer_id:path}")
def case(
    request: Request,
    desk: TheDesk,
    person: Agent,
    record: Record,
    customer_id: CustomerId,
    page: Annotated[int, Query(ge=1, le=10_000)] = 1,
    note: Line = "",
    after: OutcomeKind | None = None,
) -> Response:
    """Show a customer's case; `after` is the outcome of the case before."""
    shift = shift_of(desk, datetime.now(UTC))
    file = _file(desk, shift, customer_id, page, note)
    record("case_view", customer_id)
    said = _("נרשם: {outcome}.").format(outcome=outcome_name(after)) if after else ""
    chosen = "wrong_reason" if note else ""
    return _page(request, desk, shift, file, person, page=page, said=said, chosen=chosen)


@router.post("/cases/{customer_id:path}/take")
def take_case(
    request: Request,
    desk: TheDesk,
    person: Agent,
    record: Record,
    customer_id: CustomerId,
    seen: Annotated[int | None, Form(ge=0, le=2**53)] = None,
) -> Response:
    """Make the customer the person's case; show who was first where somebody was."""
    with transaction(desk.data) as data:
        if not is_known(data, customer_id):
            raise HTTPException(404)
    now, hours = datetime.now(UTC), desk.settings.case_hours
    with desk_writing(desk.people) as connection:
        taken = take(connection, customer_id, person.name, now, hours=hours, seen=seen_moment(seen))
    if not taken:
        return _conflict(request, desk, customer_id, person)
    record("case_take", customer_id)
    return _to(customer_id)


@router.post("/cases/{customer_id:path}/release")
def release_case(
    request: Request, desk: TheDesk, person: Agent, record: Record, customer_id: CustomerId
) -> Response:
    """Give the case back to the queue."""
    with desk_writing(desk.people) as connection:
        released = release(connection, customer_id, person.name, datetime.now(UTC))
    if not released:
        return _conflict(request, desk, customer_id, person)
    record("case_release", customer_id)
    return RedirectResponse("/queue", 303)


@router.post("/cases/{customer_id:path}/outcome")
def end_case(
    request: Request,
    desk: TheDesk,
    person: Agent,
    record: Record,
    customer_id: CustomerId,
    outcome: Annotated[OutcomeKind, Form()],
    offer: Annotated[Offer | None, Form()] = None,
    words: Annotated[Text, Form()] = "",
    left_on: Day = None,
    call_on: Day = None,
    contact_id: Annotated[Line, Form()] = "",
    reasons: Annotated[list[Reason] | None, Form(max_length=12)] = None,
    churn_intent: Annotated[ChurnIntent, Form()] = ChurnIntent.NONE,
    resolution: Annotated[Resolution, Form()] = Resolution.UNSTATED,
    repeat: Annotated[bool, Form()] = False,
) -> Response:
    """Write how the case ended, and go on to the next customer."""
    now = datetime.now(UTC)
    shift = shift_of(desk, now)
    note = contact_id if outcome == "wrong_reason" else ""
    file = _file(desk, shift, customer_id, 1, note)
    said = Said(
        outcome, offer, words, left_on, call_on, reasons or [], churn_intent, resolution, repeat
    )
    problem = problem_of(said, file.note, shift.clock.today)
    if problem:
        return _page(
            request, desk, shift, file, person, problem=problem, chosen=outcome, status=422
        )
    with desk_writing(desk.people) as connection:
        ended = close(connection, customer_id, person.name, now, outcome_of(said, file.note))
        if ended and outcome == "wrong_reason" and file.note:
            save_review(
                connection,
                contact_id=file.note.contact_id,
                text_digest=file.note.text_digest,
                user_name=person.name,
                at=now,
                source="case",
                labels=said.labels,
            )
    if not ended:
        return _conflict(request, desk, customer_id, person)
    record(f"case_{outcome}", customer_id)
    return _next(desk, person, outcome)


def _next(desk: Desk, person: Person, outcome: OutcomeKind) -> Response:
    shift = shift_of(desk, datetime.now(UTC))
    following = next_after(shift.risk, shift.known, person.name)
    return _to(following, f"?after={outcome}") if following else RedirectResponse("/queue", 303)


def _to(customer_id: str, query: str = "") -> Response:
    return RedirectResponse(f"/cases/{quote(customer_id, safe='')}{query}", 303)


def _file(desk: Desk, shift: Shift, customer_id: str, page: int, note: str = "") -> File:
    file = file_of(desk, shift, customer_id, page, note)
    if file is None:
        raise HTTPException(404)
    return file


def _conflict(request: Request, desk: Desk, customer_id: str, person: Person) -> Response:
    """Show the case as it is now: who has it, or how it ended in the meantime."""
    shift = shift_of(desk, datetime.now(UTC))
    file = _file(desk, shift, customer_id, 1)
    if file.place.state == "held":
        problem = _("מישהו הקדים אתכם: {state}.").format(
            state=state_text(file.place, shift, person.name)
        )
    else:
        problem = _("המצב השתנה מאז שהעמוד נפתח. כך הוא עכשיו.")
    return _page(request, desk, shift, file, person, problem=problem, status=409)


def _page(
    request: Request,
    desk: Desk,
    shift: Shift,
    file: File,
    person: Person,
    *,
    page: int = 1,
    status: int = 200,
    chosen: str = "",
    problem: str = "",
    said: str = "",
) -> Response:
    playbook = read_playbook(desk.settings.playbook)
    return render(
        request,
        "case.html.j2",
        status,
        view=case_page(shift, file, playbook, person.name, chosen),
        page=page,
        problem=problem,
        said=said,
        today=today(shift),
        first_day=(shift.clock.today + timedelta(days=1)).isoformat(),
        last_day=(shift.clock.today + CALL_WITHIN).isoformat(),
        this_day=shift.clock.today.isoformat(),
    )
