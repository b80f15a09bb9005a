"""Shares, their changes and satisfaction: equal to twins and to known statistics."""

from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest, false_discovery_control

from labels.codebook import REASONS
from labels.frames import Calendar, Signals
from signals.intervals import wilson
from signals.satisfaction import net_promoters, satisfaction
from signals.shares import REASON_NAMES, shares
from signals.trends import discoveries, trends
from tests.signals import builders, twins

SUNDAY = date(2026, 9, 6)


@builders.FEW
@given(drawn=builders.labelled_frames())
def test_shares_equal_their_twin(drawn: tuple[pd.DataFrame, pd.DataFrame]) -> None:
    """Every label in every slice is what a loop over contacts counts."""
    signals = Signals.validate(shares(*drawn, Calendar()))
    twins.assert_figures(signals, twins.shares(*drawn))


def test_weeks_begin_on_sunday_at_midnight_local_time() -> None:
    """The last second of Saturday in Israel is another week than the next one."""
    rows = [
        {"contacted_at": "2026-10-24 20:59:59"},
        {"contacted_at": "2026-10-24 21:00:00"},
        {"contacted_at": "2026-10-31 21:59:59"},  # winter time since the 25th
        {"contacted_at": "2026-10-31 22:00:00"},
    ]
    found = shares(builders.contact_frame(rows), builders.prediction_frame({}), Calendar())
    counts = found[(found["metric"] == "contacts") & (found["slice"] == "all")]
    weeks = [date(2026, 10, 18), date(2026, 10, 25), date(2026, 11, 1)]
    assert dict(zip(counts["week"], counts["value"], strict=True)) == dict(
        zip(weeks, [1, 2, 1], strict=True)
    )


def test_two_models_are_not_mixed() -> None:
    """Predictions of two models would count a contact twice."""
    label = builders.prediction_frame({"k000": {"reasons": ["budget"]}})
    contacts = builders.contact_frame([{"contacted_at": "2026-10-01 09:00"}])
    with pytest.raises(ValueError, match="one model"):
        shares(contacts, pd.concat([label, label]), Calendar())


@builders.MANY
@given(n=st.integers(1, 500), part=st.floats(0, 1))
def test_wilson_is_scipys(n: int, part: float) -> None:
    """The interval of a share, also at none and all."""
    k = round(part * n)
    expected = binomtest(k, n).proportion_ci(0.95, method="wilson")
    low, high = wilson(k / n, n)
    assert (float(low), float(high)) == pytest.approx((expected.low, expected.high), abs=1e-12)


@builders.MANY
@given(st.lists(st.one_of(st.floats(0, 1), st.floats(0, 0.01)), min_size=1, max_size=12))
def test_discoveries_are_scipys(p: list[float]) -> None:
    """Benjamini-Hochberg at 5 %."""
    expected = false_discovery_control(p) <= 0.05
    near = np.isclose(false_discovery_control(p), 0.05, rtol=1e-12)
    assert (discoveries(np.array(p)) == expected)[~near].all()


def counted(n: list[int], counts: list[int], weeks: list[int]) -> pd.DataFrame:
    """Return the figures of one reason in some weeks after SUNDAY, the other reasons at 0."""
    rows = [
        {
            "week": SUNDAY + timedelta(weeks=w),
            "slice": "all",
            "metric": "reason_count",
            "reason": reason,
            "value": float(x if reason == "neglect" else 0),
            "n": size,
        }
        for w, size, x in zip(weeks, n, counts, strict=True)
        for reason in REASON_NAMES
    ]
    return pd.DataFrame(rows)


@builders.FEW
@given(
    st.lists(st.tuples(st.integers(0, 60), st.floats(0, 1)), min_size=1, max_size=7),
    st.sets(st.integers(0, 8), min_size=7, max_size=7),
)
def test_changes_equal_their_twin(drawn: list[tuple[int, float]], weeks: set[int]) -> None:
    """Weeks without contacts and missing weeks are not compared; the p-value fits the interval."""
    n = [size for size, _ in drawn]
    x = [round(size * part) for size, part in drawn]
    places = sorted(weeks)[: len(n)]
    history = {SUNDAY + timedelta(weeks=w): (a, b) for w, a, b in zip(places, x, n, strict=True)}
    found = trends(counted(n, x, places)).query("reason == 'neglect'").set_index(["week", "metric"])
    for week in history:
        expected = twins.change(history, week)
        change, p = found.loc[(week, "reason_change")], found.loc[(week, "reason_change_p")]
        if expected is None:
            assert np.isnan(change["value"])
            assert np.isnan(p["value"])
            continue
        assert (change["value"], p["value"]) == pytest.approx(expected, abs=2e-6)
        if abs(p["value"] - 0.05) > 1e-4:
            assert (change["low"] > 0 or change["high"] < 0) == (p["value"] < 0.05)


