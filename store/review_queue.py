"""Which note a person is given to review next.

Two parts. `unclear`: notes in which the model was unsure, with what it suggests. `random`: a random
sample of all notes, without sight of the model, on which people and model are measured. Both go by
the digest of a contact's row, which is a permanent random number (Ohlsson, 1995; see
signals/sampling.py): the sample from its beginning, the unclear notes from its end, so that
nobody sees a suggestion for a note of the sample before it is that note's turn.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Select, and_, delete, select

from store import tables
from store.desk_tables_review import review_turns, reviews
from store.rows import digest, put_row

AT_WORK = timedelta(minutes=15)  # a note is another person's for so long after it was shown
LATER = timedelta(days=1)  # until a note that was skipped comes again
STEP = 200  # candidates a query


class Part(StrEnum):
    """Where a note to review comes from."""

    UNCLEAR = "unclear"
    RANDOM = "random"


@dataclass(frozen=True)
class Candidate:
    """A contact that could be reviewed, by the digests of its text and of its row."""

    contact_id: str
    text_digest: str
    row_digest: str


@dataclass(frozen=True)
class Taken:
    """What stands between a person and a note.

    `done` and `others` are texts (contact, digest) that the person reviewed, and how many others
    did; `elsewhere` the contacts that lie before somebody else now; `skipped` the person's own.
    """

    done: frozenset[tuple[str, str]] = frozenset()
    others: dict[tuple[str, str], int] = field(default_factory=dict)
    elsewhere: frozenset[str] = frozenset()
    skipped: frozenset[str] = frozenset()

    def is_free(self, one: Candidate, second_reviews: float) -> bool:
        """Return whether the person may be given this note."""
        key = (one.contact_id, one.text_digest)
        if key in self.done or one.contact_id in self.skipped:
            return False
        others = self.others.get(key, 0)
        if not others and one.contact_id not in self.elsewhere:
            return True
        return others < 2 and for_two(one.contact_id, second_reviews)


def for_two(contact_id: str, share: float) -> bool:
    """Return whether a note is one of the `share` that two people review, for agreement."""
    return int(digest("two", contact_id)[:8], 16) < share * 2**32


def taken_of(desk: Connection, user_name: str, now: datetime) -> Taken:
    """Return what stands between a person and a note, now."""
    done, others = set(), dict[tuple[str, str], int]()
    said = select(reviews.c.contact_id, reviews.c.text_digest, reviews.c.user_name)
    for contact_id, text_digest, name in desk.execute(said):
        key = (contact_id, text_digest)
        if name == user_name:
            done.add(key)
        else:
            others[key] = others.get(key, 0) + 1
    turn = review_turns.c
    shown = select(turn.contact_id).where(
        turn.user_name != user_name, turn.skipped.is_(False), turn.at > now - AT_WORK
    )
    skipped = select(turn.contact_id).where(
        turn.user_name == user_name, turn.skipped.is_(True), turn.at > now - LATER
    )
    return Taken(
        frozenset(done),
        others,
        frozenset(desk.execute(shown).scalars()),
        frozenset(desk.execute(skipped).scalars()),
    )


def candidates(data: Connection, part: Part, model_id: str) -> Iterator[Candidate]:
    """Yield the part's notes in the order in which they are given."""
    contact = tables.contacts.c
    columns = (contact.contact_id, contact.text_digest, contact.row_digest)
    if part is Part.UNCLEAR:
        yield from _rows(data, _unclear(model_id).with_only_columns(*columns))
        return
    after = ""
    while True:
        query = select(*columns).where(contact.duplicate.is_(False), contact.row_digest > after)
        found = list(_rows(data, query.order_by(contact.row_digest).limit(STEP)))
        yield from found
        if len(found) < STEP:
            return
        after = found[-1].row_digest


def _unclear(model_id: str) -> Select[tuple[str]]:
    contact, made = tables.contacts.c, tables.predictions.c
    matching = and_(made.contact_id == contact.contact_id, made.text_digest == contact.text_digest)
    return (
        select(contact.contact_id)
        .select_from(tables.predictions.join(tables.contacts, matching))
        .where(made.model_id == model_id, made.unclear.is_(True), contact.duplicate.is_(False))
        .order_by(contact.row_digest.desc())
    )


def _rows(data: Connection, query: Select[Any]) -> Iterator[Candidate]:
    for row in data.execute(query):
        yield Candidate(*row)


def first_free(order: Iterable[Candidate], taken: Taken, second_reviews: float) -> Candidate | None:
    """Return the first note of an order that the person may be given, None when there is none."""
    return next((one for one in order if taken.is_free(one, second_reviews)), None)


def note_turn(
    desk: Connection, user_name: str, contact_id: str, now: datetime, *, skipped: bool = False
) -> None:
    """Record that a note lies before a person, or was skipped; what lay there before is free."""
    row = {"user_name": user_name, "contact_id": contact_id, "at": now, "skipped": skipped}
    put_row(desk, review_turns, row)
    turn = review_turns.c
    mine = turn.user_name == user_name
    before = select(turn.contact_id).where(
        mine, turn.skipped.is_(False), turn.contact_id != contact_id
    )
    # Two pages of one person that free each other's notes must not wait for each other.
    idle = before.with_for_update(skip_locked=True)
    desk.execute(delete(review_turns).where(mine, turn.contact_id.in_(idle)))


@dataclass(frozen=True)
class Undone:
    """A review that was taken back: its contact, and whether it was blind."""

    contact_id: str
    blind: bool


def undo_last(desk: Connection, user_name: str) -> Undone | None:
    """Take back the person's last review and return it; None when there is none."""
    said = reviews.c
    mine = said.user_name == user_name, said.source == "review"
    newest = select(said.contact_id, said.blind).where(*mine)
    row = desk.execute(newest.order_by(said.at.desc(), said.contact_id).limit(1)).one_or_none()
    if row is None:
        return None
    desk.execute(delete(reviews).where(*mine, said.contact_id == row.contact_id))
    return Undone(row.contact_id, row.blind)
