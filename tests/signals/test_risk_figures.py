"""Lift and precision: equal to counting by hand, and intervals that hold the truth."""

from datetime import date
from math import ceil, comb, isnan

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from signals.aggregate import aggregate
from signals.intervals import expected_share, lift
from signals.risk import RiskWeights, in_order
from signals.risk_figures import risk_figures, weights_of
from signals.risk_fit import fit
from signals.risk_past import Snapshot
from signals.slices import tidy
from tests.signals import builders
from tests.signals.test_risk_fit import DAY, shot

NOBODY = pd.DataFrame({"p_leaving": [], "p_said_leaving": []}, dtype=float)


def figures(signals: pd.DataFrame) -> dict[tuple[str, str], tuple[float, float, float, int]]:
    rows = signals[signals["metric"].str.startswith(("risk_", "outcomes_"))]
    return {
        (row.metric, row.slice): (row.value, row.low, row.high, row.n)
        for row in rows.itertuples(index=False)
    }


@builders.MANY
@given(seed=st.integers(0, 99), n=st.integers(1, 90), first=st.sampled_from([1, 7, 200]))
def test_lift_and_precision_equal_counting(seed: int, n: int, first: int) -> None:
    """Sort, count the top, divide."""
    later = shot(seed, n, base=-1.0)
    found = figures(tidy([risk_figures(fit([]), later, NOBODY, first, DAY, 5)]))
    ranked = in_order(later.customers.assign(left=later.left), RiskWeights())
    rows = ranked.to_dict("records")
    churned = sum(row["left"] for row in rows)
    assert found["risk_base_rate", "all"][0] == pytest.approx(churned / n, abs=1e-6)
    told = 10 <= churned < n
    for percent in (5, 10, 20):
        top = rows[: ceil(n * percent / 100)]
        value, low, high, count = found["risk_lift", f"top={percent}"]
        assert count == len(top)
        assert isnan(value) == isnan(low) == (not told or len(top) == n)
        if not isnan(value):
            by_hand = (sum(row["left"] for row in top) / len(top)) / (churned / n)
            assert value == pytest.approx(by_hand, abs=1e-5)
            assert low <= value <= high
    listed = [row for row in rows if row["listed"]][:first]
    value, _, _, count = found["risk_precision", f"first={first}"]
    assert count == len(listed)
    if told and listed:
        by_hand = sum(row["left"] for row in listed) / len(listed)
        assert value == pytest.approx(by_hand, abs=1e-6)


@pytest.mark.parametrize(
    ("n", "percent", "top_rate", "rest_rate"),
    [(400, 5, 0.4, 0.05), (400, 20, 0.15, 0.05), (2000, 10, 0.3, 0.02), (300, 10, 0.1, 0.1)],
)
def test_the_interval_of_lift_holds_the_truth(
    n: int, percent: int, top_rate: float, rest_rate: float
) -> None:
    """Of 4,000 periods with a known lift, about 95 % of the intervals hold it."""
    rng = np.random.default_rng(1)
    top, share = n * percent // 100, percent / 100
    truth = top_rate / (share * top_rate + (1 - share) * rest_rate)
    drawn = zip(
        rng.binomial(top, top_rate, 4000), rng.binomial(n - top, rest_rate, 4000), strict=True
    )
    ends = [lift(int(a), top, int(a + b), n)[1:] for a, b in drawn if a + b >= 10]
    held = np.mean([low <= truth <= high for low, high in ends])
    assert 0.93 <= held <= 0.985


def test_the_extremes_of_lift() -> None:
    """All who left stood on top, or none did: one end is the edge of what can be."""
    value, low, high = lift(20, 20, 20, 400)
    assert (value, high) == (pytest.approx(20), pytest.approx(20))
    assert low < 20
    value, low, high = lift(0, 20, 20, 400)
    assert (value, low) == (0, 0)
    assert 5 < high < 6  # with a half added to each count: no proof of harmlessness


def test_the_expected_share_is_poisson_binomial() -> None:
    """With one probability for all it is the binomial; certain ones leave no doubt."""
    mean, low, high = expected_share(np.full(40, 0.2))
    below = np.cumsum([comb(40, k) * 0.2**k * 0.8 ** (40 - k) for k in range(41)])
    assert mean == pytest.approx(0.2)
    assert (low, high) == (np.argmax(below >= 0.025) / 40, np.argmax(below >= 0.975) / 40)
    assert expected_share(np.array([1.0, 0.0, 1.0, 0.0])) == (0.5, 0.5, 0.5)
    assert all(isnan(end) for end in expected_share(np.array([])))
    assert all(isnan(end) for end in expected_share(np.array([0.5, np.nan])))


