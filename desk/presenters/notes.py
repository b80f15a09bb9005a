"""Notes as people read them: safe to show, shortened around the evidence, with it marked."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pandas as pd

from desk import hebrew
from desk.presenters.figures import Scope
from desk.presenters.reasons import channel_name, reason_name, reason_rows
from labels.frames import Calendar

NOTES_A_REASON = 3
SHORTEST, LONG = 12, 300
SHOWN = 420
BEFORE_EVIDENCE = 120
# Control characters, and halves of surrogate pairs, can stand in neither HTML nor XLSX.
UNPRINTABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")

Span = tuple[int, int, str]
Contact = Mapping[Any, Any] | pd.Series  # a row of Contacts


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a note; `reasons` names what it is evidence of, empty for plain text."""

    text: str
    reasons: str = ""


@dataclass(frozen=True, slots=True)
class Note:
    """A note as it is shown. `direction` is `rtl` wherever there is any Hebrew."""

    contact_id: str
    customer_id: str
    when: str
    channel: str
    queue: str
    text: str
    pieces: tuple[Piece, ...]
    direction: str

    @property
    def evidence(self) -> str:
        """Return the marked pieces, for a cell that cannot mark."""
        return " | ".join(piece.text for piece in self.pieces if piece.reasons)


@dataclass(frozen=True, slots=True)
class TypicalNotes:
    """A reason and its typical notes of the week, the surest first."""

    name: str
    says: str
    notes: tuple[tuple[Note, str], ...]


def printable(text: str) -> str:
    """Return the text with unprintable characters replaced one for one, so that places hold."""
    return UNPRINTABLE.sub("\ufffd", text.replace("\r", " "))


def evidence_spans(evidence: object, reasons: Sequence[str] = ()) -> list[Span]:
    """Return the places of a prediction's evidence with the reason's name, all or only some."""
    if not isinstance(evidence, str) or not evidence:
        return []
    places: dict[str, list[int]] = json.loads(evidence)
    return [
        (start, end, reason_name(reason))
        for reason, (start, end) in sorted(places.items())
        if not reasons or reason in reasons
    ]


def mark(text: str, spans: Sequence[Span]) -> tuple[Piece, ...]:
    """Return the text cut into plain and marked pieces; overlapping places become one mark.

    The pieces joined are the text again. Places outside of the text are cut to it.
    """
    pieces, at = [], 0
    for start, end, names in _merged(spans, len(text)):
        if start > at:
            pieces.append(Piece(text[at:start]))
        pieces.append(Piece(text[start:end], names))
        at = end
    if at < len(text):
        pieces.append(Piece(text[at:]))
    return tuple(pieces)


def _merged(spans: Sequence[Span], length: int) -> list[Span]:
    merged: list[Span] = []
    for start, end, name in sorted(spans):
        start, end = max(start, 0), min(end, length)
        if start >= end:
            continue
        if merged and start < merged[-1][1]:
            first, last, names = merged[-1]
            both = names if name in names.split(", ") else f"{names}, {name}"
            merged[-1] = (first, max(last, end), both)
        else:
            merged.append((start, end, name))
    return merged


def shortened(text: str, spans: Sequence[Span]) -> tuple[str, list[Span]]:
    """Return at most about `SHOWN` characters around the first evidence, and moved places."""
    if len(text) <= SHOWN:
        return text, list(spans)
    first = min((start for start, _, _ in spans), default=0)
    begin = max(0, min(first - BEFORE_EVIDENCE, len(text) - SHOWN))
    end = min(len(text), begin + SHOWN)
    head, tail = "…" * (begin > 0), "…" * (end < len(text))
    moved = [
        (max(start, begin) - begin + len(head), min(stop, end) - begin + len(head), name)
        for start, stop, name in spans
        if start < end and stop > begin
    ]
    return f"{head}{text[begin:end]}{tail}", moved


def note_of(scope: Scope, contact: Contact, spans: Sequence[Span]) -> Note:
    """Return a contact's note with its evidence marked."""
    return note_in(scope.data.calendar, contact, spans)


def note_in(calendar: Calendar, contact: Contact, spans: Sequence[Span]) -> Note:
    """Return a contact's note with its evidence marked, its time by a calendar."""
    when = pd.Timestamp(contact["contacted_at"]).tz_convert(calendar.timezone)
    return note_at(when, contact, spans)


def note_at(
    when: datetime, contact: Contact, spans: Sequence[Span], *, whole: bool = False
) -> Note:
    """Return a contact's note with its evidence marked, shortened around it unless `whole`.

    `when` is the local time; `contact` has `contact_id`, `customer_id`, `channel`, `queue`, `text`.
    """
    text, places = printable(str(contact["text"])), list(spans)
    if not whole:
        text, places = shortened(text, places)
    return Note(
        contact_id=str(contact["contact_id"]),
        customer_id=_text(contact["customer_id"]),
        when=f"{hebrew.day(when.date())} {when:%H:%M}",
        channel=channel_name(str(contact["channel"])),
        queue=_text(contact["queue"]),
        text=text,
        pieces=mark(text, places),
        direction="rtl" if re.search("[א-ת]", text) or not re.search("[A-Za-z]", text) else "ltr",
    )


def typical_notes(scope: Scope) -> tuple[TypicalNotes, ...]:
    """Return up to three notes a reason, in the order of the week's shares."""
    week = scope.week_contacts
    readable = week[week["text"].str.len().between(SHORTEST, LONG)]
    noted = readable.merge(scope.data.predictions, on="contact_id")
    return tuple(
        TypicalNotes(row.name, row.says, _surest(scope, noted, row.reason))
        for row in reason_rows(scope)
        if len(noted) and noted[row.reason].any()
    )


def _surest(scope: Scope, noted: pd.DataFrame, reason: str) -> tuple[tuple[Note, str], ...]:
    found = noted[noted[reason].astype(bool)].sort_values(
        [f"p_{reason}", "contact_id"], ascending=[False, True]
    )
    # A contact without a customer is somebody else each time.
    who = found["customer_id"].where(found["customer_id"].notna(), found["contact_id"])
    chosen = found[~who.duplicated()].head(NOTES_A_REASON)
    return tuple(
        (
            note_of(scope, contact, evidence_spans(contact["evidence"], (reason,))),
            hebrew.percent(float(contact[f"p_{reason}"])),
        )
        for _, contact in chosen.iterrows()
    )


def _text(value: object) -> str:
    return printable(value) if isinstance(value, str) else ""
