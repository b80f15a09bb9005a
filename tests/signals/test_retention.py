"""Retention: equal to its twin, and to what is plain."""

from datetime import date, timedelta
from typing import Any

import pandas as pd
import pytest
from hypothesis import given

from labels.codebook import REASONS
from labels.frames import Calendar
from signals.retention import retention, without_returned
from tests.signals import builders, twins
from tests.signals.twins import Row

WEEKS = [
    {"contacted_at": f"2026-10-{day:02} 09:00", "customer_id": None} for day in (4, 11, 18, 25)
]
END = pd.Timestamp("2026-10-31 20:00", tz="UTC")


def found(
    customers: list[dict[str, Any]],
    contacts: list[dict[str, Any]] = WEEKS,
    as_of: pd.Timestamp = END,
    labels: dict[str, Any] | None = None,
) -> pd.DataFrame:
    return retention(
        builders.contact_frame(contacts),
        builders.prediction_frame(labels or {}),
        builders.customer_frame(customers),
        as_of,
        Calendar(),
    )


def values(signals: pd.DataFrame, week: date, suffix: str = "") -> dict[str, float]:
    """Return the plain figures of one period."""
    chosen = signals[(signals["week"] == week) & signals["reason"].isna()]
    names = ("customers_start", "customers_new", "customers_left", "customers_end")
    figures = dict(zip(chosen["metric"], chosen["value"], strict=True))
    return {name: figures[f"{name}{suffix}"] for name in (*names, "retention_rate")}


def test_a_period_by_hand() -> None:
    """Four at its start, one leaves, one joins, one joins and leaves again; N counts who is new."""
    roster = [
        {"customer_id": "a"},
        {"customer_id": "b", "customer_since": date(2019, 1, 1)},
        {"customer_id": "c", "customer_since": date(2026, 10, 4), "churned_at": date(2026, 11, 20)},
        {"customer_id": "d", "churned_at": date(2026, 10, 21)},
        {"customer_id": "e", "customer_since": date(2026, 10, 19)},
        {
            "customer_id": "f",
            "customer_since": date(2026, 10, 19),
            "churned_at": date(2026, 10, 22),
        },
        {"customer_id": "g", "churned_at": date(2026, 10, 17)},
    ]
    week = values(found(roster), date(2026, 10, 18))
    assert list(week.values()) == [4, 1, 1, 4, 0.75]
    four = values(found(roster), date(2026, 10, 18), "_4w")
    assert list(four.values()) == [4, 2, 2, 4, 0.5]


def test_the_last_reason_is_of_the_notes_before_leaving() -> None:
    """The newest note that carries one; none after leaving, none older than ninety days."""
    contacts = [
        {"contacted_at": "2026-07-01 09:00", "customer_id": "old"},
        {"contacted_at": "2026-10-05 09:00", "customer_id": "a"},
        {"contacted_at": "2026-10-12 09:00", "customer_id": "a", "channel": "survey"},
        {"contacted_at": "2026-10-13 09:00", "customer_id": "a"},
        {"contacted_at": "2026-10-29 09:00", "customer_id": "a"},
        {"contacted_at": "2026-10-21 09:00", "customer_id": "stays"},
    ]
    labels = {
        "k000": {"reasons": ["trust"]},
        "k001": {"reasons": ["budget"]},
        "k002": {"reasons": ["neglect", "service"]},
        "k003": {"reasons": []},
        "k004": {"reasons": ["value"]},
        "k005": {"reasons": ["staff"]},
    }
    roster = [
        {"customer_id": "a", "churned_at": date(2026, 10, 20)},
        {"customer_id": "old", "churned_at": date(2026, 10, 20)},
        {"customer_id": "stays"},
    ]
    signals = found(roster, contacts, labels=labels)
    last = signals[(signals["metric"] == "left_last_reason_4w") & (signals["value"] > 0)]
    last = last[last["week"] == date(2026, 10, 18)]
    assert dict(zip(last["reason"], last["value"], strict=True)) == {
        "neglect": 1,
        "service": 1,
        None: 1,
    }
    assert set(last["n"]) == {2}


def test_without_a_day_of_leaving_there_is_no_figure() -> None:
    """A roster that does not say who left says nothing of retention."""
    assert found([{"customer_id": "a"}]).empty
    assert found([]).empty
    assert found([{"customer_id": "a", "churned_at": date(2026, 10, 20)}], []).empty


def test_an_outcomes_file_alone_is_measured_against_those_who_called() -> None:
    """It names only who left; who stayed is known from the contacts."""
    contacts = [{**row, "customer_id": f"c{k}"} for k, row in enumerate(WEEKS)]
    left = [{"customer_id": "c0", "churned_at": date(2026, 10, 20)}]
    week = values(found(left, contacts), date(2026, 10, 18))
    assert week["customers_start"] == 4
    assert week["retention_rate"] == 0.75
    strangers = [{"customer_id": "x", "churned_at": date(2026, 10, 20)}]
    assert values(found(strangers, contacts), date(2026, 10, 18))["customers_start"] == 5
    stays = [*left, {"customer_id": "y"}]
    assert values(found(stays, contacts), date(2026, 10, 18))["customers_start"] == 4


def test_later_leaving_is_not_known_yet() -> None:
    """A look at the past shows what it showed then, whoever left since."""
    roster = [{"customer_id": one} for one in "abc"]
    early = pd.Timestamp("2026-10-24 20:00", tz="UTC")
    gone = {"customer_id": "d", "churned_at": date(2026, 10, 20)}
    since = [{**row, "churned_at": date(2026, 10, 29)} for row in roster]
    then = found([*roster, gone], as_of=early)
    assert len(then) > 0
    assert then.equals(found([*since, gone], as_of=early))


