"""Fitted weights: found again where they are known, refused where too few customers left."""

from dataclasses import asdict
from datetime import date

import numpy as np
import pandas as pd
import pytest

from signals.risk import PARTS, RiskWeights
from signals.risk_figures import risk_figures, weights_of
from signals.risk_fit import FITTED, fit
from signals.risk_past import Snapshot
from signals.slices import tidy

DAY = date(2026, 10, 25)
# Silence and long matters make these customers leave; what they say hardly matters.
TRUTH = {"part_silence": 4.0, "part_ordeals": 2.5, "part_churn_intent": 0.5, "part_detractor": 1.0}


def shot(
    seed: int, n: int = 3000, truth: dict[str, float] | None = None, base: float = -4.0
) -> Snapshot:
    """Return invented customers, who left by a logistic of known weights."""
    rng = np.random.default_rng(seed)
    values = np.where(rng.random((n, len(PARTS))) < 0.3, rng.random((n, len(PARTS))), 0.0)
    table = pd.DataFrame(values, columns=list(PARTS)).assign(part_contract_end=0.0)
    table["customer_id"] = [f"s{seed}-{k}" for k in range(n)]
    table["monthly_value"] = np.nan
    weights = TRUTH if truth is None else truth
    eta = base + sum(weight * table[name] for name, weight in weights.items())
    return Snapshot(DAY, table, rng.random(n) < 1 / (1 + np.exp(-eta.to_numpy(dtype=float))))


def figures(training: list[Snapshot], later: Snapshot) -> pd.DataFrame:
    found = fit(training)
    nobody = pd.DataFrame({"p_leaving": [], "p_said_leaving": []}, dtype=float)
    return tidy([risk_figures(found, later, nobody, 100, DAY, 10)])


def value(signals: pd.DataFrame, metric: str, cut: str) -> float:
    row = signals[(signals["metric"] == metric) & (signals["slice"] == cut)]
    assert len(row) == 1
    return float(row["value"].iloc[0])


def test_known_weights_are_found_and_sum_to_one() -> None:
    """The shares of the truth, less the contract's end, which the past cannot tell."""
    found = fit([shot(k, 8000) for k in range(3)])
    assert found.fitted
    weights = asdict(found.model.weights)
    assert sum(weights.values()) == pytest.approx(1)
    assert weights["contract_end"] == RiskWeights().contract_end
    for name in FITTED:
        share = 0.9 * TRUTH.get(name, 0.0) / sum(TRUTH.values())
        assert weights[name.removeprefix("part_")] == pytest.approx(share, abs=0.05)


def test_the_curve_says_how_many_leave() -> None:
    """On later customers, those of each fifth of the scores leave as often as it says."""
    found = fit([shot(k, 8000) for k in range(3)])
    later = shot(9, 20_000)
    assert found.model.curve is not None
    weight = np.array(list(asdict(found.model.weights).values()))
    points = 100 * later.customers[list(PARTS)].to_numpy() @ weight
    p = found.model.curve.at(points)
    for part in np.array_split(np.argsort(points), 5):
        assert p[part].mean() == pytest.approx(later.left[part].mean(), rel=0.25, abs=0.01)


def test_fitted_weights_lift_more_than_the_default_ones() -> None:
    """Where what matters is not what was thought to, the ranking by outcomes is the better."""
    for seed in range(5):
        signals = figures([shot(seed)], shot(seed + 100))
        for top in (5, 10, 20):
            fitted = value(signals, "risk_lift", f"top={top}")
            assert fitted > 1.2 * value(signals, "risk_lift_default", f"top={top}")
        precise = value(signals, "risk_precision", "first=100")
        assert precise > value(signals, "risk_precision_default", "first=100")


def test_too_few_outcomes_leave_the_default_weights() -> None:
    """Ten who churned for each of six parts; ten for the curve alone."""
    many = shot(1, 3000)
    places = np.flatnonzero(many.left)
    for kept, fitted, curved in ((60, True, True), (59, False, True), (9, False, False)):
        left = np.zeros(len(many.left), dtype=bool)
        left[places[:kept]] = True
        found = fit([Snapshot(DAY, many.customers, left)])
        assert (found.churned, found.needed) == (kept, 60)
        assert (found.fitted, found.model.curve is not None) == (fitted, curved)
        assert (found.model.weights == RiskWeights()) != fitted


def test_a_customer_who_stands_in_two_snapshots_churns_once() -> None:
    """Overlapping horizons are no more outcomes."""
    one = shot(1, 600, base=-1.0)
    assert fit([one, one]).churned == fit([one]).churned == one.left.sum()


def test_a_part_that_is_never_there_is_not_waited_for() -> None:
    """Without surveys there are five parts, and fifty are enough."""
    one = shot(1, 600)
    bare = Snapshot(DAY, one.customers.assign(part_detractor=0.0), one.left)
    found = fit([bare])
    assert found.needed == 50
    assert found.fitted
    assert found.model.weights.detractor == 0


def test_parts_that_keep_customers_leave_the_default_weights() -> None:
    """Nothing tells who leaves: there is nothing to weigh by."""
    found = fit([shot(2, truth=dict.fromkeys(FITTED, -3.0), base=-1.0)])
    assert found.churned > found.needed
    assert (found.fitted, found.model.weights) == (False, RiskWeights())


@pytest.mark.parametrize("left", [True, False])
def test_outcomes_of_one_kind_teach_nothing(left: bool) -> None:
    """Everybody left, or nobody; and no snapshot at all."""
    one = shot(1, 100)
    same = Snapshot(DAY, one.customers, np.full(100, left))
    for training in ([same], []):
        found = fit(training)
        assert not found.fitted
        assert found.model.curve is None


def test_the_weights_that_were_used_are_read_from_the_figures() -> None:
    """What the desk draws is what the list was scored with."""
    signals = figures([shot(1)], shot(2))
    assert weights_of(signals) == fit([shot(1)]).model.weights != RiskWeights()
    assert weights_of(signals.iloc[:0]) == RiskWeights()
