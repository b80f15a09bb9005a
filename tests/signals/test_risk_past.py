"""Snapshots of the past: nothing of the future in them, no outcome on both sides."""

from datetime import date, timedelta
from typing import Any

import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from labels.frames import Calendar
from signals.risk_parts import history
from signals.risk_past import Snapshots, snapshots
from signals.threads import threads
from tests.signals import builders, twins

NOW = pd.Timestamp("2026-11-14 18:00", tz="UTC")
FIRST = date(2026, 8, 2)  # a Sunday


def taken(
    rows: list[dict[str, Any]], left: dict[str, date], horizon: int = 14, as_of: pd.Timestamp = NOW
) -> Snapshots:
    contacts = builders.contact_frame(rows)
    past = history(contacts, builders.prediction_frame({}), threads(contacts, 7, "any"))
    roster = [{"customer_id": name, "churned_at": day} for name, day in left.items()]
    customers = builders.customer_frame(roster)
    return snapshots(past, customers, as_of, calendar=Calendar(), horizon_days=horizon)


def weekly(customers: int = 6, weeks: int = 15) -> list[dict[str, Any]]:
    """Return one call a customer and week."""
    begin = pd.Timestamp(FIRST, tz="UTC") + pd.Timedelta(hours=30)
    return [
        {"contacted_at": begin + pd.Timedelta(days=7 * week), "customer_id": f"c{k}"}
        for week in range(weeks)
        for k in range(customers)
    ]


def test_no_outcome_stands_on_both_sides() -> None:
    """Each training horizon ends before the later period begins, and that one is observed."""
    found = taken(weekly(), {"c1": date(2026, 9, 10), "c2": date(2026, 11, 10)})
    assert found.later is not None
    assert found.later.day == date(2026, 10, 25)  # its 14 days end on Saturday, 7 November
    days = [shot.day for shot in found.training]
    assert days == [date(2026, 8, 23) + timedelta(weeks=k) for k in range(8)]
    assert days[-1] + timedelta(days=14) <= found.later.day


def test_a_stale_file_of_outcomes_says_nothing_of_the_weeks_after_it() -> None:
    """Outcomes are known until the newest of them: silence after it is not staying."""
    found = taken(weekly(), {"c1": date(2026, 9, 10)})
    assert found.later is not None
    assert found.later.day == date(2026, 8, 23)


def test_the_horizon_begins_with_its_first_day_and_has_so_many() -> None:
    """Left on the eve: gone. On the first or the last day: left. A day later: stayed."""
    first = date(2026, 10, 25)
    left = {f"c{k}": first + timedelta(days=d) for k, d in enumerate((-1, 0, 13, 14, 19))}
    later = taken(weekly(), left).later
    assert later is not None
    assert later.day == first
    found = dict(zip(later.customers["customer_id"], later.left, strict=True))
    assert found == {"c1": True, "c2": True, "c3": False, "c4": False, "c5": False}


def test_outcomes_after_as_of_are_not_known_yet() -> None:
    """The same moment looked at later shows the same snapshots."""
    as_of = pd.Timestamp("2026-10-20 09:00", tz="UTC")
    known = {"c1": date(2026, 10, 4), "c2": date(2026, 10, 19)}
    rows = [row for row in weekly() if row["contacted_at"] <= as_of]
    first = taken(rows, known, as_of=as_of)
    again = taken(rows, {**known, "c3": date(2026, 10, 25)}, as_of=as_of)
    assert [shot.day for shot in first.training] == [shot.day for shot in again.training]
    for one, two in zip(
        (*first.training, first.later), (*again.training, again.later), strict=True
    ):
        assert one is not None
        assert two is not None
        assert one.left.tolist() == two.left.tolist()


def test_too_short_a_past_has_no_snapshot() -> None:
    """No outcome, no contact, or a horizon that nothing has reached."""
    assert taken(weekly(), {}) == Snapshots((), None)
    assert taken([], {"c1": date(2026, 9, 1)}) == Snapshots((), None)
    assert taken(weekly(weeks=3), {"c1": date(2026, 8, 20)}, horizon=28) == Snapshots((), None)
    alone = taken(weekly(weeks=5), {"c1": date(2026, 9, 6)}, horizon=28)
    assert alone.training == ()
    assert alone.later is not None


@builders.FEW
@given(
    drawn=builders.labelled_frames(),
    days=st.lists(st.integers(0, 20), min_size=3, max_size=3),
    horizon=st.sampled_from([7, 10, 28]),
)
def test_snapshots_equal_their_twin(
    drawn: tuple[pd.DataFrame, pd.DataFrame], days: list[int], horizon: int
) -> None:
    """Who stands in a snapshot, and who left, is what a loop over customers and days finds."""
    contacts, predictions = drawn
    left = {f"c{k + 1}": date(2026, 10, 28) + timedelta(days=d) for k, d in enumerate(days)}
    past = history(contacts, predictions, threads(contacts, 7, "any"))
    roster = builders.customer_frame(
        [{"customer_id": name, "churned_at": day} for name, day in left.items()]
    )
    found = snapshots(past, roster, NOW, calendar=Calendar(), horizon_days=horizon)
    for shot in (*found.training, *([found.later] if found.later else [])):
        assert shot.day.isoweekday() == 7
        got = dict(zip(shot.customers["customer_id"], shot.left, strict=True))
        assert got == _twin(contacts, left, shot.day, horizon)


def _twin(
    contacts: pd.DataFrame, left: dict[str, date], day: date, horizon: int
) -> dict[str, bool]:
    moment = pd.Timestamp(day).tz_localize(twins.ISRAEL)
    found = {}
    for name in {row["customer_id"] for row in twins.rows(contacts)} - {None}:
        noted = any(
            row["customer_id"] == name
            and (row["direction"] == "in" or row["channel"] == "survey")
            and timedelta(0) < moment - row["contacted_at"] < timedelta(days=60)
            for row in twins.rows(contacts)
        )
        if noted and (name not in left or left[name] >= day):
            found[name] = name in left and left[name] < day + timedelta(days=horizon)
    return found
