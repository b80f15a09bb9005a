"""What the queue and a case are made of, read from both stores."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from desk.deps import Desk
from desk.model import model_id
from desk.queueing import (
    Clock,
    Place,
    QueueQuery,
    fitting,
    in_order,
    matters_since,
    may_return,
    place_of,
    with_cases,
)
from labels.ownreasons import OwnFigures
from signals.risk import RiskWeights
from signals.risk_parts import LOOKBACK_DAYS
from store.cases import Case, Event, count_done, read_case, read_cases, read_closed, read_history
from store.desk_session import desk_reading
from store.figures import made_of
from store.journeys import (
    Customer,
    Journey,
    Visit,
    read_customer,
    read_journey,
    read_notes,
    read_visits,
)
from store.owngiven import Given, given_to_contacts, given_to_customers
from store.risklist import RiskList, read_rows, read_weights, told_since
from store.session import transaction
from store.users import list_users

PAGE = 20
VISITS = 40
EVENTS = 50


@dataclass(frozen=True)
class Shift:
    """How the desk stands now: `known` is everybody with a case, `done` what was done today."""

    clock: Clock
    zone: ZoneInfo
    risk: RiskList
    known: dict[str, Place]
    done: dict[str, int]
    names: dict[str, str]


@dataclass(frozen=True)
class Rows:
    """A page of the queue, with the list's rows and the notes of its customers by their id.

    `own` are people's own reasons of those who are on the list.
    """

    places: list[Place]
    more: bool
    rows: dict[str, dict[str, object]]
    notes: dict[str, Visit]
    weights: RiskWeights
    own: Given


@dataclass(frozen=True)
class File:
    """All that a case page shows of a customer.

    `own` are people's own reasons of who is on the list, `given` those of each visit.
    """

    place: Place
    row: dict[str, object] | None
    weights: RiskWeights
    customer: Customer | None
    journey: Journey
    visits: list[Visit]
    note: Visit | None
    events: list[Event]
    own: tuple[OwnFigures, ...]
    given: Given


def shift_of(desk: Desk, now: datetime) -> Shift:
    """Return how the desk stands at a moment."""
    settings = desk.settings
    zone = ZoneInfo(settings.timezone)
    local = now.astimezone(zone)
    clock = Clock(now, local.date(), settings.case_hours)
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
    with transaction(desk.data) as data:
        risk = desk.risk.now(data)
        with desk_reading(desk.people) as people:
            cases = read_cases(people, matters_since(risk, now))
            done = count_done(people, midnight)
            names = {user.name: user.full_name or user.name for user in list_users(people)}
        spoke = may_return(risk, cases.values())
        back = told_since(data, _model(desk), settings.thread_definition, spoke)
    return Shift(clock, zone, risk, with_cases(risk, cases, back, clock), done, names)


def rows_of(desk: Desk, shift: Shift, query: QueueQuery, who: str) -> Rows:
    """Return the page of the queue that was asked for."""
    first = (query.page - 1) * PAGE
    if query.state == "closed":
        found = _closed(desk, shift, query, first)
    else:
        ordered = in_order(shift.risk, shift.known, query, who)
        found = [*islice(ordered, first, first + PAGE + 1)]
    shown, more = found[:PAGE], len(found) > PAGE
    with transaction(desk.data) as data:
        rows = read_rows(data, [one.listed for one in shown if one.listed])
        ids = [str(row["last_contact_id"]) for row in rows.values()]
        notes = read_notes(data, _model(desk), desk.settings.thread_definition, ids)
        return Rows(shown, more, rows, notes, _weights(data), _own(data, rows))


def _closed(desk: Desk, shift: Shift, query: QueueQuery, first: int) -> list[Place]:
    among = None
    if query.reason is not None or query.least > 0:
        listed = shift.risk.listed
        fits = fitting(query)
        among = [one.customer_id for one in listed if fits(one.customer_id, one)]
    with desk_reading(desk.people) as people:
        cases = read_closed(people, limit=PAGE + 1, offset=first, like=query.customer, among=among)
    return [_place(shift, case) for case in cases]


def _place(shift: Shift, case: Case) -> Place:
    known = shift.known.get(case.customer_id)
    if known is not None:
        return known
    # An outcome that is older than all that the list is made of keeps nobody out of the queue.
    returned = {case.customer_id} & shift.risk.by_customer.keys()
    only = {case.customer_id: case}
    return place_of(case.customer_id, shift.risk, only, returned, shift.clock)


def file_of(desk: Desk, shift: Shift, name: str, page: int, note: str = "") -> File | None:
    """Return what is known of the customer of this id, None where there is nobody.

    `page` is of the journey, the newest first. `note` is the contact whose labels are corrected;
    without one it is the note that shows the risk best, or else the newest.
    """
    how = desk.settings.thread_definition
    with desk_reading(desk.people) as people:
        place = _place(shift, read_case(people, name))
        events = read_history(people, name, EVENTS)
    with transaction(desk.data) as data:
        model = _model(desk)
        customer = read_customer(data, name)
        journey = read_journey(data, how, name)
        if customer is None and not journey.contacts and place.listed is None and not events:
            return None
        row = read_rows(data, [place.listed]).get(name) if place.listed else None
        visits = read_visits(data, model, how, name, limit=VISITS, offset=(page - 1) * VISITS)
        wanted = note or (str(row["last_contact_id"]) if row else "")
        chosen = read_notes(data, model, how, [wanted]).get(wanted) if wanted else None
        if chosen is None or chosen.customer_id != name:
            chosen = None if note else next(iter(visits), None)
        weights = _weights(data)
        own = _own(data, [name] if row else []).get(name, ())
        given = given_to_contacts(data, [visit.contact_id for visit in visits])
    return File(place, row, weights, customer, journey, visits, chosen, events, own, given)


def _own(data: Connection, listed: Iterable[str]) -> Given:
    """Return people's own reasons of listed customers, in the notes that the list was made of."""
    made = made_of(data)
    if made is None or made.until is None:
        return {}
    return given_to_customers(data, listed, made.until - timedelta(days=LOOKBACK_DAYS), made.until)


def _weights(data: Connection) -> RiskWeights:
    named = read_weights(data)
    return RiskWeights(**named) if named else RiskWeights()


def _model(desk: Desk) -> str:
    return model_id(desk.settings.model_dir)
