"""Who stands in the queue: rules of held, closed, returned and promised customers."""

from datetime import UTC, date, datetime, timedelta

import pytest

from desk.queueing import (
    Clock,
    Place,
    QueueQuery,
    Shown,
    in_order,
    matters_since,
    may_return,
    next_after,
    waiting,
    with_cases,
)
from labels.codebook import Reason
from store.cases import Case
from store.risklist import Listed, RiskList

NOW = datetime(2026, 11, 15, 9, tzinfo=UTC)
CLOCK = Clock(NOW, date(2026, 11, 15), 8)
HOUR = timedelta(hours=1)


def risk_of(count: int) -> RiskList:
    """A list of c1, c2, …, of falling score; every second speaks of the service."""
    listed = tuple(
        Listed(n, f"c{n}", 100.0 - n, ("service",) if n % 2 else ("budget",), NOW - n * HOUR)
        for n in range(1, count + 1)
    )
    return RiskList("", listed, {one.customer_id: one for one in listed})


RISK = risk_of(6)


def known(cases: list[Case], returned: tuple[str, ...] = ()) -> dict[str, Place]:
    return with_cases(RISK, {case.customer_id: case for case in cases}, returned, CLOCK)


def ids(
    cases: list[Case], who: str = "dana", returned: tuple[str, ...] = (), **query: object
) -> str:
    found = in_order(RISK, known(cases, returned), QueueQuery(**query), who)
    return " ".join(one.customer_id for one in found)


def held(name: str, who: str, since: datetime = NOW) -> Case:
    return Case(name, holder=who, taken_at=since)


def ended(name: str, outcome: str = "saved", at: datetime = NOW) -> Case:
    return Case(name, outcome=outcome, outcome_at=at)


def later(name: str, day: date) -> Case:
    return Case(name, outcome="later", outcome_at=NOW - 9 * HOUR, call_on=day)


def test_whom_nobody_touched_is_free_in_the_order_of_risk() -> None:
    assert ids([]) == "c1 c2 c3 c4 c5 c6"
    assert waiting(RISK, known([])) == 6


def test_held_and_closed_customers_are_not_free() -> None:
    cases = [held("c1", "omer"), held("c2", "dana"), ended("c3"), ended("c4", "not_at_risk")]
    assert ids(cases) == "c5 c6"
    assert ids(cases, state="mine") == "c2"
    assert ids(cases, state="held") == "c1 c2"
    assert waiting(RISK, known(cases)) == 2


def test_a_case_that_was_left_for_eight_hours_is_free_again() -> None:
    assert ids([held("c1", "omer", NOW - 8 * HOUR)]).startswith("c1")
    assert not ids([held("c1", "omer", NOW - 8 * HOUR + HOUR)]).startswith("c1")
    assert ids([held("c1", "omer", NOW - 8 * HOUR)], who="omer", state="mine") == ""


def test_only_a_newer_sign_brings_a_closed_customer_back() -> None:
    cases = [ended("c1", at=NOW - 2 * HOUR), ended("c3", at=NOW), ended("gone")]
    assert may_return(RISK, cases) == {"c1": NOW - 2 * HOUR}
    assert ids(cases) == "c2 c4 c5 c6"
    assert ids(cases, returned=("c1",)) == "c1 c2 c4 c5 c6"


def test_a_promised_call_comes_first_on_its_day_and_not_before() -> None:
    """Also of somebody who is no longer at risk: a promise is a promise."""
    today, tomorrow = CLOCK.today, CLOCK.today + timedelta(days=1)
    cases = [later("c4", today), later("gone", today - timedelta(days=3)), later("c1", tomorrow)]
    assert ids(cases) == "gone c4 c2 c3 c5 c6"
    assert ids(cases, state="later") == "c1"
    assert waiting(RISK, known(cases)) == 6
    assert [one.due for one in known(cases).values()] == [True, True, False]
    assert ids(cases, returned=("c1",)).split()[2] == "c1"


def test_a_held_customer_is_neither_due_nor_later() -> None:
    case = Case("c1", "omer", NOW, "later", NOW - HOUR, CLOCK.today)
    assert ids([case]) == "c2 c3 c4 c5 c6"
    assert ids([case], state="later") == ""
    assert ids([case], state="held") == "c1"


def test_who_is_no_longer_at_risk_is_still_somebodys() -> None:
    assert ids([held("gone", "dana"), held("c3", "dana")], state="mine") == "c3 gone"
    assert ids([ended("gone")]) == ids([])


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"reason": Reason.BUDGET}, "c2 c4 c6"),
        ({"least": 97}, "c1 c2 c3"),
        ({"customer": "C5"}, "c5"),
        ({"customer": "c", "reason": Reason.SERVICE, "least": 96}, "c1 c3"),
        ({"customer": "אין"}, ""),
    ],
)
def test_filters(query: dict[str, object], found: str) -> None:
    assert ids([], **query) == found


def test_one_goes_on_with_the_own_case_and_then_with_the_first_free() -> None:
    assert next_after(RISK, known([ended("c1"), held("c4", "dana")]), "dana") == "c4"
    assert next_after(RISK, known([ended("c1"), held("c2", "omer")]), "dana") == "c3"
    assert next_after(risk_of(0), {}, "dana") is None


@pytest.mark.parametrize("shown", ["free", "mine", "held", "later"])
def test_the_fast_order_is_the_slow_one(shown: Shown) -> None:
    """The twin: every customer's state, one by one."""
    cases = [held("c2", "dana"), held("c3", "omer"), ended("c5"), later("c6", CLOCK.today)]
    slow = []
    for one in RISK.listed:
        place = known(cases).get(one.customer_id)
        state = place.state if place else "free"
        mine = place is not None and place.holder == "dana"
        if (shown == "mine" and mine) or state == shown:
            slow.append(one.customer_id)
    assert sorted(ids(cases, state=shown).split()) == sorted(slow)


def test_outcomes_before_the_notes_that_count_matter_no_more() -> None:
    assert matters_since(RISK, NOW) < NOW - timedelta(days=60)
    assert matters_since(risk_of(0), NOW) < NOW - timedelta(days=60)
