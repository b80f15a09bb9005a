"""The slow, obvious twin of the at-risk list."""

from itertools import pairwise

import pandas as pd

from labels.codebook import REASONS
from tests.signals.twins import DAY, ISRAEL, Row, rows, threads


def at_risk(
    contacts: pd.DataFrame,
    predictions: pd.DataFrame,
    customers: pd.DataFrame,
    as_of: pd.Timestamp,
    window_days: int,
    definition: str,
) -> dict[str, Row]:
    """Return the listed customers with their parts, reasons, intent and evidence."""
    label = {r["contact_id"]: r for r in rows(predictions)}
    roster = {r["customer_id"]: r for r in rows(customers)}
    made = threads(contacts, window_days, definition)
    out: dict[str, Row] = {}
    for customer in {c["customer_id"] for c in rows(contacts)} - {None}:
        every = sorted(
            (c for c in rows(contacts) if c["customer_id"] == customer),
            key=lambda c: (c["contacted_at"], c["contact_id"]),
        )
        notes = [
            c
            for c in every
            if (c["channel"] == "survey" or c["direction"] == "in")
            and as_of - c["contacted_at"] < 60 * DAY
        ]
        if notes:
            own = [t for t in made if t[0]["customer_id"] == customer]
            row = _risk_of(notes, own, label, roster.get(customer, {}), as_of, window_days)
            left = roster.get(customer, {}).get("churned_at")
            gone = left is not None and left <= as_of.astimezone(ISRAEL).date()
            row["part_silence"] = _silence([c for c in every if c in inbound_of(every)], as_of)
            if row.pop("listed") and not gone:
                out[customer] = row
    return out


def inbound_of(contacts: list[Row]) -> list[Row]:
    return [c for c in contacts if c["direction"] == "in" and c["channel"] != "survey"]


def _silence(calls: list[Row], as_of: pd.Timestamp) -> float:
    times = [c["contacted_at"] for c in calls]
    if len(times) < 4:
        return 0.0
    gap = pd.Series([b - a for a, b in pairwise(times)]).median()
    return float(as_of - times[-1] > 3 * max(gap, DAY))


def _risk_of(
    notes: list[Row],
    own: list[list[Row]],
    label: dict[str, Row],
    roster: Row,
    as_of: pd.Timestamp,
    window_days: int,
) -> Row:
    def strength(c: Row) -> float:
        intent = label.get(c["contact_id"], {}).get("churn_intent", "none")
        return {"none": 0.0, "signal": 0.5, "explicit": 1.0}[intent]

    def reasons(c: Row) -> list[str]:
        return [str(r) for r in REASONS if label.get(c["contact_id"], {}).get(str(r))]

    def resolved(c: Row) -> bool:
        return label.get(c["contact_id"], {}).get("resolution") == "resolved"

    def said(c: Row) -> float:
        own = label.get(c["contact_id"], {})
        return min(own.get("p_churn_signal", 0.0) + own.get("p_churn_explicit", 0.0), 1.0)

    def detractor(c: Row) -> bool:
        return c["nps"] is not None and c["nps"] <= 6

    days = [(as_of - c["contacted_at"]) / DAY for c in notes]
    latest: dict[str, pd.Timestamp] = {r: c["contacted_at"] for c in notes for r in reasons(c)}
    order = [str(r) for r in REASONS]
    open_ = [
        t for t in own if as_of - t[-1]["contacted_at"] <= window_days * DAY and not resolved(t[-1])
    ]
    long = [t for t in own if len(t) >= 3 and as_of - t[-1]["contacted_at"] < 60 * DAY]
    end, contract = roster.get("contract_end"), 0.0
    if end is not None:
        left = (end - as_of.astimezone(ISRAEL).date()).days
        contract = 1 - left / 60 if 0 <= left <= 60 else 0.0
    best = max(strength(c) for c in notes)
    telling = max(
        notes,
        key=lambda c: (
            strength(c),
            bool(reasons(c)),
            detractor(c),
            c["contacted_at"],
            c["contact_id"],
        ),
    )
    row: Row = {
        "part_churn_intent": max(
            strength(c) * 0.5 ** (age / 14) for c, age in zip(notes, days, strict=True)
        ),
        "part_open_threads": min(sum(map(len, open_)) / 4, 1.0),
        "part_ordeals": min(len(long) / 2, 1.0),
        "part_reasons": min(len(latest) / 3, 1.0),
        "part_detractor": float(any(map(detractor, notes))),
        "part_contract_end": contract,
        "reasons": ",".join(sorted(latest, key=lambda r: (-latest[r].value, order.index(r)))),
        "churn_intent": {0.0: "none", 0.5: "signal", 1.0: "explicit"}[best],
        "last_contact_id": telling["contact_id"],
        "last_contacted_at": max(c["contacted_at"] for c in notes),
        "contacts": len(inbound_of(notes)),
        "p_said_leaving": max(said(c) for c in notes),
    }
    row["listed"] = bool(best or long or latest or row["part_detractor"])
    return row
