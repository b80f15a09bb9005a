"""A mended profile meets a newer file of the same name: as if the old file had been read by it."""

from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest

from tests.flows.rereading.shop import NO_ID, OWN, Line, Shop, line, lines

UTC: dict[str, Any] = {"dates": {"timezone": "UTC"}}
HERE: dict[str, Any] = {}


@pytest.mark.parametrize(
    ("first", "mended"),
    [
        (UTC, HERE),
        (HERE, UTC),
        (HERE, {"dates": {"order": "mdy"}}),
        (HERE, {"name": "calls"}),
        (HERE, {"columns": {**NO_ID, "customer_id": "מס פנייה"}}),
        (HERE, {"columns": OWN}),
    ],
)
@pytest.mark.parametrize("between", [False, True], ids=["at once", "old bytes first"])
def test_no_row_of_a_longer_file_stands_twice(
    shop: Shop,
    fresh: Callable[[], Shop],
    first: dict[str, Any],
    mended: dict[str, Any],
    between: bool,
) -> None:
    """Zone, order, name, customers, ids: what the new file alone gives, whatever came before."""
    shop.write(lines(1, 8))
    shop.read(**first)
    if between:
        shop.read(**mended)
    longer = [line(1, הערות="תיקון: ביקש הנחה"), *lines(2, 9)]
    shop.write(longer)
    shop.read(**mended)
    alone = fresh()
    alone.write(longer)
    alone.read(**mended)
    pd.testing.assert_frame_equal(shop.contacts, alone.contacts)
    assert shop.ledger == alone.ledger == [(9, 9, 0, 0, 0)]
    assert shop.state()["contact_readings"] == alone.state()["contact_readings"]


@pytest.mark.parametrize(("first", "mended"), [(UTC, HERE), (HERE, UTC)])
def test_a_mended_zone_moves_the_windows_edge_too(
    shop: Shop, first: dict[str, Any], mended: dict[str, Any]
) -> None:
    """Days that the window left stay, though they end nearer to it than the zone moved all."""
    days = [
        line(day, תאריך=f"{day:02d}/09/2026 {hour}", הערות=f"לקוח {day} ביקש לבטל, {hour}")
        for day in range(1, 7)
        for hour in ("00:30", "23:30")
    ]
    shop.write(days[:8])
    shop.read(**first)
    shop.write(days[4:])
    shop.read(**mended)
    assert sorted(shop.texts) == [one["הערות"] for one in days]


def test_a_mended_zone_moves_no_contact_by_a_week(shop: Shop) -> None:
    """The window left a note, and has the same words of the same customer ten days later."""
    same = {"מס לקוח": "5001", "הערות": "לא ענה"}
    shop.write([line(1, **same), *lines(2, 10)])
    shop.read(**UTC)
    shop.write([*lines(4, 10), line(11, **same), *lines(12, 13)])
    shop.read(**HERE)
    assert len(shop.contacts) == 13
    assert shop.texts.count("לא ענה") == 2


def test_a_mended_profile_settles_the_rows_of_a_shorter_file(shop: Shop) -> None:
    """What the mended profile can read is stored by the longer file, and no longer set aside."""
    odd = [line(4, ערוץ="צ׳אט"), line(5, ערוץ="צ׳אט")]
    shop.write([*lines(1, 3), *odd])
    shop.read(**UTC)
    assert shop.quarantined == [5, 6]
    shop.write([*lines(1, 3), *odd, line(6)])
    shop.read(values={"channel": {"טלפון": "phone", "צ׳אט": "chat"}})
    assert (shop.ledger, shop.quarantined) == ([(6, 6, 0, 0, 0)], [])


@pytest.mark.parametrize("week", [8, 14])
def test_weeks_of_like_notes_stay_two_weeks(shop: Shop, week: int) -> None:
    """The same customers, the same words, another profile: their times do not meet."""
    shop.write(reminders(1))
    shop.read(**UTC)
    shop.write(reminders(week))
    shop.read(**HERE)
    assert len(shop.contacts) == 12


def reminders(first: int) -> list[Line]:
    """Six customers who are called on six days, about nothing else."""
    rows = [line(day) for day in range(1, 7)]
    return [
        {**row, "תאריך": f"{first + place:02d}/09/2026 10:30"} for place, row in enumerate(rows)
    ]


def test_another_weeks_file_stays_whatever_the_profile(shop: Shop) -> None:
    """Fewer than half of the older rows stand in the newer file: both weeks count."""
    shop.write(lines(1, 9))
    shop.read(**UTC)
    shop.write(lines(6, 14))
    shop.read(**HERE)
    assert len(shop.contacts) == 18