def test_a_jump_is_significant_and_noise_is_not() -> None:
    """From 5 % to 25 % of 100 stands after twelve comparisons; from 5 % to 9 % does not."""
    for now, verdict in ((25, 1.0), (9, 0.0)):
        found = trends(counted([100] * 5, [5, 5, 5, 5, now], list(range(5))))
        last = found[found["week"] == SUNDAY + timedelta(weeks=4)]
        flag = last[last["metric"] == "reason_change_significant"].set_index("reason")["value"]
        assert flag["neglect"] == verdict
        assert (flag.drop("neglect") == 0).all()
        assert last.set_index("metric").loc["weeks_before", "value"] == 4


@builders.FEW
@given(drawn=builders.labelled_frames())
def test_satisfaction_equals_its_twin(drawn: tuple[pd.DataFrame, pd.DataFrame]) -> None:
    """NPS and CSAT of all answers, of surveys, and of the comments that carry a reason."""
    contacts, predictions = drawn
    label = {r["contact_id"]: r for r in twins.rows(predictions)}
    found = satisfaction(contacts, predictions, Calendar())
    for figure in found.itertuples():
        metric, weeks = figure.metric.removesuffix("_4w"), 4 if "_4w" in figure.metric else 1
        begin = figure.week - timedelta(weeks=weeks - 1)
        own = [
            c
            for c in twins.rows(contacts)
            if begin <= twins.week(c["contacted_at"]) <= figure.week
            and (figure.slice == "all" or c["channel"] == "survey")
            and (figure.reason is None or label.get(c["contact_id"], {}).get(figure.reason))
        ]
        asked = "survey_resolved" if metric == "survey_resolution" else metric
        answers = [c[asked] for c in own if c[asked] is not None]
        happy = sum(a is True or (a is not False and a >= 4) for a in answers)
        share = happy / len(answers) if answers else None
        expected = twins.nps(answers) if metric == "nps" else share
        assert figure.n == len(answers)
        assert figure.value == pytest.approx(
            float("nan") if expected is None else expected, abs=2e-6, nan_ok=True
        )
        if answers:
            assert figure.low - 1e-6 <= figure.value <= figure.high + 1e-6
            assert figure.low < figure.high


def test_a_passive_answer_is_neither_for_nor_against() -> None:
    """9 and 10 promote, 0 to 6 detract, 7 and 8 only count."""
    rows = [
        {"contacted_at": "2026-10-01 09:00", "channel": "survey", "nps": float(answer)}
        for answer in (0, 6, 7, 8, 9, 10, 10)
    ]
    found = satisfaction(builders.contact_frame(rows), builders.prediction_frame({}), Calendar())
    scores = found.query("metric == 'nps' and slice == 'all'")["value"]
    assert scores.tolist() == [pytest.approx(100 / 7, abs=1e-5)]


def test_nps_interval_holds_the_truth_as_often_as_it_says() -> None:
    """Of 2,000 samples of 60 answers about 95 % hold the true score, also a far from even one."""
    for parts, truth in (([0.5, 0.2, 0.3], 20), ([0.7, 0.2, 0.1], 60)):
        draws = np.random.default_rng(7).multinomial(60, parts, size=2000)
        _, low, high = net_promoters(draws[:, 0], draws[:, 2], np.full(2000, 60))
        assert 0.93 < np.mean((low <= truth) & (high >= truth)) < 0.975


def test_every_reason_is_counted() -> None:
    """No reason of the codebook is missing from the figures."""
    contacts = builders.contact_frame([{"contacted_at": "2026-10-01 09:00"}])
    label = builders.prediction_frame({"k000": {"reasons": [str(r) for r in REASONS]}})
    found = shares(contacts, label, Calendar()).query("metric == 'reason_share'")
    assert set(found["reason"]) == {str(r) for r in REASONS}
    assert (found["value"] == 1).all()
