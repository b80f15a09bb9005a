"""Reasons of one's own: added by a name and examples, used by runs, confirmed note by note."""

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Form, HTTPException, Request
from fastapi.responses import RedirectResponse, Response
from pydantic import AfterValidator, StringConstraints

from desk.deps import Desk, Person, Record, TheDesk, allowed
from desk.forms import Id, Line, Text, printable_text
from desk.i18n import _
from desk.model import model_id
from desk.presenters.ownreasons import examples_in, own_rows
from desk.presenters.review import review_note
from desk.rendering import render
from desk.rights import Right
from labels.ownreasons import LEAST_EXAMPLES, LONGEST_NAME, MOST_EXAMPLES, OwnFigures
from store.desk_session import desk_reading, desk_writing
from store.ownpredictions import count_present, next_to_check, read_figures
from store.ownreasons import (
    OwnReasonError,
    add_reason,
    checked_notes,
    count_checks,
    read_reasons,
    remove_reason,
    save_check,
)
from store.reviewing import find_note, texts_of
from store.session import transaction

router = APIRouter()
Analyst = Annotated[Person, allowed(Right.REVIEW)]
Pasted = Annotated[str, StringConstraints(max_length=300_000), AfterValidator(printable_text)]


@router.get("/reasons")
def reasons(request: Request, desk: TheDesk, person: Analyst) -> Response:
    """Show the reasons with what was measured of each, and the form for another."""
    return _page(request, desk)


@router.post("/reasons")
def add(
    request: Request,
    desk: TheDesk,
    person: Analyst,
    record: Record,
    name: Annotated[Line, Form()] = "",
    description: Annotated[Text, Form()] = "",
    examples: Annotated[Pasted, Form()] = "",
    notes: Annotated[Pasted, Form()] = "",
) -> Response:
    """Add a reason; its examples are masked pasted texts, and notes by their ids."""
    from nlp.privacy import Masker  # loads spaCy: only where somebody adds a reason

    ids = list(dict.fromkeys(notes.split()))[: MOST_EXAMPLES + 1]
    with transaction(desk.data) as connection:
        known = texts_of(connection, ids)
    missing = [one for one in ids if one not in known]
    name, description, *pasted = Masker().mask([name, description, *examples_in(examples)])
    texts = [*pasted, *known.values()]
    try:
        if missing:
            raise OwnReasonError("unknown", "no such notes")
        with desk_writing(desk.people) as connection:
            reason_id = add_reason(
                connection,
                name=name,
                description=description,
                examples=texts,
                user_name=person.name,
                at=datetime.now(UTC),
            )
    except OwnReasonError as error:
        given = {"name": name, "description": description, "examples": examples, "notes": notes}
        return _page(request, desk, _problem(error, len(set(texts)), missing), given, 422)
    record("reason_added", reason_id)
    return RedirectResponse("/reasons", 303)


@router.post("/reasons/{reason_id}/remove")
def remove(desk: TheDesk, person: Analyst, record: Record, reason_id: Id) -> Response:
    """Remove a reason; the next run forgets it."""
    with desk_writing(desk.people) as connection:
        if not remove_reason(connection, reason_id):
            raise HTTPException(404)
    record("reason_removed", reason_id)
    return RedirectResponse("/reasons", 303)


@router.get("/reasons/{reason_id}/check")
def check(
    request: Request, desk: TheDesk, person: Analyst, record: Record, reason_id: Id
) -> Response:
    """Show a note of a random sample of those that were given the reason."""
    figures = _figures(desk, reason_id)
    with desk_reading(desk.people) as connection:
        seen = checked_notes(connection, reason_id, figures.version)
    with transaction(desk.data) as connection:
        contact_id = next_to_check(connection, reason_id, seen)
        note = (
            find_note(connection, contact_id, model_id(desk.settings.model_dir))
            if contact_id
            else None
        )
    if note is not None:
        record("reason_note_seen", note.contact_id)
    shown = review_note(note, suggests=False) if note else None
    return render(request, "reason_check.html.j2", reason=figures, note=shown, seen=len(seen))


@router.post("/reasons/{reason_id}/check")
def say(
    desk: TheDesk,
    person: Analyst,
    record: Record,
    reason_id: Id,
    note: Annotated[Id, Form()],
    text_digest: Annotated[Id, Form()],
    version: Annotated[Id, Form()],
    present: Annotated[bool, Form()],
) -> Response:
    """Save whether a note has the reason that it was given."""
    figures = _figures(desk, reason_id)
    with transaction(desk.data) as connection:
        found = find_note(connection, note, model_id(desk.settings.model_dir))
    if found is None:
        raise HTTPException(404)
    if found.text_digest != text_digest or figures.version != version:
        raise HTTPException(409)
    with desk_writing(desk.people) as connection:
        save_check(
            connection,
            reason_id=reason_id,
            contact_id=note,
            text_digest=text_digest,
            version=version,
            user_name=person.name,
            at=datetime.now(UTC),
            present=present,
        )
    record("reason_checked", note)
    return RedirectResponse(f"/reasons/{reason_id}/check", 303)


def _figures(desk: Desk, reason_id: str) -> OwnFigures:
    with transaction(desk.data) as connection:
        found = [one for one in read_figures(connection) if one.reason_id == reason_id]
    if not found:
        raise HTTPException(404)
    return found[0]


def _page(
    request: Request,
    desk: Desk,
    problem: str = "",
    given: dict[str, str] | None = None,
    status: int = 200,
) -> Response:
    with transaction(desk.data) as connection:
        figures = {one.reason_id: one for one in read_figures(connection)}
        counts = {one: count_present(connection, one) for one in figures}
    with desk_reading(desk.people) as connection:
        known = read_reasons(connection)
        checks = {
            one: count_checks(connection, one, found.version) for one, found in figures.items()
        }
    return render(
        request,
        "reasons.html.j2",
        status,
        rows=own_rows(known, figures, counts, checks),
        problem=problem,
        given=given or dict.fromkeys(("name", "description", "examples", "notes"), ""),
        least=LEAST_EXAMPLES,
        longest=LONGEST_NAME,
    )


def _problem(error: OwnReasonError, count: int, missing: list[str]) -> str:
    if error.code == "unknown":
        return _("אין במאגר פניות כאלה: {ids}").format(ids=", ".join(missing[:5]))
    return {
        "name": _("לסיבה צריך שם, עד {longest} תווים.").format(longest=LONGEST_NAME),
        "known": _("כבר יש סיבה בשם הזה."),
        "few": _("צריך לפחות {least} דוגמאות שונות; ניתנו {count}.").format(
            least=LEAST_EXAMPLES, count=count
        ),
        "many": _("אפשר לתת עד {most} דוגמאות.").format(most=MOST_EXAMPLES),
    }[error.code]
