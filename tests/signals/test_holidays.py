"""Weeks with holidays, by the calendar that hangs in every Israeli kitchen."""

from datetime import date

import pytest

from signals.holidays import holidays_of


@pytest.mark.parametrize(
    ("week", "names"),
    [
        (date(2026, 9, 6), ("ראש השנה",)),
        (date(2026, 9, 13), ("ראש השנה",)),
        (date(2026, 9, 20), ("יום כיפור", "סוכות")),
        (date(2026, 4, 5), ("חול המועד פסח", "שביעי של פסח")),
        (date(2026, 8, 2), ()),
        (date(2026, 12, 27), ()),
    ],
)
def test_weeks_have_the_holidays_of_their_seven_days(week: date, names: tuple[str, ...]) -> None:
    assert holidays_of(week) == names
