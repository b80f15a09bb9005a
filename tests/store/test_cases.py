"""Cases: two people never get the same customer, and nothing that was done is lost."""

import threading
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import Engine

from store.cases import (
    Case,
    Outcome,
    OutcomeKind,
    close,
    count_done,
    read_case,
    read_cases,
    read_closed,
    read_history,
    read_lost,
    read_outcomes,
    release,
    take,
)
from store.desk_session import desk_reading, desk_writing, open_desk_store

NOW = datetime(2026, 11, 15, 9, 0, 0, 123_456, tzinfo=UTC)
HOURS = 8
NOBODY = Case("1042")


@pytest.fixture
def desk(store_url: str) -> Iterator[Engine]:
    opened = open_desk_store(store_url)
    yield opened
    opened.dispose()


def taken(
    desk: Engine,
    who: str,
    customer: str = "1042",
    now: datetime = NOW,
    seen: datetime | None = None,
) -> bool:
    with desk_writing(desk) as connection:
        return take(connection, customer, who, now, hours=HOURS, seen=seen)


def closed(
    desk: Engine, who: str, outcome: Outcome, customer: str = "1042", now: datetime = NOW
) -> bool:
    with desk_writing(desk) as connection:
        return close(connection, customer, who, now, outcome)


def worked(desk: Engine, outcome: Outcome, customer: str, now: datetime) -> None:
    """Take a customer and end the case."""
    with desk_reading(desk) as connection:
        seen = read_case(connection, customer).outcome_at
    assert taken(desk, "dana", customer, now, seen)
    assert closed(desk, "dana", outcome, customer, now)


def test_of_many_who_take_one_customer_at_once_one_gets_him(desk: Engine) -> None:
    """Ten people, twenty customers, all at once: each customer has one holder, who alone knows."""
    got: dict[str, list[str]] = {f"c{number}": [] for number in range(20)}
    start = threading.Barrier(10)

    def work(who: str) -> None:
        start.wait()
        for customer, winners in got.items():
            if taken(desk, who, customer):
                winners.append(who)

    people = [threading.Thread(target=work, args=(f"p{number}",)) for number in range(10)]
    for person in people:
        person.start()
    for person in people:
        person.join()
    with desk_reading(desk) as connection:
        for customer, winners in got.items():
            assert len(winners) == 1
            assert read_case(connection, customer).holder == winners[0]
            assert len(read_history(connection, customer, 99)) == 1


def test_a_left_case_is_taken_over_by_one_of_many(desk: Engine) -> None:
    """The row is there already: the race is then for a change, not for a new row."""
    assert taken(desk, "dana")
    later = NOW + timedelta(hours=HOURS)
    winners: list[str] = []
    start = threading.Barrier(8)

    def work(who: str) -> None:
        start.wait()
        if taken(desk, who, now=later):
            winners.append(who)

    people = [threading.Thread(target=work, args=(f"p{number}",)) for number in range(8)]
    for person in people:
        person.start()
    for person in people:
        person.join()
    assert len(winners) == 1


def test_a_case_is_its_holders_for_eight_hours(desk: Engine) -> None:
    assert taken(desk, "dana")
    almost = NOW + timedelta(hours=HOURS, microseconds=-1)
    assert not taken(desk, "omer", now=almost)
    with desk_reading(desk) as connection:
        case = read_case(connection, "1042")
    assert case.held_by(almost, HOURS) == "dana"
    assert case.held_by(NOW + timedelta(hours=HOURS), HOURS) is None
    assert taken(desk, "omer", now=NOW + timedelta(hours=HOURS))
    assert not closed(desk, "dana", Outcome("saved"))


def test_who_holds_a_case_takes_it_again_without_a_trace(desk: Engine) -> None:
    """A second click is no second case, and does not prolong the first."""
    assert taken(desk, "dana")
    assert taken(desk, "dana", now=NOW + timedelta(hours=1))
    with desk_reading(desk) as connection:
        assert read_case(connection, "1042").taken_at == NOW
        assert len(read_history(connection, "1042", 99)) == 1


def test_only_the_holder_releases_and_closes(desk: Engine) -> None:
    assert taken(desk, "dana")
    with desk_writing(desk) as connection:
        assert not release(connection, "1042", "omer", NOW)
        assert not close(connection, "1042", "omer", NOW, Outcome("saved"))
        assert release(connection, "1042", "dana", NOW)
        assert not release(connection, "1042", "dana", NOW)
    with desk_reading(desk) as connection:
        assert read_case(connection, "1042") == NOBODY
        assert [event.action for event in read_history(connection, "1042", 99)] == [
            "release",
            "take",
        ]


def test_nobody_takes_unaware_of_a_newer_outcome(desk: Engine) -> None:
    """A page that was open while a colleague called must not bring a second call."""
    assert taken(desk, "dana")
    assert closed(desk, "dana", Outcome("saved", offer="mended"))
    assert not taken(desk, "omer", seen=None)
    assert not taken(desk, "omer", seen=NOW - timedelta(microseconds=1))
    assert taken(desk, "omer", seen=NOW)


