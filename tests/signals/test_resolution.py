"""Resolution and repeats: equal to their twins, honest about weeks that are not over."""

from datetime import date

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from labels.frames import Calendar, Signals
from signals.costs import error_costs
from signals.journeys import ordeals
from signals.resolution import Observation, resolution, wide_resolution
from signals.shares import shares
from signals.threads import threads
from tests.signals import builders, twins, twins_resolution

WEEK = date(2026, 9, 6)
START = pd.Timestamp("2026-09-05 21:00", tz="UTC")  # Sunday 00:00 in Israel


def both(contacts: pd.DataFrame, window_days: int = 7) -> pd.DataFrame:
    return pd.concat([threads(contacts, window_days, name) for name in ("any", "queue")])


def signals_of(
    contacts: pd.DataFrame, as_of: pd.Timestamp, predictions: pd.DataFrame | None = None
) -> pd.DataFrame:
    found = builders.prediction_frame({}) if predictions is None else predictions
    seen = contacts[contacts["contacted_at"] <= as_of]
    return resolution(seen, found, both(seen), Calendar(), Observation(as_of))


def row(
    signals: pd.DataFrame, metric: str, where: str = "all", week: date = WEEK
) -> "pd.Series[object]":
    return signals.query("metric == @metric and slice == @where and week == @week").iloc[0]


def cohort(size: int, repeat_every: int, day: float = 1.0) -> pd.DataFrame:
    """Return `size` customers who call on Sunday, every so many of them again `day` days later."""
    rows = []
    for i in range(size):
        moment = START + pd.Timedelta(minutes=i)
        rows.append({"customer_id": f"c{i}", "contacted_at": moment})
        if i % repeat_every == 0:
            again = moment + pd.Timedelta(days=day)
            rows.append({"customer_id": f"c{i}", "contacted_at": again, "channel": "chat"})
    return builders.contact_frame(rows)


@builders.FEW
@given(
    drawn=builders.labelled_frames(),
    later=st.sampled_from([0, 1, 86_400, 7 * 86_400 - 1, 7 * 86_400]),
    window_days=st.sampled_from([1, 7]),
    min_slice=st.sampled_from([1, 3]),
    net_queues=st.sets(st.sampled_from(["תמיכה", "חיוב"]), max_size=1),
    net_reasons=st.sets(st.sampled_from(["failure", "needs"]), max_size=1),
)
def test_figures_equal_their_twin(
    drawn: tuple[pd.DataFrame, pd.DataFrame],
    later: int,
    window_days: int,
    min_slice: int,
    net_queues: set[str],
    net_reasons: set[str],
) -> None:
    """Every metric in every slice is what loops over threads and contacts count."""
    contacts, predictions = drawn
    newest = contacts["contacted_at"].max() if len(contacts) else START
    as_of = newest + pd.Timedelta(seconds=later)
    net = {"net_queues": frozenset(net_queues), "net_reasons": frozenset(net_reasons)}
    seen = Observation(as_of, window_days, min_slice, **net)
    signals = resolution(contacts, predictions, both(contacts, window_days), Calendar(), seen)
    Signals.validate(signals)
    twins.assert_figures(
        signals,
        twins_resolution.resolution(contacts, predictions, window_days, as_of, min_slice, **net),
    )


def test_a_week_that_was_fully_observed_is_a_plain_share() -> None:
    """Nobody censored: the estimate is the share of threads without a second contact."""
    found = row(signals_of(cohort(40, 4), START + pd.Timedelta(days=30)), "fcr_any")
    assert (found.value, found.n, found.provisional) == (0.75, 40, False)
    assert found.low < 0.75 < found.high


def test_nine_in_ten_threads_need_no_more_contacts_than_p90() -> None:
    """Two long threads of twenty are the tenth; three are more."""
    for repeat_every, expected in ((10, 1), (7, 2)):
        contacts = cohort(20, repeat_every)
        signals = signals_of(contacts, START + pd.Timedelta(days=30))
        assert row(signals, "contacts_per_issue_p90_any").value == expected


def test_the_newest_week_is_not_flattered() -> None:
    """Half of the threads are too young to have a second contact; the estimate corrects for it."""
    early, late = cohort(40, 4, day=5), cohort(40, 4, day=5)
    late["contacted_at"] += pd.Timedelta(days=4)
    late["contact_id"], late["customer_id"] = "z" + late["contact_id"], "z" + late["customer_id"]
    contacts = pd.concat([early, late], ignore_index=True)
    found = row(signals_of(contacts, START + pd.Timedelta(days=8)), "fcr_any")
    assert found.provisional
    assert found.value == pytest.approx(0.75)  # counting the young as resolved would say 0.875


def test_no_rate_is_claimed_before_anybody_was_followed_for_the_window() -> None:
    """The week that has just ended shows its count, and the estimate so far under its own name."""
    signals = signals_of(cohort(40, 4), START + pd.Timedelta(days=6))
    found = row(signals, "fcr_any")
    assert np.isnan([found.value, found.low, found.high]).all()
    assert (found.n, found.provisional) == (40, True)
    assert row(signals, "fcr_so_far_any").value == 0.75
    assert row(signals, "fcr_followed_days_any").value == pytest.approx(6, abs=0.1)


