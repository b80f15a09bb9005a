"""Drift: the two distances against slow twins, chance, and what is called a drift."""

import math
from collections import Counter
from collections.abc import Sequence
from datetime import date

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from labels.frames import P_REASONS
from labels.measures import MEASURES, Measure
from signals.drift import LEAST_NOTES, difference, distance, drift, stability_index

WEEK = date(2026, 11, 1)
BY_NAME = {one.name: one for one in MEASURES}
Counts = st.lists(st.tuples(st.integers(0, 500), st.integers(0, 500)), min_size=2, max_size=8)


def slow_index(week: Sequence[int], reference: Sequence[int]) -> float:
    """The population stability index, bin by bin."""
    total = 0.0
    n, of = sum(week) + len(week) / 2, sum(reference) + len(reference) / 2
    for x, y in zip(week, reference, strict=True):
        p, q = (x + 0.5) / n, (y + 0.5) / of
        total += (p - q) * math.log(p / q)
    return total


def slow_distance(week: Sequence[int], reference: Sequence[int]) -> float:
    """The Jensen-Shannon distance: entropy of the mixture less the mean of the entropies."""

    def entropy(shares: Sequence[float]) -> float:
        return -sum(share * math.log2(share) for share in shares if share > 0)

    p = [x / sum(week) for x in week]
    q = [y / sum(reference) for y in reference]
    mixed = [(a + b) / 2 for a, b in zip(p, q, strict=True)]
    return math.sqrt(max(entropy(mixed) - (entropy(p) + entropy(q)) / 2, 0.0))


@given(Counts)
def test_both_distances_are_their_slow_twins(pairs: list[tuple[int, int]]) -> None:
    """Also with empty bins."""
    week, reference = ([pair[side] for pair in pairs] for side in (0, 1))
    assert float(stability_index(week, reference)) == pytest.approx(slow_index(week, reference))
    if sum(week) and sum(reference):
        found, slow = float(distance(week, reference)), slow_distance(week, reference)
        assert found**2 == pytest.approx(slow**2, abs=1e-9)
        assert 0 <= found <= 1 + 1e-12


@given(st.lists(st.floats(0, 300, allow_nan=False) | st.just(math.nan), max_size=40))
def test_numbers_are_counted_in_the_first_bin_that_holds_them(numbers: list[float]) -> None:
    """An edge belongs to the bin below it; what is no number is not counted."""
    measure = Measure("length", edges=(8, 16, 64))
    slow = Counter[str]()
    for one in numbers:
        if not math.isnan(one):
            slow[
                "<=8" if one <= 8 else "<=16" if one <= 16 else "<=64" if one <= 64 else ">64"
            ] += 1
    assert dict(zip(measure.bins, measure.count(numbers).tolist(), strict=True)) == {
        name: slow[name] for name in measure.bins
    }


def test_values_that_no_bin_has_are_not_counted() -> None:
    """A channel of another corpus, say."""
    measure = Measure("channel", values=("phone", "chat"))
    assert measure.count(["chat", "fax", "chat"]).tolist() == [0, 2]


def test_chance_alone_is_seldom_below_five_percent() -> None:
    """Of two hundred weeks without drift, about ten are; p does not depend on the call."""
    random = np.random.default_rng(5)
    shares = [0.5, 0.3, 0.15, 0.05]
    reference = random.multinomial(20_000, shares)
    weeks = random.multinomial(200, shares, 200)
    found = [difference(week, reference, (number,)) for number, week in enumerate(weeks)]
    assert 2 <= sum(one.p < 0.05 for one in found) <= 20
    over = sum(one.distance > one.distance_by_chance for one in found)
    assert 2 <= over <= 20
    assert difference(weeks[0], reference, (0,)) == found[0]


def test_a_small_week_says_nothing() -> None:
    """And neither does a small reference."""
    few, many = np.array([LEAST_NOTES - 1, 0]), np.array([500, 500])
    assert math.isnan(difference(few, many, (1,)).p)
    assert math.isnan(difference(many, few, (1,)).distance)


def notes(week: date, n: int, seed: int, hebrew: float = 0.8) -> pd.DataFrame:
    """Return a week's notes of the same making, but for the share of Hebrew."""
    random = np.random.default_rng(seed)
    columns: dict[str, object] = {
        "week": [week] * n,
        "length": random.integers(5, 90, n),
        "language": random.choice(["Hebrew", "Russian"], n, p=[hebrew, 1 - hebrew]),
        "channel": random.choice(["phone", "survey"], n, p=[0.7, 0.3]),
        "unseen": random.beta(1, 8, n),
        **{name: random.beta(0.3, 2, n) for name in P_REASONS},
        "unclear": random.random(n) < 0.1,
        "at_risk": random.random(n) < 0.3,
    }
    return pd.DataFrame(columns)


def reference_of(frame: pd.DataFrame) -> dict[str, list[int]]:
    return {one.name: one.count(frame[one.name]).tolist() for one in MEASURES}


def value(signals: pd.DataFrame, metric: str, measure: str, week: date = WEEK) -> float:
    row = signals[
        (signals["metric"] == metric)
        & (signals["slice"] == f"drift={measure}")
        & (signals["week"] == week)
    ]
    return float(row["value"].item())


def test_what_moved_is_called_and_nothing_else() -> None:
    """Half of one week is suddenly Russian: that is a drift, in that week alone."""
    before = date(2026, 10, 25)
    reference = reference_of(notes(WEEK, 20_000, seed=1))
    frame = pd.concat([notes(before, 300, 2), notes(WEEK, 300, 3, hebrew=0.5)], ignore_index=True)
    signals = drift(frame, reference)
    called = signals[(signals["metric"] == "drift_significant") & (signals["value"] == 1)]
    assert called[["week", "slice"]].to_numpy().tolist() == [[WEEK, "drift=language"]]
    assert value(signals, "drift_index", "language") > 0.25
    assert value(signals, "drift_index", "language", before) < 0.05
    moved = frame["week"] == WEEK
    assert value(signals, "drift_mean", "length") == pytest.approx(frame["length"][moved].mean())
    shares = signals[(signals["metric"] == "drift_share") & (signals["week"] == WEEK)]
    assert shares.groupby("slice")["value"].sum().to_numpy() == pytest.approx(1.0, abs=1e-5)


def test_order_changes_nothing() -> None:
    """Same notes, same figures."""
    frame = notes(WEEK, 200, 4)
    reference = reference_of(notes(WEEK, 2000, 5))
    mixed = frame.sample(frac=1, random_state=1)
    pd.testing.assert_frame_equal(drift(frame, reference), drift(mixed, reference))


def test_few_notes_show_shares_and_no_drift() -> None:
    """Nine notes are no week to judge; none at all have no figure."""
    reference = reference_of(notes(WEEK, 2000, 5))
    signals = drift(notes(WEEK, 9, 6), reference)
    assert math.isnan(value(signals, "drift_significant", "language"))
    assert signals.loc[signals["metric"] == "drift_share", "value"].notna().all()
    assert drift(notes(WEEK, 0, 6), reference).empty
