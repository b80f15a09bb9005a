"""How an audited week is compared with the weeks before it."""

import math
from datetime import date

import numpy as np
import pandas as pd
import pytest

from signals.quantification import HeldOut
from signals.shares import REASON_NAMES
from signals.trends import trends

WEEK = date(2026, 10, 4)


def weeks_of(audited: set[int]) -> pd.DataFrame:
    """Return figures of five weeks of 200: the label's share of `budget` goes from 10 to 25 %.

    Audited weeks have 30 % by the audit in the last one, 20 % in the others.
    """
    made = []
    for place in range(5):
        week = date.fromordinal(WEEK.toordinal() + 7 * place)
        for reason in REASON_NAMES:
            budget = reason == "budget"
            count = (50 if place == 4 else 20) if budget else 0
            share = (0.3 if place == 4 else 0.2) if budget else 0.0
            row = {"week": week, "slice": "all", "reason": reason, "n": 200}
            made.append({**row, "metric": "reason_count", "value": float(count)})
            if place in audited:
                ends = {"low": share - 0.05, "high": share + 0.05}
                made.append({**row, "metric": "reason_share", "value": share, **ends})
        if place in audited:
            row = {"week": week, "slice": "all", "reason": None, "n": 200}
            made.append({**row, "metric": "audited", "value": 80.0})
    return pd.DataFrame(made).assign(provisional=False)


def last(figures: pd.DataFrame, held_out: dict[str, HeldOut] | None = None) -> "pd.Series[float]":
    """Return the newest week's figures of `budget`, and the change's ends."""
    found = trends(figures, held_out)
    own = found[(found["week"] == found["week"].max()) & (found["reason"] == "budget")]
    own = own.set_index("metric")
    ends = own.loc["reason_change", ["low", "high"]]
    return pd.concat([own["value"], ends]).astype(float)


def test_an_audited_week_is_compared_by_its_audited_share() -> None:
    """With weeks that were not: 30 % against the labels' 10 %; the labels agree that it rose."""
    plain, own = last(weeks_of(set())), last(weeks_of({4}))
    assert (own["reason_before"], own["reason_change"]) == pytest.approx((0.1, 0.2))
    assert own["reason_change_p"] >= plain["reason_change_p"] - 1e-9
    assert own["reason_change_significant"] == 1
    p = 21 / 202
    error = math.sqrt((0.05 / 1.959964) ** 2 + p * (1 - p) / 200 / 4)
    assert own["high"] - own["low"] == pytest.approx(2 * 1.959964 * error, abs=1e-5)


def test_audited_weeks_alone_need_no_labels() -> None:
    """From 20 to 30 %, all by audit: the change is theirs, and so is its certainty."""
    own = last(weeks_of({0, 1, 2, 3, 4}))
    assert (own["reason_before"], own["reason_change"]) == pytest.approx((0.2, 0.1))
    error = math.sqrt((0.05 / 1.959964) ** 2 * (1 + 1 / 4))
    expected = math.erfc(0.1 / error / math.sqrt(2))
    assert own["reason_change_p"] == pytest.approx(expected, abs=1e-5)


def test_a_week_that_was_not_audited_is_compared_like_with_like() -> None:
    pd.testing.assert_series_equal(last(weeks_of({1, 2})), last(weeks_of(set())))


def test_a_difference_of_the_classifier_is_no_change() -> None:
    """The audit says 30 %, the labels fell: nothing is called significant."""
    figures = weeks_of({4})
    now = (figures["week"] == figures["week"].max()) & (figures["metric"] == "reason_count")
    figures.loc[now & (figures["reason"] == "budget"), "value"] = 4.0
    own = last(figures)
    assert own["reason_change"] > 0.15
    assert (own["reason_change_p"], own["reason_change_significant"]) == (1, 0)


def test_the_correction_before_an_audit_is_less_sure() -> None:
    """Half of a reason is found: before counts double, with the uncertainty of the rates."""
    counts = [np.full(12, value) for value in (100, 50, 400, 400)]
    own = last(weeks_of({4}), {"contact": HeldOut(*counts)})
    assert own["reason_before"] == pytest.approx(0.2)
    assert own["high"] - own["low"] > 0.15
