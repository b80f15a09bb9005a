"""Every figure of a store at once."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import pandas as pd

from labels.frames import Calendar
from signals.audited import with_audits
from signals.costs import error_costs
from signals.quantification import HeldOut
from signals.resolution import Observation, resolution, wide_resolution
from signals.retention import retention, without_returned
from signals.risk import at_risk, local_day
from signals.risk_figures import outcome_figures, risk_figures
from signals.risk_fit import fit
from signals.risk_parts import History, history
from signals.risk_past import snapshots
from signals.satisfaction import satisfaction
from signals.shares import shares
from signals.slices import commonest, tidy, with_weeks
from signals.threads import SAME_ISSUE, TEXT, JudgedPairs, counted_contacts, threads_among
from signals.trends import trends

# What figures are made of: copies of a million texts are spared.
COUNTED = (
    "contact_id",
    "customer_id",
    "contacted_at",
    "channel",
    "queue",
    "direction",
    "product",
    "team",
    "segment",
    "nps",
    "csat",
    "survey_resolved",
)

# An export can have a product for each customer: what is rarer is counted in the wholes alone.
BROKEN_DOWN = ("product", "team", "segment")
MOST_VALUES = 100


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
    wide_window_days: int = 30,
    as_of: pd.Timestamp | None = None,
    min_slice: int = 20,
    satisfaction_loss: float = 0.15,
    net_queues: frozenset[str] = frozenset(),
    net_reasons: frozenset[str] = frozenset(),
    contact_cost: float | None = None,
    error_cost: float = 1.0,
    definition: str = "queue",
    churn_horizon_days: int = 28,
    called: int = 30,
    matter: JudgedPairs | None = None,
    held_out: Mapping[str, HeldOut] | None = None,
    audits: pd.DataFrame | None = None,
) -> Aggregates:
    """Return all figures, threads and at-risk customers, in an order that depends on nothing else.

    `predictions` are of one model and may lack contacts; `customers` may be empty. Observation
    ends at `as_of`, the newest contact when it is None; what is later does not exist yet.
    `definition` says by whose threads the customers at risk are judged; their weights are fitted to
    who left within `churn_horizon_days`, and `called` is how many of them the desk can call.
    Threads by text are made where `matter` is given, and shares are corrected where `held_out` is;
    `audits` has what people said of the weeks that were audited. What the other arguments are is
    said by `Observation` and `error_costs`.

    Raises:
        ValueError: for an `as_of` without a time zone, predictions of two models, or a wrong
            window or definition.
    """
    calendar = calendar or Calendar()
    customers = without_returned(customers)
    end = contacts["contacted_at"].max() if as_of is None else as_of
    if pd.isna(end):
        end = pd.Timestamp(0, tz="UTC")
    if end.tzinfo is None:
        raise ValueError("as_of needs a time zone")
    end = end.tz_convert("UTC")
    seen = contacts.loc[contacts["contacted_at"] <= end, list(COUNTED)].reset_index(drop=True)
    seen = with_weeks(_with_segments(seen, customers), calendar)
    for column in BROKEN_DOWN:
        seen[column] = commonest(seen[column], MOST_VALUES)
    counted = counted_contacts(seen)
    names = [*SAME_ISSUE, *([TEXT] if matter else [])]
    if definition not in names:
        raise ValueError(f"no threads by {definition!r}; there are: {names}")
    threads, wide = (
        pd.concat([threads_among(counted, days, name, matter) for name in names], ignore_index=True)
        for days in (window_days, wide_window_days)
    )
    del counted  # of a million contacts, a hundred megabytes; so are the wide threads below
    observation = Observation(
        end, window_days, min_slice, satisfaction_loss, net_queues, net_reasons, contact_cost
    )
    of_labels = shares(seen, predictions, calendar, held_out)
    if audits is not None:
        of_labels = with_audits(of_labels, seen, predictions, audits, calendar)
    figures = [
        of_labels,
        trends(of_labels, held_out),
        satisfaction(seen, predictions, calendar),
        error_costs(of_labels, error_cost),
        retention(seen, predictions, customers, end, calendar),
        resolution(seen, predictions, threads, calendar, observation),
        wide_resolution(seen, wide, calendar, replace(observation, window_days=wide_window_days)),
    ]
    del wide
    shown = threads[threads["definition"] == definition]
    past = history(seen, predictions, shown, window_days=window_days)
    risky, of_risk = _risk(past, customers, end, calendar, churn_horizon_days, called)
    return Aggregates(tidy([*figures, *of_risk]), threads, risky)


def _with_segments(contacts: pd.DataFrame, customers: pd.DataFrame) -> pd.DataFrame:
    """Return the contacts with the roster's segment where they name none of their own."""
    known = customers.set_index("customer_id")["segment"]
    own = contacts["segment"]
    return contacts.assign(segment=own.where(own.notna(), contacts["customer_id"].map(known)))


def _risk(
    past: History,
    customers: pd.DataFrame,
    end: pd.Timestamp,
    calendar: Calendar,
    horizon_days: int,
    called: int,
) -> tuple[pd.DataFrame, list[pd.DataFrame]]:
    """Return the customers at risk, and the figures of their ranking."""
    shots = snapshots(past, customers, end, calendar=calendar, horizon_days=horizon_days)
    model = fit(shots.training)
    risky = at_risk(past, customers, end, model=model.model, calendar=calendar)
    if past.notes.empty:
        return risky, []
    week = calendar.week_of_moment(past.notes["contacted_at"].iloc[-1])
    noted = past.recent(end)["customer"].nunique()
    figures = risk_figures(model, shots.later, risky, called, week, noted)
    return risky, [figures, outcome_figures(past, customers, local_day(end, calendar), week)]