def test_nothing_is_said_beyond_the_newest_day_of_leaving() -> None:
    """An outcomes file that nobody renewed does not say that all stayed."""
    roster = [{"customer_id": "a", "churned_at": date(2026, 10, 14)}, {"customer_id": "b"}]
    signals = found(roster)
    provisional = signals.groupby("week")["provisional"].all().to_dict()
    assert provisional == {date(2026, 10, 4): False, date(2026, 10, 11): True}


def test_who_came_back_has_not_left() -> None:
    """Joined again after the day of leaving: a customer, counted as new."""
    roster = [
        {"customer_id": "a", "customer_since": date(2026, 10, 19), "churned_at": date(2026, 1, 5)},
        {"customer_id": "b", "churned_at": date(2026, 10, 24)},
        {"customer_id": "c"},
    ]
    kept = without_returned(builders.customer_frame(roster))
    assert kept["churned_at"].tolist() == [None, date(2026, 10, 24), None]
    week = values(found(kept.to_dict("records")), date(2026, 10, 18))
    assert list(week.values()) == [2, 1, 1, 2, 0.5]


def test_a_week_that_has_not_ended_is_provisional() -> None:
    """Who leaves after the end of observation has not left yet."""
    roster = [
        {"customer_id": "a", "churned_at": date(2026, 10, 28)},
        {"customer_id": "b", "churned_at": date(2026, 10, 30)},
        {"customer_id": "c"},
    ]
    early = pd.Timestamp("2026-10-28 20:00", tz="UTC")
    signals = found(roster, as_of=early)
    assert values(signals, date(2026, 10, 25))["customers_left"] == 1
    provisional = signals.groupby("week")["provisional"].all()
    assert provisional.to_dict() == {
        **{date(2026, 10, day): False for day in (4, 11, 18)},
        date(2026, 10, 25): True,
    }


def twin(contacts: pd.DataFrame, predictions: pd.DataFrame, customers: pd.DataFrame) -> list[Row]:
    """Return each week's S, N, left, E and the last reasons, one customer at a time."""
    label = {r["contact_id"]: r for r in twins.rows(predictions)}
    notes = [c for c in twins.rows(contacts) if c["channel"] == "survey" or c["direction"] == "in"]
    people = twins.rows(customers)
    called = {c["customer_id"] for c in twins.rows(contacts)} - {None}
    callers = called - {p["customer_id"] for p in people}
    if 2 * len(callers) > len(called):
        people = [p for p in people if p["churned_at"] or p["customer_id"] in called]
        blank = {"customer_since": None, "churned_at": None}
        people += [{"customer_id": one, **blank} for one in callers]
    until = max((p["churned_at"] for p in people if p["churned_at"]), default=date.min)
    out = []
    for week in sorted({twins.week(c["contacted_at"]) for c in twins.rows(contacts)}):
        if week > until:
            continue
        row: Row = {"week": week, "start": 0, "new": 0, "left": 0, "end": 0, "reasons": []}
        for person in people:
            joined = person["customer_since"] or date.min
            gone = person["churned_at"] or date.max
            close = min(week + timedelta(days=7), until + timedelta(days=1))
            start = joined < week <= gone
            end = joined < close <= gone
            row["start"] += start
            row["end"] += end
            row["new"] += end and not start
            if start and not end:
                row["left"] += 1
                row["reasons"] += last_reasons(person, notes, label)
        out.append(row)
    return out


def last_reasons(person: Row, notes: list[Row], label: dict[str, Row]) -> list[str]:
    told = []
    for note in notes:
        day = note["contacted_at"].astimezone(twins.ISRAEL).date()
        reasons = [r for r in map(str, REASONS) if label.get(note["contact_id"], {}).get(r)]
        close = timedelta(0) <= person["churned_at"] - day <= timedelta(days=90)
        if note["customer_id"] == person["customer_id"] and close and reasons:
            told.append((note["contacted_at"], note["contact_id"], reasons))
    return max(told)[2] if told else ["none"]


@builders.FEW
@given(drawn=builders.labelled_frames(), customers=builders.customer_frames())
def test_retention_equals_its_twin(
    drawn: tuple[pd.DataFrame, pd.DataFrame], customers: pd.DataFrame
) -> None:
    """Weeks at their edges, people who join and leave on them, notes of nobody."""
    signals = retention(*drawn, customers, END + pd.Timedelta(days=400), Calendar())
    rows = twin(*drawn, customers)
    assert set(signals["week"]) == {row["week"] for row in rows}
    for row in rows:
        own = signals[signals["week"] == row["week"]]
        plain = own[own["reason"].isna()].set_index("metric")["value"]
        for name in ("start", "new", "left", "end"):
            assert plain[f"customers_{name}"] == row[name]
        rate = (row["end"] - row["new"]) / row["start"] if row["start"] else float("nan")
        assert plain["retention_rate"] == pytest.approx(rate, nan_ok=True, abs=1e-6)
        assert plain["churn_rate"] == pytest.approx(1 - rate, nan_ok=True, abs=1e-6)
        reasons = own[own["metric"] == "left_last_reason"]
        for told in reasons.itertuples():
            assert told.n == row["left"]
            assert told.value == row["reasons"].count(told.reason or "none")
