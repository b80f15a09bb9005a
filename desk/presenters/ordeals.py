"""Matters that cost a customer three contacts or more, each with its journey."""

from dataclasses import dataclass

import pandas as pd

from desk import hebrew
from desk.i18n import _
from desk.presenters.figures import Scope, local
from desk.presenters.notes import Note, evidence_spans, note_of, printable
from desk.presenters.reasons import channel_name
from signals.journeys import ordeals as long_threads

BRIEFLY = 8


@dataclass(frozen=True, slots=True)
class Step:
    """One contact of a journey."""

    day: str
    channel: str
    queue: str

    @property
    def text(self) -> str:
        """Return the step in words."""
        return " · ".join(part for part in (self.day, self.channel, self.queue) if part)


@dataclass(frozen=True, slots=True)
class Ordeal:
    """One matter: how long it has lasted, its contacts in order of time, and the last note."""

    customer_id: str
    contacts: int
    contacts_text: str
    span_text: str
    steps: tuple[Step, ...]
    note: Note


def ongoing(scope: Scope) -> pd.DataFrame:
    """Return the matters of three contacts or more whose last one is of the week, longest first.

    As `signals.journeys.ordeals` has them.
    """
    begin, end = scope.data.calendar.bounds(scope.data.week)
    found = long_threads(scope.data.contacts, scope.data.threads)
    return found[(found["last"] >= begin) & (found["last"] < end)]


def ordeals(scope: Scope) -> tuple[Ordeal, ...]:
    """Return the matters of `ongoing`; in a brief report the first few."""
    contacts, threads = scope.data.contacts, scope.data.threads
    found = ongoing(scope)
    found = found.head(BRIEFLY) if scope.data.brief else found
    evidence = scope.data.predictions.set_index("contact_id")["evidence"]
    journeys = (
        threads[threads["thread_id"].isin(found["thread_id"])]
        .merge(contacts, on="contact_id")
        .sort_values("position")
    )
    by_thread = dict(iter(journeys.groupby("thread_id")))
    return tuple(_ordeal(scope, by_thread[name], evidence) for name in found["thread_id"])


def _ordeal(scope: Scope, journey: pd.DataFrame, evidence: "pd.Series[str]") -> Ordeal:
    last = journey.iloc[-1]
    days = [local(scope, moment).date() for moment in journey["contacted_at"]]
    span = hebrew.DAY.count((days[-1] - days[0]).days)
    steps = [
        Step(hebrew.short_day(day), channel_name(str(row["channel"])), _word(row["queue"]))
        for day, (__, row) in zip(days, journey.iterrows(), strict=True)
    ]
    return Ordeal(
        customer_id=printable(str(last["customer_id"])),
        contacts=len(journey),
        contacts_text=hebrew.CONTACT.count(len(journey)),
        span_text=_("בתוך {days}").format(days=span) if days[-1] > days[0] else _("ביום אחד"),
        steps=tuple(steps),
        note=note_of(scope, last, evidence_spans(evidence.get(last["contact_id"]))),
    )


def _word(value: object) -> str:
    return printable(value) if isinstance(value, str) else ""
