"""What the at-risk list was made with and how well it ranked, as Signals."""

from collections.abc import Iterator
from datetime import date
from math import ceil

import numpy as np
import pandas as pd

from signals.intervals import expected_share, lift, wilson
from signals.risk import PART_NAMES, RiskWeights, in_order, outcomes
from signals.risk_fit import CHURNED_PER_WEIGHT, Fit
from signals.risk_parts import History
from signals.risk_past import Snapshot

TOPS = (5, 10, 20)  # percent of the customers
Figure = dict[str, object]


def risk_figures(
    found: Fit, later: Snapshot | None, listed: pd.DataFrame, first: int, week: date, customers: int
) -> pd.DataFrame:
    """Return the figures of a list and of the ranking behind it as rows of Signals.

    In `week`: `risk_weight` of each part (slice `part=…`; `n` the customers with recent notes),
    `risk_weights_fitted` (1, or 0 for the default ones; `n` the customers who churned before the
    later period), `risk_churned_needed` (how many fitting asks for), and of the first so many of
    the list (slice `first=…`) `risk_leaving`, the expected share that leaves within the horizon,
    NaN where no probability could be learned, and `risk_said_leaving`, the expected share whose
    notes truly speak of leaving; both with the range that holds the share by 95 %.

    In the week in which the later period begins: `risk_base_rate` (of its customers, who left), and
    of the ranking as it would have stood then `risk_lift` (slices `top=5`, `top=10`, `top=20`, in
    percent) and `risk_precision` (slice `first=…`), which are NaN where fewer than ten customers
    left. Where the weights were fitted, `risk_lift_default` and `risk_precision_default` are those
    of the default weights.

    Args:
        found: what `risk_fit.fit` returned.
        later: the later period, None where no horizon has been observed.
        listed: what `at_risk` returned.
        first: how many of the list are called.
        week: the newest week.
        customers: how many have a recent note; without any there is no figure.
    """
    rows: list[Figure] = []
    if customers:
        rows += _of_list(found, listed, first, customers)
    frame = pd.DataFrame([{"week": week, **row} for row in rows])
    if later is None or not len(later.left):
        return frame
    judged = [_row("risk_base_rate", "all", *_rate(later.left))]
    judged += _of_ranking(later, found.model.weights, first, "")
    if found.fitted:
        judged += _of_ranking(later, RiskWeights(), first, "_default")
    past = pd.DataFrame([{"week": later.day, **row} for row in judged])
    return pd.concat([frame, past], ignore_index=True)


def outcome_figures(past: History, customers: pd.DataFrame, today: int, week: date) -> pd.DataFrame:
    """Return `outcomes_known` and, of these, `outcomes_unknown`: customers without any note.

    No rows without outcomes.
    """
    left = outcomes(customers, today)
    if left.empty:
        return pd.DataFrame()
    unknown = int((~left.index.isin(past.ids)).sum())
    rows = [
        _row("outcomes_known", "all", len(left), np.nan, np.nan, len(left)),
        _row("outcomes_unknown", "all", unknown, np.nan, np.nan, len(left)),
    ]
    return pd.DataFrame([{"week": week, **row} for row in rows])


def weights_of(signals: pd.DataFrame) -> RiskWeights:
    """Return the weights that the list was made with; the default ones where no figure says."""
    rows = signals[signals["metric"] == "risk_weight"]
    named = dict(zip(rows["slice"].str.removeprefix("part="), rows["value"], strict=True))
    return RiskWeights(**named) if named else RiskWeights()


def _row(metric: str, cut: str, value: float, low: float, high: float, n: int) -> Figure:
    return {
        "slice": cut,
        "metric": metric,
        "reason": None,
        "value": value,
        "low": low,
        "high": high,
        "n": n,
        "provisional": False,
    }


def _of_list(found: Fit, listed: pd.DataFrame, first: int, customers: int) -> Iterator[Figure]:
    for name in PART_NAMES:
        weight = getattr(found.model.weights, name)
        yield _row("risk_weight", f"part={name}", weight, np.nan, np.nan, customers)
    fitted = float(found.fitted)
    yield _row("risk_weights_fitted", "all", fitted, np.nan, np.nan, found.churned)
    yield _row("risk_churned_needed", "all", found.needed, np.nan, np.nan, customers)
    called = listed.iloc[:first]
    for metric, column in (("risk_leaving", "p_leaving"), ("risk_said_leaving", "p_said_leaving")):
        share = expected_share(called[column].to_numpy(dtype=np.float64))
        yield _row(metric, f"first={first}", *share, len(called))


def _of_ranking(later: Snapshot, weights: RiskWeights, first: int, suffix: str) -> Iterator[Figure]:
    ranked = in_order(later.customers.assign(left=later.left), weights)
    left, churned = ranked["left"].to_numpy(dtype=bool), int(later.left.sum())
    told = CHURNED_PER_WEIGHT <= churned < len(left)
    for percent in TOPS:
        top = ceil(len(left) * percent / 100)
        known = told and top < len(left)
        ends = lift(int(left[:top].sum()), top, churned, len(left)) if known else (np.nan,) * 3
        yield _row(f"risk_lift{suffix}", f"top={percent}", *ends, top)
    called = left[ranked["listed"].to_numpy()][:first]
    value, low, high, n = _rate(called)
    ends = (value, low, high) if told else (np.nan,) * 3
    yield _row(f"risk_precision{suffix}", f"first={first}", *ends, n)


def _rate(left: np.ndarray) -> tuple[float, float, float, int]:
    n = len(left)
    share = left.mean() if n else np.nan
    low, high = wilson(share, n)
    return float(share), float(low), float(high), n
