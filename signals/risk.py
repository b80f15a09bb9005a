"""At-risk customers: a score of stated parts, by default weights or fitted ones."""

from dataclasses import asdict, dataclass, fields

import numpy as np
import pandas as pd

from labels.frames import Calendar
from signals import risk_parts
from signals.intervals import Floats
from signals.risk_parts import STRENGTH, History
from signals.slices import PLACES, Ints

NEVER = np.iinfo(np.int64).max


@dataclass(frozen=True)
class RiskWeights:
    """What each part weighs; together 1. A judgement, where outcomes do not let them be fitted."""

    churn_intent: float = 0.35
    open_threads: float = 0.12
    ordeals: float = 0.13
    reasons: float = 0.15
    detractor: float = 0.10
    contract_end: float = 0.10
    silence: float = 0.05

    def __post_init__(self) -> None:
        weights = list(asdict(self).values())
        if min(weights) < 0 or abs(sum(weights) - 1) > 1e-9:
            raise ValueError("the weights of the risk parts must sum to 1, none below 0")


PART_NAMES = tuple(field.name for field in fields(RiskWeights))
PARTS = tuple(f"part_{name}" for name in PART_NAMES)
SIGNS = ("part_churn_intent", "part_ordeals", "part_reasons", "part_detractor")
COLUMNS = (
    "customer_id",
    "score",
    *PARTS,
    "reasons",
    "churn_intent",
    "last_contacted_at",
    "last_contact_id",
    "contacts",
    "contract_end",
    "monthly_value",
    "p_leaving",
    "p_said_leaving",
)


@dataclass(frozen=True)
class Curve:
    """The probability of leaving within the horizon, by the score (Platt 1999).

    It was learned from scores without the contract's end (`signals.risk_past` says why), so it is
    read at the score less the points of that part.
    """

    intercept: float
    slope: float

    def at(self, points: Floats) -> Floats:
        """Return the probability of each score of 0 to 100."""
        return 1 / (1 + np.exp(-(self.intercept + self.slope * points / 100)))


@dataclass(frozen=True)
class RiskModel:
    """What the list is made with: the weights, and the curve where one could be learned."""

    weights: RiskWeights = RiskWeights()
    curve: Curve | None = None


def at_risk(
    past: History,
    customers: pd.DataFrame,
    as_of: pd.Timestamp,
    *,
    model: RiskModel | None = None,
    calendar: Calendar | None = None,
) -> pd.DataFrame:
    """Return one row a customer with a sign of leaving or discontent, the most at risk first.

    Notes are a customer's inbound contacts and survey answers of the 60 days before `as_of`.
    Signs: churn intent in a note, a reason in a note, an ordeal (a thread of three or more
    contacts, the last in these days), an NPS answer of 0 to 6. Who has left by then is not listed.

    `score` is 100 times the weighted sum of the parts, each from 0 to 1: those of
    `risk_parts.parts_at`, and `part_contract_end` (ends within 60 days, the nearer the more).

    `reasons` are joined by commas, the most recent first; `churn_intent` is the strongest;
    `last_contacted_at` is the newest note's time; `last_contact_id` is the note to show as
    evidence: the newest with the strongest intent, one with a reason before one without;
    `contacts` counts the inbound contacts of the 60 days. `p_leaving` is the probability of leaving
    within the horizon, NaN without a curve; `p_said_leaving` that the customer's likeliest note
    truly speaks of leaving.
    """
    model = model or RiskModel()
    today = local_day(as_of, calendar or Calendar())
    table = present_customers(past, customers, as_of, days_left(past, customers, today), today)
    ends = customers.set_index("customer_id")["contract_end"]
    table["contract_end"] = ends.reindex(table["customer_id"]).to_numpy(dtype=object)
    table["part_contract_end"] = risk_parts.contract_end(
        table["contract_end"], pd.Timestamp(today, unit="D")
    )
    notes = past.recent(as_of)
    table = table.join(_from_notes(notes)).join(risk_parts.reasons(notes).rename("reasons"))
    ranked = in_order(table, model.weights)
    listed = ranked[ranked["listed"]].reset_index(drop=True)
    return _finished(listed, model)


