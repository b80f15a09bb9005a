"""Search over notes. What people type comes by POST, so that it stands in no address or log."""

from typing import Annotated

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import Response

from desk.deps import Desk, Person, Record, TheDesk, allowed
from desk.presenters.found import FoundNote, found_notes
from desk.presenters.searching import SearchPage, choices_of, search_page, weeks_of
from desk.rendering import render
from desk.rights import Right
from desk.searching.form import PAGE, Narrowed, Typed
from desk.searching.search import Query as Asked
from desk.searching.search import Vector, loosened, search
from desk.searching.searcher import Searcher
from desk.searching.snapshot import Snapshot
from desk.searching.terms import Term, meant
from labels.frames import Calendar
from labels.ownreasons import OwnFigures
from store import notewords
from store.owngiven import given_to_contacts
from store.ownpredictions import read_figures
from store.session import transaction

router = APIRouter()
Seeker = Annotated[Person, allowed(Right.SEARCH)]


@router.get("/search")
def look(
    request: Request,
    desk: TheDesk,
    person: Seeker,
    record: Record,
    asked: Annotated[Narrowed, Query()],
) -> Response:
    """Show the box; or the notes that filters leave, or that are like one (`like`, an id)."""
    query = asked.query(_calendar(desk))
    search_now = bool(query.like or query.filters.names())
    return _answer(request, desk, person, record, query, search_now)


@router.post("/search")
def find(
    request: Request,
    desk: TheDesk,
    person: Seeker,
    record: Record,
    asked: Annotated[Typed, Form()],
) -> Response:
    """Show what was found by words and meaning, among the notes that filters leave."""
    return _answer(request, desk, person, record, asked.query(_calendar(desk)), True)


def _calendar(desk: Desk) -> Calendar:
    return Calendar(desk.settings.timezone, desk.settings.week_start)


def _answer(
    request: Request, desk: Desk, person: Person, record: Record, query: Asked, search_now: bool
) -> Response:
    searcher: Searcher = request.app.state.searcher
    snapshot = searcher.snapshot()
    weeks = None
    if snapshot is None:
        page = search_page("waiting", query)
    elif not search_now or not snapshot.notes.count:
        choices = choices_of(snapshot.notes, query, {}, _own(desk))
        page = search_page("new" if snapshot.notes.count else "bare", query, choices)
    else:
        page = _found_page(desk, searcher, snapshot, query)
        # A customer is named only where there is one of that id: what was typed stays unsaid.
        whose = query.filters.customer_id if page.count else None
        record("search", f"{page.count} {whose}" if whose else str(page.count))
    if snapshot is not None:
        weeks = weeks_of(snapshot.notes, query.filters, _calendar(desk))
    opens = person.may(Right.QUEUE)
    return render(
        request, "search.html.j2", page=page, weeks=weeks, opens_cases=opens, asked=search_now
    )


def _found_page(desk: Desk, searcher: Searcher, snapshot: Snapshot, query: Asked) -> SearchPage:
    calendar = _calendar(desk)
    vector = _vector(desk, searcher, snapshot, query)
    found = search(snapshot, query, calendar, vector)
    start = (query.page - 1) * PAGE
    numbers = snapshot.notes.numbers[found.places[start : start + PAGE]].tolist()
    liked = _notes(desk, snapshot, _liked(desk, query), ())
    return search_page(
        "found" if len(found.places) else "nothing",
        query,
        choices_of(snapshot.notes, query, found.counts, _own(desk)),
        found,
        _notes(desk, snapshot, numbers, found.terms),
        {} if len(found.places) else loosened(snapshot, query, calendar, vector),
        liked[0] if liked else None,
        vector is None and query.by_meaning and bool(query.like or meant(query.text)),
    )


def _vector(desk: Desk, searcher: Searcher, snapshot: Snapshot, query: Asked) -> Vector | None:
    """Return what the meaning is compared with, None where nothing is."""
    if query.like:
        places = [snapshot.notes.place_of(number) for number in _liked(desk, query)]
        return None if not places or places[0] is None else snapshot.notes.issue[places[0]]
    words = meant(query.text)
    return searcher.vector_of(words, snapshot) if query.by_meaning and words else None


def _liked(desk: Desk, query: Asked) -> list[int]:
    """Return the number of the note whose like is searched, none where there is no such note."""
    if not query.like:
        return []
    with transaction(desk.data) as connection:
        number = notewords.number_of(connection, query.like)
    return [] if number is None else [number]


def _notes(
    desk: Desk, snapshot: Snapshot, numbers: list[int], terms: tuple[Term, ...]
) -> tuple[FoundNote, ...]:
    with transaction(desk.data) as connection:
        rows = notewords.shown_notes(connection, numbers)
        own = given_to_contacts(connection, [row.contact_id for row in rows.values()])
    there = [rows[number] for number in numbers if number in rows]
    return found_notes(there, terms, snapshot.words, desk.settings.timezone, own)


def _own(desk: Desk) -> list[OwnFigures]:
    with transaction(desk.data) as connection:
        return read_figures(connection)
