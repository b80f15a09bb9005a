"""One week beside another: equal to a slow twin, like with like, in either order."""

import math
import random
from datetime import date, timedelta

import pandas as pd
import pytest

from signals.comparison import against
from signals.quantification import HeldOut
from signals.shares import REASON_NAMES
from tests.signals.test_audited_changes import weeks_of

OTHER, WEEK = date(2026, 9, 6), date(2026, 11, 8)
Z = 1.959963984540054
Counts = dict[str, tuple[int, int]]


def shares_of(counts: Counts, now: int, then: int, cut: str = "all") -> pd.DataFrame:
    """Return the counts of both weeks as Signals; {reason: (of WEEK, of OTHER)}."""
    made = [
        {"week": week, "reason": reason, "value": float(pair[place]), "n": n}
        for reason, pair in counts.items()
        for place, (week, n) in enumerate([(WEEK, now), (OTHER, then)])
    ]
    return pd.DataFrame(made).assign(slice=cut, metric="reason_count")


def twin(counts: Counts, now: int, then: int) -> dict[str, tuple[float, float, float, float, bool]]:
    """Return (change, low, high, p, significant) of each reason, one obvious loop each."""
    found = {}
    for reason, (x, y) in counts.items():
        p, q = (x + 1) / (now + 2), (y + 1) / (then + 2)
        error = math.sqrt(p * (1 - p) / now + q * (1 - q) / then)
        change = x / now - y / then
        found[reason] = (change, error, math.erfc(abs(change / error) / math.sqrt(2)))
    ordered = sorted(p for _, _, p in found.values())
    line = max((p for k, p in enumerate(ordered, 1) if p <= 0.05 * k / len(ordered)), default=-1)
    return {
        reason: (change, change - Z * error, change + Z * error, p, p <= line)
        for reason, (change, error, p) in found.items()
    }


def told(figures: pd.DataFrame, reason: str) -> tuple[float, float, float, float, bool]:
    own = figures[figures["reason"] == reason].set_index("metric")
    change = own.loc["reason_change"]
    p, significant = (own.loc[f"reason_change_{name}", "value"] for name in ("p", "significant"))
    return change["value"], change["low"], change["high"], p, significant == 1.0


@pytest.mark.parametrize("seed", range(12))
def test_a_comparison_equals_its_twin(seed: int) -> None:
    """Any counts of any two weeks, few or many, the other week before or after."""
    draw = random.Random(seed)
    now, then = draw.choice([1, 7, 90, 4000]), draw.choice([2, 60, 900])
    counts = {
        reason: (draw.randint(0, now), draw.randint(0, min(then, 1 + then // 3)))
        for reason in REASON_NAMES
    }
    figures = against(shares_of(counts, now, then), WEEK, OTHER)
    for reason, expected in twin(counts, now, then).items():
        assert told(figures, reason) == pytest.approx(expected, abs=2e-6)
    turned = against(shares_of(counts, now, then), OTHER, WEEK)
    for reason in counts:
        assert told(turned, reason)[0] == pytest.approx(-told(figures, reason)[0])
        assert told(turned, reason)[3:] == told(figures, reason)[3:]


def test_a_comparison_is_of_true_shares_where_the_errors_are_known() -> None:
    """Half of a reason is missed: the true change is twice the labels', with twice its width."""
    counts = dict.fromkeys(REASON_NAMES, (30, 10))
    many = [10**9] * len(REASON_NAMES)
    held_out = HeldOut.of(
        {"positives": many, "found": [10**9 // 2] * 12, "negatives": many, "rejected": many}
    )
    plain = told(against(shares_of(counts, 100, 100), WEEK, OTHER), "staff")
    found = told(
        against(shares_of(counts, 100, 100), WEEK, OTHER, held_out={"contact": held_out}), "staff"
    )
    assert found[:3] == pytest.approx([2 * one for one in plain[:3]], abs=1e-4)
    assert found[3] == plain[3]


def test_nothing_is_compared_with_a_week_of_nothing() -> None:
    """No contacts, no comparison; comments are compared among themselves."""
    counts = dict.fromkeys(REASON_NAMES, (3, 0))
    assert against(shares_of(counts, 10, 0), WEEK, OTHER).empty
    assert against(shares_of(counts, 10, 10), WEEK, OTHER - timedelta(weeks=1)).empty
    assert against(shares_of(counts, 10, 10), WEEK, OTHER, "survey").empty
    assert len(against(shares_of(counts, 10, 10, "survey"), WEEK, OTHER, "survey"))


def test_audited_weeks_are_compared_by_their_audits() -> None:
    """From 20 to 30 % by what people said, where the labels rose from 10 to 25 %."""
    figures = weeks_of({0, 4})
    first, last = figures["week"].min(), figures["week"].max()
    change, low, high, _, _ = told(against(figures, last, first), "budget")
    assert change == pytest.approx(0.1)
    assert high - low == pytest.approx(2 * math.sqrt(2) * 0.05, abs=1e-5)
