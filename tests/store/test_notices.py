"""Nothing is sent twice, and nothing is lost."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine

from store.desk_session import desk_reading, desk_writing, open_desk_store
from store.notices import (
    STALE,
    Notice,
    claim,
    close_others,
    count_notices,
    read_notices,
    settle,
    unsent,
)

NOON = datetime(2026, 11, 22, 10, tzinfo=UTC)


@pytest.fixture
def desk(store_url: str) -> Iterator[Engine]:
    opened = open_desk_store(store_url)
    yield opened
    opened.dispose()


def claimed(desk: Engine, *subjects: str, now: datetime = NOON) -> dict[str, int]:
    with desk_writing(desk) as connection:
        return claim(connection, "at_risk", "mail", "a@example.com", subjects, now)


def settled(desk: Engine, what: dict[str, int], problem: str | None = None) -> None:
    with desk_writing(desk) as connection:
        settle(connection, "at_risk", "mail", "a@example.com", what, NOON, problem)


def closed(desk: Engine, *present: str) -> None:
    with desk_writing(desk) as connection:
        close_others(connection, "at_risk", present)


def stored(desk: Engine) -> list[Notice]:
    with desk_reading(desk) as connection:
        return read_notices(connection, limit=100)


def test_what_was_sent_is_not_claimed_again(desk: Engine) -> None:
    """And what failed is: it keeps its count of attempts."""
    first = claimed(desk, "c1", "c2", "c1")
    assert first == {"c1": 1, "c2": 1}
    settled(desk, {"c1": 1})
    settled(desk, {"c2": 1}, problem="refused 550")
    with desk_reading(desk) as connection:
        receivers = ["a@example.com", "b@example.com"]
        assert unsent(connection, "at_risk", receivers) == {"c2": {"a@example.com"}}
        assert unsent(connection, "at_risk", receivers[1:]) == {}
        assert unsent(connection, "weekly", receivers) == {}
    assert claimed(desk, "c1", "c2", "c3") == {"c2": 1, "c3": 1}
    again = next(one for one in stored(desk) if one.subject == "c2")
    assert (again.attempts, again.state, again.problem) == (2, "sending", None)


def test_what_another_program_is_sending_is_left_to_it(desk: Engine) -> None:
    """Until it must have died."""
    assert claimed(desk, "c1") == {"c1": 1}
    assert claimed(desk, "c1", now=NOON + STALE - timedelta(seconds=1)) == {}
    assert claimed(desk, "c1", now=NOON + STALE) == {"c1": 1}


def test_each_receiver_and_way_has_its_own(desk: Engine) -> None:
    """One who was refused does not make another get it twice."""
    settled(desk, claimed(desk, "c1"))
    with desk_writing(desk) as connection:
        assert claim(connection, "at_risk", "mail", "b@example.com", ["c1"], NOON) == {"c1": 1}
        assert claim(connection, "at_risk", "webhook", "a@example.com", ["c1"], NOON) == {"c1": 1}
        assert count_notices(connection) == 3


def test_who_comes_back_is_told_of_again(desk: Engine) -> None:
    """A customer who was at risk, was not, and is again: that is news."""
    settled(desk, claimed(desk, "c1", "c2"))
    closed(desk, "c2")
    assert claimed(desk, "c1", "c2") == {"c1": 2}
    settled(desk, {"c1": 2})
    assert claimed(desk, "c1") == {}
    assert sorted((one.subject, one.episode, one.over) for one in stored(desk)) == [
        ("c1", 1, True),
        ("c1", 2, False),
        ("c2", 1, False),
    ]


def test_what_could_not_be_sent_and_is_over_is_forgotten(desk: Engine) -> None:
    settled(desk, claimed(desk, "c1"), problem="refused")
    closed(desk)
    assert stored(desk) == []


def test_a_thousand_subjects_are_claimed_at_once(desk: Engine) -> None:
    """More than one statement may hold."""
    many = [f"c{number:04}" for number in range(1200)]
    settled(desk, claimed(desk, *many))
    assert claimed(desk, *many, "new") == {"new": 1}
