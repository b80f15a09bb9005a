"""Local weeks: their first and last moments, also where the clock changes at midnight."""

from datetime import date, timedelta

import pandas as pd
import pytest

from labels.frames import Calendar

MICROSECOND = pd.Timedelta(microseconds=1)


@pytest.mark.parametrize(
    ("zone", "day"),
    [
        ("Asia/Jerusalem", date(2026, 3, 22)),
        ("Asia/Beirut", date(2025, 3, 30)),  # no midnight: it is one o'clock at once
        ("America/Santiago", date(2025, 9, 7)),
        ("America/Havana", date(2025, 11, 2)),  # midnight comes twice
    ],
)
@pytest.mark.parametrize("weeks", [-1, 0, 1])
def test_a_week_is_bounded_by_its_moments(zone: str, day: date, weeks: int) -> None:
    """Its bounds are in it and next to it, and no moment lies between two weeks."""
    calendar, week = Calendar(zone), day + timedelta(days=7 * weeks)
    begin, end = calendar.bounds(week)
    assert calendar.week_of_moment(begin) == week
    assert calendar.week_of_moment(begin - MICROSECOND) == week - timedelta(days=7)
    assert calendar.week_of_moment(end - MICROSECOND) == week
    assert calendar.bounds(week + timedelta(days=7))[0] == end
