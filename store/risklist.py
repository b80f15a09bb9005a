"""The at-risk list as a page needs it: in memory what it is searched by, the rest by the row."""

import json
import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from typing import Any

from sqlalchemy import Connection, and_, func, or_, select
from sqlalchemy.sql import ColumnElement

from labels.codebook import REASONS, ChurnIntent
from signals.journeys import ORDEAL
from signals.risk_parts import DETRACTOR
from store import tables
from store.predictions import matching
from store.rows import chunks
from store.session import get_meta


@dataclass(frozen=True, slots=True)
class Listed:
    """One customer of the list; `last_contacted_at` is the newest note's time."""

    rank: int
    customer_id: str
    score: float
    reasons: tuple[str, ...]
    last_contacted_at: datetime


@dataclass(frozen=True)
class RiskList:
    """The list, the most at risk first, and of what figures it is."""

    key: str
    listed: tuple[Listed, ...]
    by_customer: Mapping[str, Listed] = field(repr=False)

    @cached_property
    def newest(self) -> datetime | None:
        """Return the newest note's time, None for an empty list."""
        return max((one.last_contacted_at for one in self.listed), default=None)


class RiskLists:
    """Keeps the list between requests, and reads it anew when the figures are others.

    One request reads it; others that come meanwhile get the list before, which is a second old.
    """

    def __init__(self) -> None:
        self._reading = threading.Lock()
        self._kept: RiskList | None = None

    def now(self, connection: Connection) -> RiskList:
        """Return the list of the store's present figures."""
        key, kept = figures_key(connection), self._kept
        if kept is not None and kept.key == key:
            return kept
        if not self._reading.acquire(blocking=kept is None) and kept is not None:
            return kept
        try:
            if self._kept is None or self._kept.key != key:
                self._kept = read_risk_list(connection)
            return self._kept
        finally:
            self._reading.release()


def figures_key(connection: Connection) -> str:
    """Return what the stored figures follow from, empty where there are none."""
    parts = (get_meta(connection, name) or "" for name in ("aggregated", "aggregated_lost"))
    return "\n".join(parts)


def read_risk_list(connection: Connection) -> RiskList:
    """Return the list as it is searched; a few milliseconds for a thousand customers."""
    table = tables.at_risk.c
    query = select(table.rank, table.row).order_by(table.rank)
    listed = tuple(_listed(rank, json.loads(row)) for rank, row in connection.execute(query))
    return RiskList(figures_key(connection), listed, {one.customer_id: one for one in listed})


def _listed(rank: int, row: Mapping[str, Any]) -> Listed:
    return Listed(
        rank=rank,
        customer_id=row["customer_id"],
        score=float(row["score"]),
        reasons=tuple(one for one in (row["reasons"] or "").split(",") if one),
        last_contacted_at=datetime.fromisoformat(row["last_contacted_at"]),
    )


def read_rows(connection: Connection, wanted: Iterable[Listed]) -> dict[str, dict[str, Any]]:
    """Return whole rows of the list by customer id, as `signals.risk` names their columns.

    `last_contacted_at` is a UTC moment, `contract_end` a date or None. Who is on the list no more
    is left out; who stands at another rank by now is found there.
    """
    table = tables.at_risk.c
    ranks = {one.customer_id: one.rank for one in wanted}
    found = _rows(connection, table.rank.in_([*ranks.values()]))
    moved = ranks.keys() - found.keys()
    if moved:
        found |= _rows(connection, table.customer_id.in_(sorted(moved)))
    return {name: row for name, row in found.items() if name in ranks}


def _rows(connection: Connection, which: ColumnElement[bool]) -> dict[str, dict[str, Any]]:
    query = select(tables.at_risk.c.row).where(which).order_by(tables.at_risk.c.rank)
    rows = [json.loads(row) for (row,) in connection.execute(query)]
    for row in rows:
        row["last_contacted_at"] = datetime.fromisoformat(row["last_contacted_at"])
        end = row["contract_end"]
        row["contract_end"] = date.fromisoformat(end) if end else None
    return {row["customer_id"]: row for row in rows}


def read_weights(connection: Connection) -> dict[str, float]:
    """Return what each part of the score weighs, by the part's name; empty without figures."""
    table = tables.signals.c
    query = select(table.slice, table.value).where(table.metric == "risk_weight")
    return {cut.removeprefix("part="): value for cut, value in connection.execute(query)}


def told_since(
    connection: Connection, model_id: str, definition: str, since: Mapping[str, datetime]
) -> frozenset[str]:
    """Return the customers who gave a sign of leaving or discontent after their own moment.

    A sign is what puts somebody on the list (`signals.risk.at_risk`): a reason, churn intent, an
    NPS answer of 0 to 6, or the third contact of a thread of this definition.
    """
    contact, made, thread = tables.contacts.c, tables.predictions.c, tables.threads.c
    in_thread = and_(thread.contact_id == contact.contact_id, thread.definition == definition)
    joined = tables.contacts.join(tables.predictions, matching(model_id))
    counted = or_(contact.direction == "in", contact.channel == "survey")
    sign = or_(
        made.churn_intent != str(ChurnIntent.NONE),
        contact.nps <= DETRACTOR,
        thread.position >= ORDEAL,
        *(made[str(reason)].is_(True) for reason in REASONS),
    )
    found: set[str] = set()
    for part in chunks([*since]):
        query = (
            select(contact.customer_id, func.max(contact.contacted_at))
            .select_from(joined.outerjoin(tables.threads, in_thread))
            .where(contact.customer_id.in_(part), contact.duplicate.is_(False), counted, sign)
            .group_by(contact.customer_id)
        )
        found |= {who for who, moment in connection.execute(query) if moment > since[who]}
    return frozenset(found)
