"""The notes behind a figure: how many they are, and one page of them."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal

import pandas as pd
from sqlalchemy import Connection, Select, and_, func, or_, select
from sqlalchemy.sql import ColumnElement, FromClause

from labels.codebook import REASONS
from labels.frames import UTC
from signals.journeys import ORDEAL
from store import tables
from store.predictions import matching
from store.rows import read_frame

Kind = Literal["contact", "survey", "noted", "any"]
Churn = Literal["signal", "explicit", "at_risk"]
Ended = Literal["resolved", "open", "returned"]
Repeat = Literal["stated", "followed", "thread", "switched", "ordeal"]
Opens = Literal["thread", "returned", "ordeal"]
Answered = Literal["nps", "csat", "resolved"]
CUTS = ("queue", "channel", "product", "team", "segment")
IN_THREADS = ("followed", "thread", "switched", "ordeal")
NO_REASON, UNCLEAR = "none", "unclear"
COLUMNS = ("contact_id", "customer_id", "contacted_at", "channel", "queue", "text")

_contact, _made, _thread = tables.contacts.c, tables.predictions.c, tables.threads.c
_next, _before = tables.threads.alias("next"), tables.threads.alias("before")
_former = tables.contacts.alias("former")


@dataclass(frozen=True, slots=True)
class Behind:
    """Which notes: those of a week that have all that is named here; None names nothing.

    `weeks` is how many weeks end with `week`. `kind`: inbound contacts, survey comments, both
    (`noted`), or outbound contacts too (`any`). `reason` is a reason's id, `none` or `unclear`.
    `resolution`: as the note says; `returned`, resolved by the note while the customer came back in
    its thread. `repeat`: said by the note; in a thread at all (`followed`); not the first of its
    thread; such through another channel than the one before; or the last of an ordeal. `opens`: the
    first of a thread, of one that went on, or of an ordeal. `own`: the id of a reason that people
    added. `answered`: a survey's question.
    """

    week: date
    weeks: int = 1
    kind: Kind = "contact"
    reason: str | None = None
    queue: str | None = None
    channel: str | None = None
    product: str | None = None
    team: str | None = None
    segment: str | None = None
    churn: Churn | None = None
    resolution: Ended | None = None
    repeat: Repeat | None = None
    opens: Opens | None = None
    theme: str | None = None
    own: str | None = None
    answered: Answered | None = None


@dataclass(frozen=True, slots=True)
class Counting:
    """How the figures were counted: the moments of the asked weeks, the model, the threads."""

    begin: datetime
    end: datetime
    until: datetime
    model_id: str
    definition: str


def count_behind(connection: Connection, asked: Behind, how: Counting) -> int:
    """Return how many notes these are."""
    query = _chosen(select(func.count()), asked, how)
    return int(connection.execute(query).scalar_one())


def read_behind(
    connection: Connection, asked: Behind, how: Counting, skip: int, most: int
) -> pd.DataFrame:
    """Return some of the notes: `COLUMNS`, `evidence`, the twelve reasons, and `sure`.

    `sure` is the probability that they are shown by.

    The surest stand first, of what was asked for by a label; else the newest. `sure` is NaN there.
    """
    sure = _sure(asked)
    columns = [_contact[name] for name in COLUMNS]
    flags = [_made[str(reason)] for reason in REASONS]
    shown = select(*columns, _made.evidence, *flags, sure.label("sure"))
    newest = (_contact.contacted_at.desc(), _contact.contact_id)
    order = (sure.desc(), _contact.contact_id) if _is_ranked(asked) else newest
    query = _chosen(shown, asked, how).order_by(*order).offset(skip).limit(most)
    return read_frame(connection, query, {"contacted_at": UTC, "sure": float})


def _chosen(query: Select[Any], asked: Behind, how: Counting) -> Select[Any]:
    """Return the query of the chosen notes."""
    conditions = [
        _contact.duplicate.is_(False),
        _contact.contacted_at >= how.begin,
        _contact.contacted_at < how.end,
        _contact.contacted_at <= how.until,
        *_of_kind(asked.kind),
        *_of_labels(asked),
        *_of_threads(asked),
        *_of_cuts(asked),
    ]
    if asked.answered:
        conditions.append(_ANSWERS[asked.answered].is_not(None))
    return query.select_from(_source(asked, how)).where(*conditions)


def _source(asked: Behind, how: Counting) -> FromClause:
    source: FromClause = tables.contacts.outerjoin(tables.predictions, matching(how.model_id))
    if asked.repeat in IN_THREADS or asked.opens or asked.resolution == "returned":
        own = and_(_thread.contact_id == _contact.contact_id, _thread.definition == how.definition)
        source = source.join(tables.threads, own)
    if asked.segment is not None:
        own = tables.customers.c.customer_id == _contact.customer_id
        source = source.outerjoin(tables.customers, own)
    if asked.theme is not None:
        own = tables.theme_notes.c.contact_id == _contact.contact_id
        own = and_(own, tables.theme_notes.c.theme_id == asked.theme)
        source = source.join(tables.theme_notes, own)
    if asked.own is not None:
        given = tables.own_predictions.c
        own = and_(given.contact_id == _contact.contact_id, given.reason_id == asked.own)
        own = and_(own, given.present.is_(True), given.text_digest == _contact.text_digest)
        source = source.join(tables.own_predictions, own)
    return source


def _of_kind(kind: Kind) -> list[ColumnElement[bool]]:
    survey, inbound = _contact.channel == "survey", _contact.direction == "in"
    chosen = {
        "contact": [inbound, ~survey],
        "survey": [survey],
        "noted": [or_(inbound, survey)],
        "any": [],
    }
    return chosen[kind]


def _of_labels(asked: Behind) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if asked.reason == UNCLEAR:
        found.append(_made.unclear.is_(True))
    elif asked.reason == NO_REASON:
        found += [_made[str(reason)].is_(False) for reason in (*REASONS, UNCLEAR)]
    elif asked.reason:
        found.append(_made[asked.reason].is_(True))
    if asked.churn == "at_risk":
        found.append(_made.at_risk.is_(True))
    elif asked.churn:
        found.append(_made.churn_intent == asked.churn)
    if asked.resolution:
        said = "resolved" if asked.resolution == "returned" else asked.resolution
        found.append(_made.resolution == said)
    if asked.repeat == "stated":
        found.append(_made.repeat.is_(True))
    return found


def _of_threads(asked: Behind) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if asked.repeat in ("thread", "switched"):
        found.append(_thread.position > 1)
    if asked.repeat == "switched":
        found.append(_through_another_channel())
    if asked.repeat == "ordeal":
        found += [_thread.position >= ORDEAL, ~_reached(_thread.position + 1)]
    if asked.opens:
        found.append(_thread.position == 1)
    if asked.opens == "returned" or asked.resolution == "returned":
        found.append(_reached(_thread.position + 1))
    if asked.opens == "ordeal":
        found.append(_reached(ORDEAL))
    return found


def _reached(position: ColumnElement[int] | int) -> ColumnElement[bool]:
    """Return whether the contact's thread has a contact at a position."""
    same = and_(_next.c.thread_id == _thread.thread_id, _next.c.definition == _thread.definition)
    return select(_next.c.contact_id).where(same, _next.c.position == position).exists()


