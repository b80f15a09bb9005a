"""Which customers stand in the queue, and in what order: plain rules, no database."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal

from labels.codebook import Reason
from signals.risk_parts import LOOKBACK_DAYS
from store.cases import Case
from store.risklist import Listed, RiskList

State = Literal["free", "held", "later", "closed"]
Shown = Literal["free", "mine", "held", "later", "closed"]


@dataclass(frozen=True, slots=True)
class QueueQuery:
    """What the person asked to see; `customer` is a part of an id."""

    state: Shown = "free"
    reason: Reason | None = None
    least: int = 0
    customer: str = ""
    page: int = 1


@dataclass(frozen=True, slots=True)
class Place:
    """A customer in the queue; `due` where the day to call has come, `listed` where at risk."""

    customer_id: str
    state: State
    case: Case
    listed: Listed | None
    holder: str | None = None
    due: bool = False


@dataclass(frozen=True, slots=True)
class Clock:
    """The moment of a request, its local day, and how long a case may be left."""

    now: datetime
    today: date
    hours: float


def matters_since(risk: RiskList, now: datetime) -> datetime:
    """Return the moment before which an outcome keeps nobody out of the queue.

    Who is listed gave a sign in the 60 days before the newest note: an outcome before those days
    is older than the sign.
    """
    return min(risk.newest or now, now) - timedelta(days=LOOKBACK_DAYS + 1)


def may_return(risk: RiskList, cases: Iterable[Case]) -> dict[str, datetime]:
    """Return the outcome's moment of each listed customer who has called since it."""
    found: dict[str, datetime] = {}
    for case in cases:
        listed = risk.by_customer.get(case.customer_id)
        if listed and case.outcome_at and listed.last_contacted_at > case.outcome_at:
            found[case.customer_id] = case.outcome_at
    return found


def place_of(
    customer_id: str,
    risk: RiskList,
    cases: Mapping[str, Case],
    returned: Collection[str],
    clock: Clock,
) -> Place:
    """Return how a customer stands.

    Whoever is held is held; without an outcome, and again after a newer sign than the outcome, or
    on the day to call, he is free; else he is to be called later or closed.
    """
    case = cases.get(customer_id, Case(customer_id))
    holder = case.held_by(clock.now, clock.hours)
    due = case.call_on is not None and case.call_on <= clock.today
    state: State = "later" if case.outcome == "later" else "closed"
    if holder is not None:
        state = "held"
    elif case.outcome is None or due or customer_id in returned:
        state = "free"
    listed = risk.by_customer.get(customer_id)
    return Place(customer_id, state, case, listed, holder, due and state == "free")


def with_cases(
    risk: RiskList, cases: Mapping[str, Case], returned: Collection[str], clock: Clock
) -> dict[str, Place]:
    """Return how everybody stands who has a case; whoever has none is free where he is listed."""
    return {name: place_of(name, risk, cases, returned, clock) for name in cases}


def waiting(risk: RiskList, known: Mapping[str, Place]) -> int:
    """Return how many customers are free: at risk, or promised a call by now."""
    taken = sum(one.listed is not None and one.state != "free" for one in known.values())
    promised = sum(one.listed is None and one.due for one in known.values())
    return len(risk.listed) - taken + promised


def in_order(
    risk: RiskList, known: Mapping[str, Place], query: QueueQuery, who: str
) -> Iterator[Place]:
    """Yield those of the queue that were asked for; who is closed stands in no order here.

    Free: calls that were promised for today or before, by their day, then the customers at risk
    by their rank. To be called later: by the day. Others: by rank, then who is no longer listed.
    """
    if query.state == "free":
        yield from _free(risk, known, query)
        return
    shown = [one for one in known.values() if _is_shown(one, query.state, who)]
    fits = fitting(query)
    shown = [one for one in shown if fits(one.customer_id, one.listed)]
    if query.state == "later":
        yield from sorted(shown, key=lambda one: (one.case.call_on or date.max, one.customer_id))
        return
    last = len(risk.listed) + 1
    yield from sorted(
        shown, key=lambda one: (one.listed.rank if one.listed else last, one.customer_id)
    )


def _free(risk: RiskList, known: Mapping[str, Place], query: QueueQuery) -> Iterator[Place]:
    fits = fitting(query)
    due = [one for one in known.values() if one.due]
    due.sort(key=lambda one: (one.case.call_on or date.max, one.customer_id))
    yield from (one for one in due if fits(one.customer_id, one.listed))
    for listed in risk.listed:
        name = listed.customer_id
        if not fits(name, listed):
            continue
        place = known.get(name)
        if place is None:
            yield Place(name, "free", Case(name), listed)
        elif place.state == "free" and not place.due:
            yield place


def _is_shown(one: Place, shown: Shown, who: str) -> bool:
    return one.holder == who if shown == "mine" else one.state == shown


def fitting(query: QueueQuery) -> Callable[[str, Listed | None], bool]:
    """Return what tells whether a customer has the id, the reason and the score asked for."""
    part, reason, least = query.customer.casefold(), query.reason, query.least

    def fits(customer_id: str, listed: Listed | None) -> bool:
        if least and (listed is None or listed.score < least):
            return False
        if reason is not None and (listed is None or str(reason) not in listed.reasons):
            return False
        return not part or part in customer_id.casefold()

    return fits


def next_after(risk: RiskList, known: Mapping[str, Place], who: str) -> str | None:
    """Return whom to go on with: a customer the person holds, else the first free one."""
    order: tuple[Shown, ...] = ("mine", "free")
    for shown in order:
        first = next(in_order(risk, known, QueueQuery(shown), who), None)
        if first is not None:
            return first.customer_id
    return None