def test_the_expected_share_holds_what_happens() -> None:
    """Of customers with different probabilities, the drawn share lies within by 95 %."""
    rng = np.random.default_rng(2)
    p = rng.beta(1, 4, 30)
    _, low, high = expected_share(p)
    shares = (rng.random((4000, 30)) < p).mean(axis=1)
    assert 0.94 <= np.mean((shares >= low) & (shares <= high)) <= 0.995


def lived(weeks: int = 20, customers: int = 300) -> tuple[pd.DataFrame, ...]:
    """Return a desk whose detractors leave within a month, one in three, and others seldom."""
    rng = np.random.default_rng(4)
    begin = pd.Timestamp("2026-06-07 08:00", tz="UTC")
    rows, labels, left = [], {}, {}
    for week in range(weeks):
        for name in rng.choice(customers * 3, customers // 3, replace=False):
            if f"c{name}" in left:
                continue
            at = begin + pd.Timedelta(days=7 * week, minutes=len(rows))
            nps = float(rng.integers(0, 11))
            labels[f"k{len(rows):03}"] = {
                "reasons": ["failure"] if rng.random() < 0.5 else [],
                "churn": "explicit" if rng.random() < 0.2 else "none",
                "p_explicit": 0.5,
            }
            rows.append({"contacted_at": at, "customer_id": f"c{name}", "nps": nps})
            if rng.random() < (0.35 if nps <= 6 else 0.02):
                left[f"c{name}"] = (at + pd.Timedelta(days=int(rng.integers(1, 28)))).date()
    roster = [{"customer_id": name, "churned_at": day} for name, day in sorted(left.items())]
    roster += [{"customer_id": f"x{k}", "churned_at": date(2026, 9, 1)} for k in range(3)]
    contacts = builders.contact_frame(rows)
    return contacts, builders.prediction_frame(labels), builders.customer_frame(roster)


def test_from_contacts_and_outcomes_to_lift() -> None:
    """All of it: what makes customers leave weighs most, ranks well, and the list is scored so."""
    contacts, predictions, customers = lived()
    made = aggregate(contacts, predictions, customers, called=20)
    found = figures(made.signals)
    weights = weights_of(made.signals)
    assert found["risk_weights_fitted", "all"][0] == 1
    assert weights.detractor > 3 * weights.churn_intent  # the default ones say the opposite
    assert found["risk_lift", "top=20"][0] > 1.3
    assert found["risk_lift", "top=20"][0] >= found["risk_lift_default", "top=20"][0]
    assert found["outcomes_unknown", "all"][0] == 3
    today = contacts["contacted_at"].max().date()
    known = customers[[day is not None and day <= today for day in customers["churned_at"]]]
    assert found["outcomes_known", "all"][0] == len(known) < customers["churned_at"].notna().sum()
    assert not set(made.at_risk["customer_id"]) & set(known["customer_id"])
    called = made.at_risk.iloc[:20]
    assert found["risk_leaving", "first=20"][0] == pytest.approx(
        called["p_leaving"].mean(), abs=1e-5
    )
    assert found["risk_said_leaving", "first=20"][0] == pytest.approx(0.5)
    parts = [100 * weight * made.at_risk[f"part_{name}"] for name, weight in vars(weights).items()]
    assert sum(parts).tolist() == pytest.approx(made.at_risk["score"].tolist(), abs=1e-3)


def test_without_outcomes_nothing_is_called_a_probability_of_leaving() -> None:
    """The default weights, no lift, no curve; what the notes say is all there is."""
    contacts, predictions, customers = lived(weeks=6)
    found = figures(aggregate(contacts, predictions, customers.assign(churned_at=None)).signals)
    assert found["risk_weights_fitted", "all"][::3] == (0, 0)
    assert isnan(found["risk_leaving", "first=30"][0])
    assert found["risk_said_leaving", "first=30"][0] == pytest.approx(0.5)
    assert not [
        name for name in found if name[0].startswith(("risk_lift", "risk_base", "outcomes"))
    ]


def test_outcomes_of_strangers_alone_change_nothing() -> None:
    """A file of other customers: counted, and the default weights stand."""
    contacts, predictions, customers = lived(weeks=6)
    strangers = customers.assign(customer_id="z" + customers["customer_id"])
    found = figures(aggregate(contacts, predictions, strangers).signals)
    assert found["outcomes_unknown", "all"][0] == found["outcomes_known", "all"][0] > 10
    assert found["risk_weights_fitted", "all"][0] == 0
    assert ("risk_base_rate", "all") not in found


def test_a_snapshot_of_nobody_has_no_figure() -> None:
    """A later period without a customer is no period."""
    empty = Snapshot(DAY, shot(1, 5).customers.iloc[:0], np.zeros(0, dtype=bool))
    assert tidy([risk_figures(fit([empty]), empty, NOBODY, 30, DAY, 0)]).empty