def _through_another_channel() -> ColumnElement[bool]:
    before = select(_former.c.channel).join(_before, _before.c.contact_id == _former.c.contact_id)
    before = before.where(
        _before.c.thread_id == _thread.thread_id,
        _before.c.definition == _thread.definition,
        _before.c.position == _thread.position - 1,
    )
    return before.correlate(tables.threads).scalar_subquery() != _contact.channel


def _of_cuts(asked: Behind) -> list[ColumnElement[bool]]:
    wanted = {name: getattr(asked, name) for name in CUTS}
    columns: dict[str, ColumnElement[str]] = {name: _contact[name] for name in CUTS}
    columns["segment"] = func.coalesce(_contact.segment, tables.customers.c.segment)
    return [columns[name] == value for name, value in wanted.items() if value is not None]


_ANSWERS: dict[Answered, ColumnElement[object]] = {
    "nps": _contact.nps,
    "csat": _contact.csat,
    "resolved": _contact.survey_resolved,
}


def _is_ranked(asked: Behind) -> bool:
    return bool(asked.theme or asked.own or _probability(asked) is not None)


def _probability(asked: Behind) -> ColumnElement[float] | None:
    """Return the probability of the first label that was asked for."""
    if asked.reason and asked.reason not in (NO_REASON, UNCLEAR):
        return _made[f"p_{asked.reason}"]
    if asked.churn == "at_risk":
        return _made.p_churn_signal + _made.p_churn_explicit
    if asked.churn:
        return _made[f"p_churn_{asked.churn}"]
    if asked.resolution:
        said = "resolved" if asked.resolution == "returned" else asked.resolution
        return _made[f"p_resolution_{said}"]
    return _made.p_repeat if asked.repeat == "stated" else None


def _sure(asked: Behind) -> ColumnElement[float]:
    if asked.theme:
        return tables.theme_notes.c.near
    if asked.own:
        return tables.own_predictions.c.p
    found = _probability(asked)
    return func.nullif(0.0, 0.0) if found is None else found