def test_a_small_slice_shows_its_count_and_no_rate() -> None:
    """Nineteen threads have no rate, twenty have one."""
    for size, shown in ((19, False), (20, True)):
        found = row(signals_of(cohort(size, 4), START + pd.Timedelta(days=30)), "fcr_queue")
        assert found.n == size
        assert np.isfinite([found.value, found.low, found.high]).all() == shown


def test_provisional_ends_when_the_window_of_the_last_thread_does() -> None:
    """To the second: at W days after the last contact nothing can join any more."""
    contacts = builders.contact_frame([{"contacted_at": START}])
    for seconds, provisional in ((7 * 86_400 - 1, True), (7 * 86_400, False)):
        signals = signals_of(contacts, START + pd.Timedelta(seconds=seconds))
        for metric in ("fcr_any", "contacts_per_issue_any", "ordeals_queue"):
            assert row(signals, metric).provisional == provisional


def test_false_resolution_counts_declared_contacts_that_came_back() -> None:
    """A desk that closes tickets to look good shows."""
    contacts = cohort(40, 4)
    closed = builders.prediction_frame(
        {i: {"resolution": "resolved"} for i in contacts["contact_id"]}
    )
    signals = signals_of(contacts, START + pd.Timedelta(days=30), closed)
    found = row(signals, "false_resolution_any")
    assert (found.value, found.n) == (0.2, 50)  # ten of fifty declared contacts were not the last
    assert found.low < found.value < found.high
    assert row(signals, "channel_switch_any").n == 10


def test_ordeals_are_listed_with_their_journey() -> None:
    """Three contacts make an ordeal; the journey is in order of time."""
    rows = [
        {"contacted_at": "2026-09-07 09:00", "queue": "תמיכה"},
        {"contacted_at": "2026-09-09 09:00", "queue": None, "channel": "email"},
        {"contacted_at": "2026-09-08 09:00", "queue": "חיוב", "channel": "chat"},
        {"contacted_at": "2026-09-08 09:00", "customer_id": "c2"},
    ]
    contacts = builders.contact_frame(rows)
    found = ordeals(contacts, both(contacts))
    assert len(found) == 1
    listed = found.iloc[0]
    assert (listed["customer_id"], listed["n"]) == ("c1", 3)
    assert (listed["queues"], listed["channels"]) == ("תמיכה,חיוב", "phone,chat,email")
    assert listed["last"] == pd.Timestamp("2026-09-09 09:00", tz="UTC")


def test_contacts_after_the_end_of_observation_are_refused() -> None:
    """Follow-up would be negative."""
    contacts = cohort(2, 1)
    with pytest.raises(ValueError, match="observation"):
        resolution(
            contacts,
            builders.prediction_frame({}),
            both(contacts),
            Calendar(),
            Observation(START),
        )


def test_a_second_window_sees_who_came_back_later() -> None:
    """One in four is back after ten days: solved within seven, not within thirty."""
    contacts = cohort(40, 4, day=10)
    as_of = START + pd.Timedelta(days=60)
    narrow = signals_of(contacts, as_of)
    wide = wide_resolution(
        contacts, both(contacts, 30), Calendar(), Observation(as_of, window_days=30)
    )
    Signals.validate(wide)
    assert row(narrow, "fcr_any")["value"] == 1
    assert row(wide, "fcr_wide_any")["value"] == 0.75
    assert set(wide["metric"]) == {"fcr_wide_any", "fcr_wide_queue"}


def test_repeats_cost_what_their_contacts_cost() -> None:
    """Ten repeats at 18.5 shekels; without a price there is no cost."""
    contacts = cohort(40, 4)
    as_of = START + pd.Timedelta(days=20)
    seen = Observation(as_of, contact_cost=18.5)
    priced = resolution(contacts, builders.prediction_frame({}), both(contacts), Calendar(), seen)
    cost = row(priced, "repeat_cost_any")
    assert (cost["value"], cost["n"]) == (185, 10)
    assert not signals_of(contacts, as_of)["metric"].str.startswith("repeat_cost").any()


def test_an_error_costs_ten_and_a_hundred_times_its_prevention() -> None:
    """Three contacts about a mistake, at half a shekel to prevent one."""
    contacts = cohort(6, 7)
    labels = {f"k{i:03}": {"reasons": ["failure"] if i < 3 else ["budget"]} for i in range(6)}
    found = error_costs(shares(contacts, builders.prediction_frame(labels), Calendar()), 0.5)
    Signals.validate(found)
    assert dict(zip(found["metric"], found["value"], strict=True)) == {
        "error_cost_prevented": 1.5,
        "error_cost_mended": 15,
        "error_cost_suffered": 150,
    }
    assert set(found["n"]) == {3}
