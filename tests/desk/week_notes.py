"""The invented week's notes: contacts, what is predicted of them, and their threads."""

import json
import math
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pandas as pd

from labels.codebook import REASONS
from labels.frames import Contacts, Threads, prediction_columns

# A line: customer|day of the week|hour|channel|queue|churn|text; evidence as {reason|piece}.
NOTES = Path(__file__).with_name("notes.txt")
SURVEYS = (
    (1042, 3, 1, 1, "{service|שלוש שיחות ושום פתרון}, פשוט בושה"),
    (1156, 4, 10, 5, "נציג מקסים, תודה"),
    (1161, 4, 9, 5, "הכל טוב"),
    (1182, 5, 2, 2, "{service|שירות נהדר, רק שעתיים המתנה}"),
    (1234, 5, 8, 4, "טיפול מהיר בסניף"),
    (1311, 2, 3, 2, "{budget|יקר לי מדי}"),
)


def note_rows() -> list[dict[str, object]]:
    """Return the notes, a row each: those of the week before stand first."""
    rows: list[dict[str, object]] = []
    for line in NOTES.read_text(encoding="utf-8").splitlines():
        customer, day, hour, channel, queue, churn, text = line.split("|", 6)
        rows.append(_row(customer, int(day), int(hour), channel, queue, churn, text))
    for customer, day, nps, csat, text in SURVEYS:
        row = _row(str(customer), day, 20, "survey", None, "none", text)
        rows.append({**row, "nps": float(nps), "csat": float(csat)})
    # The same notes a week earlier by other customers: nothing of them belongs to this week.
    earlier = [{**row, "at": row["at"] - timedelta(days=7)} for row in rows[:24]]
    for row in earlier:
        row["customer"] = f"9{row['customer']}"
    return [{**row, "id": f"c{place:03}"} for place, row in enumerate([*earlier, *rows])]


def _row(
    customer: str, day: int, hour: int, channel: str, queue: str | None, churn: str, marked: str
) -> dict[str, object]:
    text, evidence = "", {}
    for plain, reason, piece in re.findall(r"([^{]*)(?:\{(\w+)\|([^}]*)\})?", marked):
        text += plain
        if reason:
            evidence[reason] = [len(text), len(text) + len(piece)]
        text += piece
    at = datetime(2026, 11, 8, hour - 2, 14, tzinfo=UTC) + timedelta(days=day)
    return {
        "customer": customer,
        "at": at,
        "channel": channel,
        "queue": queue,
        "churn": churn,
        "text": text,
        "evidence": evidence,
        "nps": math.nan,
        "csat": math.nan,
    }


def contacts(rows: list[dict[str, object]]) -> pd.DataFrame:
    """Return the notes as Contacts."""
    frame = pd.DataFrame(
        {
            "contact_id": [row["id"] for row in rows],
            "source": "agents",
            "customer_id": [row["customer"] for row in rows],
            "contacted_at": pd.Series([row["at"] for row in rows]).astype("datetime64[us, UTC]"),
            "channel": [row["channel"] for row in rows],
            "queue": [row["queue"] for row in rows],
            "agent_id": "204",
            "direction": "in",
            "text": [row["text"] for row in rows],
            "product": None,
            "team": None,
            "segment": None,
            "handle_seconds": math.nan,
            "crm_resolved": None,
            "survey_resolved": None,
            "nps": [row["nps"] for row in rows],
            "csat": [row["csat"] for row in rows],
        }
    )
    return Contacts.validate(frame)


def predictions(rows: list[dict[str, object]]) -> pd.DataFrame:
    """Return a prediction of each note: its marked reasons, the first the surest."""
    made = []
    for place, row in enumerate(rows):
        evidence = row["evidence"]
        sure = {reason: 0.97 - 0.004 * (place % 20) for reason in evidence}
        churn = row["churn"]
        made.append(
            {
                "contact_id": row["id"],
                "model_id": "keshev-0.1-5f2c9d",
                **{f"p_{reason}": sure.get(str(reason), 0.03) for reason in REASONS},
                **{str(reason): str(reason) in evidence for reason in REASONS},
                "churn_intent": churn,
                **{f"p_churn_{v}": float(v == churn) for v in ("none", "signal", "explicit")},
                "resolution": "open",
                **{
                    f"p_resolution_{v}": float(v == "open")
                    for v in ("resolved", "open", "unstated")
                },
                "repeat": False,
                "p_repeat": 0.1,
                "unclear": False,
                "at_risk": churn != "none",
                "evidence": json.dumps(evidence),
                "issue": "",
            }
        )
    return pd.DataFrame(made)[list(prediction_columns())]


def threads(rows: list[dict[str, object]]) -> pd.DataFrame:
    """Return Threads: a customer of this week and his like of the week before have one matter."""
    known = contacts(rows).query("channel != 'survey' and customer_id.notna()")
    known = known.sort_values(["contacted_at", "contact_id"])
    name = known["customer_id"].str[-4:]
    made = pd.DataFrame(
        {
            "contact_id": known["contact_id"],
            "definition": "queue",
            "thread_id": name,
            "position": known.groupby(name).cumcount() + 1,
            "gap_days": known.groupby(name)["contacted_at"].diff().dt.total_seconds() / 86_400,
        }
    )
    return Threads.validate(made.reset_index(drop=True))
