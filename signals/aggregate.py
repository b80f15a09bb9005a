"""Every figure of a store at once."""

from dataclasses import dataclass

import pandas as pd

from labels.frames import Calendar
from signals.resolution import Observation, resolution
from signals.risk import RiskWeights, at_risk
from signals.satisfaction import satisfaction
from signals.shares import shares
from signals.slices import tidy
from signals.threads import SAME_ISSUE, threads
from signals.trends import trends


@dataclass(frozen=True)
class Aggregates:
    """What `aggregate` returns: Signals, Threads of every definition, and `at_risk`'s frame."""

    signals: pd.DataFrame
    threads: pd.DataFrame
    at_risk: pd.DataFrame


def aggregate(
    contacts: pd.DataFrame,
    predictions: pd.DataFrame,
    customers: pd.DataFrame,
    *,
    calendar: Calendar | None = None,
    window_days: int = 7,
    as_of: pd.Timestamp | None = None,
    min_slice: int = 20,
    satisfaction_loss: float = 0.15,
    definition: str = "queue",
    weights: RiskWeights | None = None,
) -> Aggregates:
    """Return all figures, threads and at-risk customers, in an order that depends on nothing else.

    `predictions` are of one model and may lack contacts; `customers` may be empty. Observation
    ends at `as_of`, the newest contact when it is None; what is later does not exist yet.
    `definition` says by whose threads the customers at risk are judged.

    Raises:
        ValueError: for an `as_of` without a time zone, predictions of two models, or a wrong
            window or definition.
    """
    calendar = calendar or Calendar()
    end = contacts["contacted_at"].max() if as_of is None else as_of
    if pd.isna(end):
        end = pd.Timestamp(0, tz="UTC")
    if end.tzinfo is None:
        raise ValueError("as_of needs a time zone")
    end = end.tz_convert("UTC")
    seen = contacts[contacts["contacted_at"] <= end].reset_index(drop=True)
    found = {name: threads(seen, window_days, name) for name in SAME_ISSUE}
    every_thread = pd.concat([*found.values()], ignore_index=True)
    observation = Observation(end, window_days, min_slice, satisfaction_loss)
    of_labels = shares(seen, predictions, calendar)
    signals = tidy(
        [
            of_labels,
            trends(of_labels),
            satisfaction(seen, predictions, calendar),
            resolution(seen, predictions, every_thread, calendar, observation),
        ]
    )
    risky = at_risk(
        seen,
        predictions,
        found[definition],
        customers,
        end,
        window_days=window_days,
        weights=weights,
        calendar=calendar,
    )
    return Aggregates(signals, every_thread, risky)
