"""At-risk customers, first form: a score of stated parts with default weights, not fitted."""

from dataclasses import asdict, dataclass, fields

import numpy as np
import pandas as pd

from labels.frames import Calendar
from signals import risk_parts
from signals.risk_parts import STRENGTH
from signals.slices import PLACES


@dataclass(frozen=True)
class RiskWeights:
    """What each part weighs; together 1. A judgement, until outcomes let them be fitted."""

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


PARTS = tuple(f"part_{field.name}" for field in fields(RiskWeights))
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
)


def at_risk(
    contacts: pd.DataFrame,
    predictions: pd.DataFrame,
    threads: pd.DataFrame,
    customers: pd.DataFrame,
    as_of: pd.Timestamp,
    *,
    window_days: int = 7,
    weights: RiskWeights | None = None,
    calendar: Calendar | None = None,
) -> pd.DataFrame:
    """Return one row a customer with a sign of leaving or discontent, the most at risk first.

    Notes are a customer's inbound contacts and survey answers of the 60 days before `as_of`.
    Signs: churn intent in a note, a reason in a note, an ordeal (a thread of three or more
    contacts, the last in these days), an NPS answer of 0 to 6. `threads` is of one definition.

    Parts, each from 0 to 1: `part_churn_intent` (explicit 1, signal 0.5, halved every 14 days;
    the greatest), `part_open_threads` (contacts in threads whose last contact is at most
    `window_days` ago and not resolved by its note; 4 are 1), `part_ordeals` (2 are 1),
    `part_reasons` (different ones; 3 are 1), `part_detractor`, `part_contract_end` (ends within
    60 days, the nearer the more) and `part_silence`. `score` is 100 times their weighted sum.

    `reasons` are joined by commas, the most recent first; `churn_intent` is the strongest;
    `last_contacted_at` is the newest note's time; `last_contact_id` is the note to show as
    evidence: the newest with the strongest intent, one with a reason before one without;
    `contacts` counts the inbound contacts of the 60 days.

    Raises:
        ValueError: when `threads` holds more than one definition.
    """
    if len(threads["definition"].unique()) > 1:
        raise ValueError("give the threads of one definition")
    notes = risk_parts.recent_notes(contacts, predictions, as_of)
    ends = risk_parts.thread_ends(contacts, predictions, threads, as_of)
    table = _from_notes(notes).join(risk_parts.reasons(notes))
    table = table.join(customers.set_index("customer_id")[["contract_end", "monthly_value"]])
    today = as_of.tz_convert((calendar or Calendar()).timezone).tz_localize(None).normalize()
    parts = {
        "churn_intent": risk_parts.churn_intent(notes),
        "open_threads": risk_parts.open_threads(ends, as_of, window_days),
        "ordeals": risk_parts.ordeals(ends, as_of),
        "contract_end": risk_parts.contract_end(table["contract_end"], today),
        "silence": risk_parts.silence(contacts, as_of),
    }
    for name, part in parts.items():
        table[f"part_{name}"] = part.reindex(table.index).fillna(0.0)
    return _ranked(table, weights or RiskWeights())


def _from_notes(notes: pd.DataFrame) -> pd.DataFrame:
    """Return what the notes alone say of each customer, by customer_id."""
    telling = notes.sort_values(["strength", "reasoned", "detractor", "contacted_at", "contact_id"])
    by_customer = telling.groupby("customer_id")
    names = {strength: name for name, strength in STRENGTH.items()}
    return pd.DataFrame(
        {
            "churn_intent": by_customer["strength"].max().map(names),
            "last_contacted_at": by_customer["contacted_at"].max(),
            "last_contact_id": by_customer["contact_id"].last(),
            "contacts": by_customer["call"].sum(),
            "part_detractor": by_customer["detractor"].max(),
        }
    )


def _ranked(table: pd.DataFrame, weights: RiskWeights) -> pd.DataFrame:
    """Return the customers with a sign, scored and in order, in the columns' order and types."""
    weight = np.array(list(asdict(weights).values()))
    score = 100 * (table[list(PARTS)].to_numpy(dtype=np.float64) @ weight)
    signs = ["part_churn_intent", "part_ordeals", "part_reasons", "part_detractor"]
    table = table.assign(score=score.round(PLACES)).rename_axis("customer_id").reset_index()
    table = table[(table[signs] > 0).any(axis=1) & (table["score"] > 0)]
    table = table.astype({"contacts": np.int64, "monthly_value": np.float64, "customer_id": object})
    table[list(PARTS)] = table[list(PARTS)].astype(np.float64).round(PLACES)
    table["contract_end"] = (
        table["contract_end"].astype(object).where(table["contract_end"].notna(), None)
    )
    order = ["score", "monthly_value", "customer_id"]
    ranked = table.sort_values(order, ascending=[False, False, True], ignore_index=True)
    return ranked[list(COLUMNS)]
