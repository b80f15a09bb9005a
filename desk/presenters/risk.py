"""The customers at risk, each with the parts of the score and the note that shows it best."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import pandas as pd

from desk import hebrew
from desk.i18n import _
from desk.presenters.figures import Scope, local
from desk.presenters.notes import Contact, Note, evidence_spans, note_of, printable
from desk.presenters.ranking import PARTS, Ranking, ranking
from desk.presenters.reasons import reason_name
from labels.codebook import ChurnIntent
from signals.risk import RiskWeights
from signals.risk_figures import weights_of

MOST_SHOWN = 200  # rows of the page; the workbook has all


@dataclass(frozen=True, slots=True)
class RiskPart:
    """One part of a score; `points` of the parts sum to the score. `tone` numbers its colour."""

    name: str
    points: float
    tone: int


@dataclass(frozen=True, slots=True)
class RiskRow:
    """One customer at risk; `called` until the next report. `p_leaving` is NaN where unknown."""

    rank: int
    customer_id: str
    score: float
    parts: tuple[RiskPart, ...]
    reasons: tuple[str, ...]
    intent: str
    contacts: int
    contacts_text: str
    last: date
    last_text: str
    note: Note | None
    contract_end: date | None
    contract_text: str
    monthly_value: float
    value_text: str
    called: bool
    p_leaving: float

    @property
    def parts_text(self) -> str:
        """Return the parts in words, the largest first."""
        return parts_text(self.parts)


def parts_text(parts: tuple[RiskPart, ...]) -> str:
    """Return the parts of a score in words, the largest first."""
    ordered = sorted(parts, key=lambda part: (-part.points, part.tone))
    return ", ".join(f"{part.name} {hebrew.number(part.points)}" for part in ordered)


@dataclass(frozen=True, slots=True)
class Risk:
    """The list, the legend of its bars, why it is empty when it is, and how it was ranked.

    `shown` are the first of the list, as many as are called and a page holds.
    """

    rows: tuple[RiskRow, ...]
    shown: tuple[RiskRow, ...]
    ranking: Ranking
    legend: tuple[tuple[str, int], ...]
    missing: str


def risk(scope: Scope) -> Risk:
    """Return the list in the order of the frame; a brief report has none."""
    at_risk = scope.data.at_risk
    legend = tuple((_(name), tone) for tone, name in enumerate(PARTS.values(), start=1))
    missing = "" if len(at_risk) else _nothing(scope)
    if scope.data.brief:
        return Risk((), (), ranking(scope), legend, missing)
    contacts = _shown(scope, scope.data.contacts)
    made = _shown(scope, scope.data.predictions)
    weights = weights_of(scope.data.signals)
    rows = tuple(
        _row(scope, rank, row, weights, _note(scope, str(row["last_contact_id"]), contacts, made))
        for rank, (__, row) in enumerate(at_risk.iterrows(), start=1)
    )
    shown = rows[: min(scope.data.called, MOST_SHOWN)]
    return Risk(rows, shown, ranking(scope), legend, missing)


def _nothing(scope: Scope) -> str:
    if not scope.has_customers:
        return _("אין מזהי לקוח בנתונים, ולכן אי אפשר להרכיב רשימת לקוחות בסיכון.")
    return _("אין לקוחות בסיכון לפי הפניות של 60 הימים האחרונים.")


def _shown(scope: Scope, frame: pd.DataFrame) -> dict[str, Contact]:
    """Return the rows of the customers' last contacts, by contact."""
    wanted = frame["contact_id"].isin(scope.data.at_risk["last_contact_id"])
    rows = frame[wanted].drop_duplicates("contact_id").to_dict("records")
    return {str(row["contact_id"]): row for row in rows}


def _note(
    scope: Scope, contact_id: str, contacts: dict[str, Contact], made: dict[str, Contact]
) -> Note | None:
    if contact_id not in contacts:
        return None
    spans = evidence_spans(made.get(contact_id, {}).get("evidence"))
    return note_of(scope, contacts[contact_id], spans)


def _row(
    scope: Scope, rank: int, row: pd.Series, weights: RiskWeights, note: Note | None
) -> RiskRow:
    today = local(scope, scope.data.as_of).date()
    last = local(scope, row["last_contacted_at"]).date()
    end = _date(row["contract_end"])
    value = float(row["monthly_value"]) if pd.notna(row["monthly_value"]) else float("nan")
    ids = row["reasons"].split(",") if isinstance(row["reasons"], str) else []
    return RiskRow(
        rank=rank,
        customer_id=printable(str(row["customer_id"])),
        score=float(row["score"]),
        parts=score_parts(row, weights),
        reasons=tuple(reason_name(reason.strip()) for reason in ids if reason.strip()),
        intent=intent_name(str(row["churn_intent"])),
        contacts=int(row["contacts"]),
        contacts_text=hebrew.CONTACT.count(int(row["contacts"])),
        last=last,
        last_text=hebrew.ago((today - last).days),
        note=note,
        contract_end=end,
        contract_text=f"{hebrew.day(end)}, {hebrew.until((end - today).days)}" if end else "",
        monthly_value=value,
        value_text=hebrew.money(value) if pd.notna(value) else "",
        called=rank <= scope.data.called,
        p_leaving=float(row["p_leaving"]),
    )


def score_parts(row: Mapping[str, Any] | pd.Series, weights: RiskWeights) -> tuple[RiskPart, ...]:
    """Return the parts of a row's score that are above 0, in their fixed order."""
    return tuple(
        RiskPart(_(name), points, tone)
        for tone, (key, name) in enumerate(PARTS.items(), start=1)
        if (points := 100 * float(getattr(weights, key)) * float(row[f"part_{key}"])) > 0
    )


def intent_name(value: str) -> str:
    """Return what a churn intent means in words, nothing for none."""
    if value == ChurnIntent.NONE:
        return ""
    return {"signal": _("סימן לעזיבה"), "explicit": _("ביקש לעזוב")}[value]


def _date(value: object) -> date | None:
    if not isinstance(value, date) or pd.isna(value):
        return None
    return value.date() if isinstance(value, datetime) else value
