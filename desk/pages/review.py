"""Review: one note at a time, labelled by keyboard; unclear ones with what the model suggests."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Form, HTTPException, Request
from fastapi.responses import RedirectResponse, Response
from sqlalchemy import Connection

from desk.deps import Desk, Person, Record, TheDesk, allowed
from desk.forms import Id, Line
from desk.model import model_id
from desk.presenters.review import label_form, review_note
from desk.rendering import render
from desk.rights import Right
from labels.codebook import REASONS, ChurnIntent, Reason, Resolution
from store.desk_session import desk_reading, desk_writing
from store.review_queue import (
    Candidate,
    Part,
    Taken,
    candidates,
    first_free,
    note_turn,
    taken_of,
    undo_last,
)
from store.reviewing import NoteToReview, find_note
from store.reviews import Done, count_done, save_review
from store.session import get_meta, transaction

router = APIRouter()
_known_unclear: dict[tuple[str, str | None, str], tuple[Candidate, ...]] = {}
Analyst = Annotated[Person, allowed(Right.REVIEW)]


@router.get("/review")
def review(
    request: Request,
    desk: TheDesk,
    person: Analyst,
    record: Record,
    part: Part | None = None,
    note: Line = "",
) -> Response:
    """Show the next note of a part, unclear ones first, or the note that is named."""
    now, model = datetime.now(UTC), model_id(desk.settings.model_dir)
    with desk_reading(desk.people) as connection:
        taken = taken_of(connection, person.name, now)
        done = count_done(connection, person.name, _midnight(desk, now))
    with transaction(desk.data) as connection:
        chosen, found, left = _next(desk, connection, taken, part, model)
        contact_id = note or (found.contact_id if found else "")
        shown = find_note(connection, contact_id, model) if contact_id else None
    if shown is not None:
        with desk_writing(desk.people) as connection:
            note_turn(connection, person.name, shown.contact_id, now)
        record("review_seen", shown.contact_id)
    return _page(request, shown, chosen, left, done)


def _next(
    desk: Desk, connection: Connection, taken: Taken, part: Part | None, model: str
) -> tuple[Part, Candidate | None, int]:
    """Return the part, its next note, and how many unclear notes are left for the person."""
    share = desk.settings.second_reviews
    known = _unclear(desk, connection, model)
    unclear = [one for one in known if taken.is_free(one, share)]
    if part is Part.UNCLEAR or (part is None and unclear):
        return Part.UNCLEAR, unclear[0] if unclear else None, len(unclear)
    order = candidates(connection, Part.RANDOM, model)
    return Part.RANDOM, first_free(order, taken, share), len(unclear)


def _unclear(desk: Desk, connection: Connection, model: str) -> tuple[Candidate, ...]:
    """Return all unclear notes in their order, read once for each state of the store."""
    state = (str(desk.data.url), get_meta(connection, "revision"), model)
    found = _known_unclear.get(state)
    if found is None:
        found = tuple(candidates(connection, Part.UNCLEAR, model))
        _known_unclear.clear()
        _known_unclear[state] = found
    return found


def _page(
    request: Request, note: NoteToReview | None, part: Part, left: int, done: Done
) -> Response:
    suggests = part is Part.UNCLEAR
    shown = review_note(note, suggests=suggests) if note else None
    return render(
        request,
        "review.html.j2",
        note=shown,
        form=label_form(note.suggested if note and suggests else None),
        part=part,
        left=left,
        done=done,
    )


@dataclass(frozen=True)
class Said:
    """What was said of a note: its contact, the digest of the text that was seen, the labels."""

    contact_id: str
    text_digest: str
    labels: dict[str, object]


def said_of(
    desk: TheDesk,
    note: Annotated[Id, Form()],
    text_digest: Annotated[Id, Form()],
    churn_intent: Annotated[ChurnIntent, Form()],
    resolution: Annotated[Resolution, Form()],
    reasons: Annotated[list[Reason] | None, Form(max_length=len(REASONS))] = None,
    repeat: Annotated[bool, Form()] = False,
) -> Said:
    """Return what a form says of a note.

    Raises:
        HTTPException: 404 for an unknown contact, 409 where its text is another by now.
    """
    with transaction(desk.data) as connection:
        found = find_note(connection, note, model_id(desk.settings.model_dir))
    if found is None:
        raise HTTPException(404)
    if found.text_digest != text_digest:
        raise HTTPException(409)
    given: dict[str, object] = {str(reason): reason in (reasons or []) for reason in REASONS}
    others = {"churn_intent": churn_intent, "resolution": resolution, "repeat": repeat}
    return Said(note, text_digest, given | others)


SaidOfNote = Annotated[Said, Depends(said_of)]


@router.post("/review")
def save(
    desk: TheDesk,
    person: Analyst,
    record: Record,
    said: SaidOfNote,
    part: Annotated[Part, Form()],
) -> Response:
    """Save the labels of a note and go on to the next one."""
    with desk_writing(desk.people) as connection:
        save_review(
            connection,
            contact_id=said.contact_id,
            text_digest=said.text_digest,
            user_name=person.name,
            at=datetime.now(UTC),
            source="review",
            labels=said.labels,
            blind=part is Part.RANDOM,
        )
    record("review_saved", said.contact_id)
    return RedirectResponse(f"/review?part={part}", 303)


@router.post("/review/skip")
def skip(
    desk: TheDesk,
    person: Analyst,
    record: Record,
    note: Annotated[Id, Form()],
    part: Annotated[Part, Form()],
) -> Response:
    """Leave a note to others; it comes again after a day."""
    with transaction(desk.data) as connection:
        if find_note(connection, note, model_id(desk.settings.model_dir)) is None:
            raise HTTPException(404)
    with desk_writing(desk.people) as connection:
        note_turn(connection, person.name, note, datetime.now(UTC), skipped=True)
    record("review_skipped", note)
    return RedirectResponse(f"/review?part={part}", 303)


@router.post("/review/undo")
def undo(desk: TheDesk, person: Analyst, record: Record, part: Annotated[Part, Form()]) -> Response:
    """Take the last labels back and show their note again."""
    with desk_writing(desk.people) as connection:
        undone = undo_last(connection, person.name)
    if undone is None:
        return RedirectResponse(f"/review?part={part}", 303)
    record("review_undone", undone.contact_id)
    shown = Part.RANDOM if undone.blind else Part.UNCLEAR
    return RedirectResponse(f"/review?{urlencode({'part': shown, 'note': undone.contact_id})}", 303)


def _midnight(desk: Desk, now: datetime) -> datetime:
    local = now.astimezone(ZoneInfo(desk.settings.timezone))
    return local.replace(hour=0, minute=0, second=0, microsecond=0)