def local_day(moment: pd.Timestamp, calendar: Calendar) -> int:
    """Return a moment's local day, counted from 1970."""
    local = moment.tz_convert(calendar.timezone).tz_localize(None)
    return (local.normalize() - pd.Timestamp(0)).days


def days_left(past: History, customers: pd.DataFrame, until: int) -> Ints:
    """Return the day (from 1970) on which each customer of the history left.

    NEVER for those who had not left by the day `until`: what is later is not known yet.
    """
    left = outcomes(customers, until)
    place = left.index.get_indexer(past.ids)
    return np.append(left.to_numpy(dtype=np.int64), NEVER)[place]  # -1, put last, for none


def outcomes(customers: pd.DataFrame, until: int) -> "pd.Series[int]":
    """Return the day (from 1970) on which each customer left who had left by the day `until`."""
    left = customers.set_index("customer_id")["churned_at"].dropna()
    days = np.array(left.tolist(), dtype="datetime64[D]").astype(np.int64)
    return pd.Series(days[days <= until], index=left.index[days <= until], dtype=np.int64)


def present_customers(
    past: History, customers: pd.DataFrame, as_of: pd.Timestamp, left: Ints, today: int
) -> pd.DataFrame:
    """Return the customers with a recent note who had not left, by place.

    Columns: `customer_id`, `monthly_value` and the parts; the contract's end counts 0.
    """
    parts = risk_parts.parts_at(past, as_of).assign(part_contract_end=0.0)
    parts = parts[left[parts.index.to_numpy()] > today]
    ids = past.ids[parts.index]
    value = customers.set_index("customer_id")["monthly_value"].reindex(ids)
    table: pd.DataFrame = parts[list(PARTS)]
    return table.assign(
        customer_id=ids.to_numpy(dtype=object), monthly_value=value.to_numpy(dtype=np.float64)
    )


def in_order(table: pd.DataFrame, weights: RiskWeights) -> pd.DataFrame:
    """Return the customers as the desk would call them: with `score`, and `listed` for a sign.

    The listed by score, then by monthly value, then by id; after them those who are not.
    """
    weight = np.array(list(asdict(weights).values()))
    score = (100 * (table[list(PARTS)].to_numpy(dtype=np.float64) @ weight)).round(PLACES)
    listed = (table[list(SIGNS)] > 0).any(axis=1).to_numpy() & (score > 0)
    order = ["listed", "score", "monthly_value", "customer_id"]
    scored = table.assign(score=score, listed=listed)
    return scored.sort_values(order, ascending=[False, False, False, True])


def _from_notes(notes: pd.DataFrame) -> pd.DataFrame:
    """Return what the notes alone say of each customer, by place."""
    telling = notes.sort_values(["strength", "reasoned", "detractor", "contacted_at", "contact_id"])
    by_customer = telling.groupby("customer")
    names = {strength: name for name, strength in STRENGTH.items()}
    return pd.DataFrame(
        {
            "churn_intent": by_customer["strength"].max().map(names),
            "last_contacted_at": by_customer["contacted_at"].max(),
            "last_contact_id": by_customer["contact_id"].last(),
            "contacts": by_customer["call"].sum(),
            "p_said_leaving": by_customer["said_leaving"].max(),
        }
    )


def _finished(listed: pd.DataFrame, model: RiskModel) -> pd.DataFrame:
    """Return the list in the columns' order and types."""
    contract = 100 * model.weights.contract_end * listed["part_contract_end"]
    points = (listed["score"] - contract).to_numpy(dtype=np.float64)
    listed["p_leaving"] = np.nan if model.curve is None else model.curve.at(points)
    numbers = [*PARTS, "p_leaving", "p_said_leaving"]
    listed[numbers] = listed[numbers].astype(np.float64).round(PLACES)
    listed = listed.astype({"contacts": np.int64, "customer_id": object})
    listed["contract_end"] = (
        listed["contract_end"].astype(object).where(listed["contract_end"].notna(), None)
    )
    return listed[list(COLUMNS)]
