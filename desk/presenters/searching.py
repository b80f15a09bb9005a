"""The search page in words: what was asked, what it can be narrowed by, what was found."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from datetime import timedelta
from typing import Literal

import pandas as pd

from desk import hebrew
from desk.i18n import _, ngettext
from desk.presenters.found import FoundNote
from desk.presenters.notes import printable
from desk.presenters.reasons import CHANNELS, called, reason_name
from desk.searching.filters import Filters
from desk.searching.form import PAGE
from desk.searching.meaning import NEAREST
from desk.searching.notes import Notes
from desk.searching.search import DEPTH, Found, Query
from labels.codebook import CODEBOOK, REASONS, ChurnIntent, Resolution
from labels.frames import Calendar
from labels.ownreasons import OwnFigures

WEEKS = 53
OPTIONS = 300  # values of a filter that a list offers
State = Literal["new", "waiting", "bare", "nothing", "found"]
Hidden = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Option:
    """A value of a filter, what it is called, and how many notes have it (in `text`)."""

    value: str
    text: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class Choice:
    """A filter with few values, as a list to choose from; the first option asks for nothing."""

    name: str
    title: str
    options: tuple[Option, ...]


@dataclass(frozen=True, slots=True)
class Offer:
    """A further search that may help: its words on a button, and the fields that it sends."""

    text: str
    hidden: Hidden


@dataclass(frozen=True, slots=True)
class SearchPage:
    """The page. `said` are sentences about what was found, `offers` what to try instead."""

    state: State
    query: Query
    choices: tuple[Choice, ...]
    notes: tuple[FoundNote, ...]
    said: tuple[str, ...]
    offers: tuple[Offer, ...]
    hidden: Hidden
    count: int
    pages: int
    liked: FoundNote | None
    no_meaning: bool

    @property
    def narrowed(self) -> bool:
        """Whether any filter asks for something."""
        return bool(self.query.filters.names())

    def other(self, page: int) -> Hidden:
        """Return the fields of another page of the same search."""
        return (*self.hidden, ("page", str(page)))


def search_page(
    state: State,
    query: Query,
    choices: tuple[Choice, ...] = (),
    found: Found | None = None,
    notes: tuple[FoundNote, ...] = (),
    without: Mapping[str, int] | None = None,
    liked: FoundNote | None = None,
    no_meaning: bool = False,
) -> SearchPage:
    """Return the page of a query; `without` says how many notes dropping a filter would bring."""
    shown = 0 if found is None else len(found.places)
    return SearchPage(
        state=state,
        query=query,
        choices=choices,
        notes=notes,
        said=() if found is None else tuple(_said(query, found)),
        offers=tuple(_offers(query, without or {}, no_meaning)) if state == "nothing" else (),
        hidden=hidden_of(query),
        count=shown,
        pages=-(-shown // PAGE),
        liked=liked,
        no_meaning=no_meaning,
    )


def hidden_of(query: Query) -> Hidden:
    """Return the fields that ask the same again, from the first page on."""
    told = {"text": query.text, "mode": query.mode, "like": query.like}
    told |= {one.name: _field(getattr(query.filters, one.name)) for one in fields(Filters)}
    return tuple((name, value) for name, value in told.items() if value)


def _field(value: object) -> str:
    if isinstance(value, bool):
        return "1" if value else ""
    return "" if value is None else str(value)


def _said(query: Query, found: Found) -> Iterable[str]:
    n = found.with_words
    if query.like:
        yield _near(found.near)
        return
    if not found.terms:
        yield ngettext("פנייה אחת, החדשה ביותר תחילה", "{n} פניות, מהחדשה לישנה", n).format(
            n=hebrew.number(n)
        )
    elif query.by_words:
        if found.widened:
            yield _("אין פנייה עם כל המילים.")
            some = ngettext("פנייה אחת עם חלק מהן", "{n} פניות עם חלק מהן", n)
        else:
            some = ngettext("פנייה אחת עם המילים", "{n} פניות עם המילים", n)
        if not n:
            some = _("אין פניות עם המילים")
        yield some.format(n=hebrew.number(n))
    if found.terms and found.near:
        yield _near(found.near)
    if n > DEPTH:
        yield _("מוצגות {n} הראשונות").format(n=hebrew.number(DEPTH))


def _near(n: int) -> str:
    said = ngettext("פנייה אחת קרובה במשמעות", "{n} פניות קרובות במשמעות", n)
    if n == NEAREST:
        said = _("{n} הפניות הקרובות ביותר במשמעות")
    return said.format(n=hebrew.number(n))


def _offers(query: Query, without: Mapping[str, int], no_meaning: bool) -> Iterable[Offer]:
    titles = titles_of()
    kept = dict(hidden_of(query))
    if query.text and query.mode == "words" and not no_meaning:
        hidden = {**kept, "mode": "both"}
        yield Offer(_("לחפש גם לפי משמעות"), tuple(hidden.items()))
    for name, count in without.items():
        hidden = {key: value for key, value in kept.items() if key != name}
        text = ngettext("בלי ״{filter}״: פנייה אחת", "בלי ״{filter}״: {n} פניות", count).format(
            filter=titles[name], n=hebrew.number(count)
        )
        yield Offer(text, tuple(hidden.items()))


def titles_of() -> dict[str, str]:
    """Return what each filter is called."""
    return {
        "first": _("מיום"),
        "last": _("עד יום"),
        "queue": _("תור"),
        "channel": _("ערוץ"),
        "product": _("מוצר"),
        "team": _("צוות"),
        "reason": _("סיבה"),
        "own": _("סיבה שהוספתם"),
        "churn_intent": _("כוונת עזיבה"),
        "resolution": _("סיום הטיפול"),
        "customer_id": _("לקוח"),
        "unclear": _("לא ברור למודל"),
    }


def choices_of(
    notes: Notes,
    query: Query,
    counts: Mapping[str, Mapping[str, int]],
    own: Iterable[OwnFigures],
) -> tuple[Choice, ...]:
    """Return the filters that are lists, with how many notes each value would leave if known.

    `own` are the reasons of people's own that there are.
    """
    titles = titles_of()
    names: dict[str, dict[str, str]] = {
        "reason": {str(one): reason_name(str(one)) for one in REASONS},
        "own": {one.reason_id: printable(one.name) for one in own},
        "queue": _of_notes(notes, "queue"),
        "channel": {one: CHANNELS[one] for one in CHANNELS if one in notes.names["channel"]},
        "product": _of_notes(notes, "product"),
        "team": _of_notes(notes, "team"),
        "churn_intent": {str(one): called(CODEBOOK.churn_intent[one]) for one in ChurnIntent},
        "resolution": {str(one): called(CODEBOOK.resolution[one]) for one in Resolution},
    }
    return tuple(
        Choice(
            name,
            titles[name],
            tuple(_options(values, _field(getattr(query.filters, name)), counts.get(name))),
        )
        for name, values in names.items()
        if values or getattr(query.filters, name)
    )


def _of_notes(notes: Notes, name: str) -> dict[str, str]:
    return {one: printable(one) for one in sorted(notes.names[name])[:OPTIONS]}


def _options(
    values: Mapping[str, str], chosen: str, counts: Mapping[str, int] | None
) -> Iterable[Option]:
    yield Option("", _("הכול"), not chosen)
    known = values if not chosen or chosen in values else {**values, chosen: chosen}
    for value, name in known.items():
        n = "" if counts is None else f" ({hebrew.number(counts.get(value, 0))})"
        yield Option(value, f"{name}{n}", value == chosen)


def weeks_of(notes: Notes, filters: Filters, calendar: Calendar) -> Choice:
    """Return the weeks that have notes, the newest first, as a list to choose from."""
    options = [Option("", _("כל התקופה"), True)]
    if notes.count:
        ends = (int(notes.moments.min()), int(notes.moments.max()))
        first, last = (calendar.week_of_moment(_moment(end)) for end in ends)
        count = min((last - first).days // 7 + 1, WEEKS)
        for week in (last - timedelta(weeks=back) for back in range(count)):
            chosen = filters.first == week and filters.last == week + timedelta(days=6)
            options.append(Option(week.isoformat(), hebrew.week_dates(week), chosen))
    return Choice("week", _("שבוע"), tuple(options))


def _moment(microseconds: int) -> pd.Timestamp:
    return pd.Timestamp(microseconds, unit="us", tz="UTC")
