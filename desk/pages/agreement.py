"""Agreement: people beside people, the model beside people, and what is to be settled."""

from datetime import UTC, datetime
from typing import Annotated

import pandas as pd
from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import RedirectResponse, Response

from desk.agreements import agreements_of
from desk.deps import Desk, Person, Record, TheDesk, allowed
from desk.model import model_id
from desk.pages.review import SaidOfNote
from desk.presenters.agreement import Dispute, dispute_view, model_view, people_view
from desk.rendering import render
from desk.rights import Right
from labels.review import NOTE
from store.desk_session import desk_writing
from store.reviewing import find_note
from store.reviews import read_reviews, save_settlement
from store.session import transaction

router = APIRouter()
Analyst = Annotated[Person, allowed(Right.REVIEW)]
DISPUTES = 5  # shown at a time


@router.get("/review/agreement")
def agreement(request: Request, desk: TheDesk, person: Analyst, record: Record) -> Response:
    """Show how people agree, how the model does by their labels, and what they dispute."""
    found = agreements_of(desk)
    shown = _disputes(desk, found.disputed)
    for one in shown:
        record("review_seen", one.note.contact_id)
    return render(
        request,
        "review_agreement.html.j2",
        blind=people_view(found.blind),
        aided=people_view(found.aided),
        model=model_view(found.model),
        n=found.n,
        disputes=shown,
        open=found.disputed.groupby(NOTE).ngroups,
    )


def _disputes(desk: Desk, reviews: pd.DataFrame) -> list[Dispute]:
    """Return the first disputed notes whose text is still the one that was labelled."""
    shown: list[Dispute] = []
    with transaction(desk.data) as connection:
        for _, said in reviews.groupby(NOTE, sort=True):
            note = find_note(
                connection, str(said["contact_id"].iloc[0]), model_id(desk.settings.model_dir)
            )
            if note is not None and note.text_digest == said["text_digest"].iloc[0]:
                shown.append(dispute_view(note, said))
            if len(shown) == DISPUTES:
                break
    return shown


@router.post("/review/settle")
def settle(desk: TheDesk, person: Analyst, record: Record, said: SaidOfNote) -> Response:
    """Save the labels that stand for a note on which people disagreed."""
    with desk_writing(desk.people) as connection:
        given = read_reviews(connection)
        of_note = given["contact_id"] == said.contact_id
        if not (of_note & (given["text_digest"] == said.text_digest)).any():
            raise HTTPException(409)
        save_settlement(
            connection,
            contact_id=said.contact_id,
            text_digest=said.text_digest,
            user_name=person.name,
            at=datetime.now(UTC),
            labels=said.labels,
        )
    record("review_settled", said.contact_id)
    return RedirectResponse("/review/agreement#disputes", 303)