def test_an_outcome_ends_the_case_and_stays_with_who_and_when(desk: Engine) -> None:
    assert taken(desk, "dana")
    outcome = Outcome("later", day=date(2026, 11, 20), note="ביקש אחרי החג [טלפון]")
    assert closed(desk, "dana", outcome, now=NOW + timedelta(minutes=9))
    with desk_reading(desk) as connection:
        case = read_case(connection, "1042")
        event = read_history(connection, "1042", 1)[0]
    assert case == Case(
        "1042",
        outcome="later",
        outcome_at=NOW + timedelta(minutes=9),
        call_on=date(2026, 11, 20),
    )
    assert (event.user_name, event.at) == ("dana", NOW + timedelta(minutes=9))
    assert (event.action, event.day, event.note) == ("later", outcome.day, outcome.note)


def test_a_later_outcome_leaves_no_date_to_call(desk: Engine) -> None:
    worked(desk, Outcome("later", day=date(2026, 11, 20)), "1042", NOW)
    worked(desk, Outcome("lost", day=date(2026, 11, 18)), "1042", NOW + timedelta(days=1))
    with desk_reading(desk) as connection:
        assert read_case(connection, "1042").call_on is None
        assert read_case(connection, "1042").outcome == "lost"


def test_cases_that_may_matter_to_the_queue(desk: Engine) -> None:
    """Held, put off, or ended since: what ended long before puts nobody out of the queue."""
    long_ago = NOW - timedelta(days=90)
    worked(desk, Outcome("saved"), "old", long_ago)
    worked(desk, Outcome("later", day=date(2027, 1, 1)), "put off", long_ago)
    worked(desk, Outcome("saved"), "new", NOW)
    assert taken(desk, "dana", "held", long_ago)
    with desk_reading(desk) as connection:
        assert set(read_cases(connection, NOW - timedelta(days=60))) == {"put off", "new", "held"}


def test_closed_customers_come_newest_first_and_in_pages(desk: Engine) -> None:
    kinds: tuple[OutcomeKind, ...] = ("saved", "lost", "not_at_risk", "wrong_reason", "later")
    for number, kind in enumerate(kinds):
        day = date(2026, 11, 20) if kind in ("lost", "later") else None
        worked(desk, Outcome(kind, day=day), f"c{number}", NOW + timedelta(minutes=number))
    with desk_reading(desk) as connection:
        pages = [read_closed(connection, limit=3, offset=offset) for offset in (0, 3)]
        some = read_closed(connection, limit=9, among=["c1", "c4", "nobody"])
        like = [read_closed(connection, limit=9, like=text) for text in ("C2", "c%", "_")]
    assert [[case.customer_id for case in page] for page in pages] == [["c3", "c2", "c1"], ["c0"]]
    assert [case.customer_id for case in some] == ["c1"]
    assert [len(found) for found in like] == [1, 0, 0]


def test_the_days_count_customers_not_clicks(desk: Engine) -> None:
    worked(desk, Outcome("saved"), "c1", NOW - timedelta(days=1))
    worked(desk, Outcome("saved"), "c1", NOW)
    worked(desk, Outcome("lost", day=date(2026, 11, 1)), "c2", NOW)
    assert taken(desk, "omer", "c3")
    with desk_writing(desk) as connection:
        assert release(connection, "c3", "omer", NOW)
    assert taken(desk, "omer", "c3")
    with desk_reading(desk) as connection:
        done = count_done(connection, NOW - timedelta(hours=9))
    assert done == {"take": 3, "saved": 1, "lost": 1, "release": 1}


def test_who_is_lost_follows_the_newest_outcome_that_tells(desk: Engine) -> None:
    """Won back after all: not lost. Put off after he left: lost still. A day put right: the new."""
    first, second = date(2026, 11, 1), date(2026, 11, 2)
    for number, customer in enumerate(("won back", "put off", "put right")):
        worked(desk, Outcome("lost", day=first), customer, NOW + timedelta(minutes=number))
    later = NOW + timedelta(hours=1)
    worked(desk, Outcome("saved", offer="plan"), "won back", later)
    worked(desk, Outcome("later", day=date(2026, 12, 1)), "put off", later)
    worked(desk, Outcome("lost", day=second), "put right", later)
    with desk_reading(desk) as connection:
        assert read_lost(connection) == {"put off": first, "put right": second}


def test_exported_outcomes_are_all_of_them_without_a_word(desk: Engine) -> None:
    worked(desk, Outcome("saved", offer="credit", note="סוד"), "c2", NOW)
    worked(desk, Outcome("lost", day=date(2026, 11, 1)), "c1", NOW + timedelta(hours=1))
    with desk_reading(desk) as connection:
        frame = read_outcomes(connection)
    assert frame.astype(object).where(frame.notna(), None).to_numpy().tolist() == [
        ["c2", NOW, "saved", None, "credit"],
        ["c1", NOW + timedelta(hours=1), "lost", date(2026, 11, 1), None],
    ]
    assert "סוד" not in frame.to_csv()
