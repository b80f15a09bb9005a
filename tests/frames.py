"""Builders of frames as the store meets them: realistic, Hebrew, and made by hand.

`tests.signals.builders` makes the small ones that a figure is counted on; these have every column.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any, cast

import numpy as np
import pandas as pd
from pandera.typing import DataFrame

from labels.codebook import CHURN_INTENTS, REASONS, RESOLUTIONS
from labels.frames import (
    P_CHURN,
    P_REASONS,
    P_RESOLUTION,
    Contacts,
    Customers,
    KnownThemes,
    Signals,
    Threads,
    issue_text,
    prediction_columns,
)
from signals import risk

BEGIN = datetime(2026, 9, 6, 5, 30, tzinfo=UTC)
NOTES = (
    "לק' טוען שחויב פעמיים על אותו חודש, ביקש זיכוי. נפתחה פנייה לגבייה",
    "הלקוחה אמרה שזו פעם שלישית שהיא מתקשרת על הראוטר ואף אחד לא חוזר אליה",
    "מבקש לבטל את הפוליסה, קיבל הצעה זולה יותר מחברה אחרת",
    'הוסבר תהליך הפעלת eSIM, עבד בסוף השיחה. הלקוח הודה ואמר "סוף סוף"',
    "זעם על ההמתנה של 40 דק'. ניתק לפני שסיימנו",
    "שאלה לגבי עמלת שורה בחשבון העסקי, נמסר מידע, אין צורך בהמשך טיפול",
    "האפליקציה קורסת בכל כניסה מאז העדכון, לקוח אנדרואיד",
    "הטכנאי לא הגיע בחלון שנקבע; תואם מועד חדש ליום ג' בין 8 ל-12",
    "רוצה לעבור למסלול גדול יותר, אין מסלול מתאים למשפחה של שש נפשות",
    "תודה רבה על השירות",
)
QUEUES = ("גבייה", "תמיכה טכנית", "שימור", None)
CHANNELS = ("phone", "chat", "whatsapp", "email", "survey")
PRODUCTS = ("סיב אופטי", 'ביטוח בריאות "מושלם"', None)


def contact_rows(count: int, customers: int = 40) -> list[dict[str, Any]]:
    """Return full rows of contacts, all with ids, times and texts of their own."""
    return [
        {
            "contact_id": f"notes:{100_000 + i}",
            "source": "פניות מוקד",
            "customer_id": None if i % 11 == 10 else f"לק-{i * 7 % customers:04}",
            "contacted_at": BEGIN + timedelta(minutes=37 * i, microseconds=i * 997 % 1_000_000),
            "channel": CHANNELS[i % 5],
            "queue": QUEUES[i % 4],
            "agent_id": None if i % 6 == 0 else f"נציג {i % 9}",
            "direction": "out" if i % 8 == 7 else "in",
            "text": f"{NOTES[i % len(NOTES)]} (פנייה {i})",
            "product": PRODUCTS[i % 3],
            "team": ("צפון", "דרום")[i % 2],
            "segment": None,
            "handle_seconds": np.nan if i % 5 == 1 else 61.5 + i % 900,
            "crm_resolved": (True, False, None)[i % 3],
            "survey_resolved": (None, None, None, False, True)[i % 5],
            "nps": float(i % 11) if i % 5 == 4 else np.nan,
            "csat": float(1 + i % 5) if i % 7 == 0 else np.nan,
        }
        for i in range(count)
    ]


def contact(contact_id: str, **given: object) -> dict[str, Any]:
    """Return one contact's full row; what is given replaces what it would hold."""
    return {**contact_rows(1)[0], "contact_id": contact_id, "text": NOTES[0], **given}


def contacts_of(rows: Iterable[dict[str, Any]]) -> DataFrame[Contacts]:
    """Return Contacts of full rows, in their order. They are not checked: that takes long."""
    names = list(Contacts.to_schema().columns)
    frame = pd.DataFrame(list(rows), columns=names, dtype=object)
    frame["contacted_at"] = pd.to_datetime(frame["contacted_at"], utc=True)
    types = {"contacted_at": "datetime64[us, UTC]"}
    types |= dict.fromkeys(("handle_seconds", "nps", "csat"), "float64")
    return cast(DataFrame[Contacts], frame.astype(types))


def customers_of(count: int) -> DataFrame[Customers]:
    """Return a roster; some contracts, values and companies are unknown."""
    columns: dict[str, list[object]] = {
        "customer_id": [f"לק-{i:04}" for i in range(count)],
        "customer_since": [date(2019, 1, 1) + timedelta(days=31 * i) for i in range(count)],
        "contract_end": [
            None if i % 3 == 2 else date(2026, 11, 1) + timedelta(days=i) for i in range(count)
        ],
        "churned_at": [None if i % 9 else date(2026, 10, 1 + i % 28) for i in range(count)],
        "monthly_value": [np.nan if i % 4 == 3 else 49.9 + i for i in range(count)],
        "segment": [("פרטי", "עסקי", None)[i % 3] for i in range(count)],
        "company": ['מאפיית "הגליל" בע"מ' if i % 3 == 1 else None for i in range(count)],
    }
    frame = pd.DataFrame(columns, dtype=object).astype({"monthly_value": "float64"})
    return Customers.validate(frame)


def predictions_of(contact_ids: Sequence[str], model_id: str = "he-1") -> pd.DataFrame:
    """Return a Predictions frame of these contacts, in their order, with four decimal places."""
    n = len(contact_ids)
    steps = np.arange(n)
    columns: dict[str, object] = {"contact_id": list(contact_ids), "model_id": model_id}
    for place, name in enumerate((*P_REASONS, *P_CHURN, *P_RESOLUTION, "p_repeat")):
        columns[name] = np.round((steps * 0.0137 + place * 0.051) % 1, 4)
    for place, reason in enumerate(REASONS):
        columns[str(reason)] = (steps + place) % 5 == 0
    columns["churn_intent"] = [str(CHURN_INTENTS[i % 3]) for i in range(n)]
    columns["resolution"] = [str(RESOLUTIONS[i % 3]) for i in range(n)]
    columns["repeat"] = steps % 4 == 0
    columns["unclear"] = steps % 9 == 0
    columns["at_risk"] = steps % 7 == 0
    columns["evidence"] = ['{"service": [3, 17]}' if i % 2 else "{}" for i in range(n)]
    vectors = np.random.default_rng(n).normal(size=(n, 64)).astype(np.float32)
    columns["issue"] = issue_text(vectors / np.linalg.norm(vectors, axis=1, keepdims=True))
    return pd.DataFrame(columns)[list(prediction_columns())]


def threads_of(contact_ids: Sequence[str]) -> DataFrame[Threads]:
    """Return Threads of both definitions: pairs of contacts, the second 1.25 days after."""
    rows = [
        {
            "contact_id": contact_id,
            "definition": definition,
            "thread_id": f"{definition}:{contact_ids[i - i % 2]}",
            "position": 1 + i % 2,
            "gap_days": 1.25 if i % 2 else np.nan,
        }
        for definition in ("any", "queue")
        for i, contact_id in enumerate(contact_ids)
    ]
    return Threads.validate(pd.DataFrame(rows))


def signals_of() -> DataFrame[Signals]:
    """Return figures with and without a reason, a value, an interval."""
    rows = [
        (date(2026, 9, 6), "all", "contacts", None, 120.0, np.nan, np.nan, 120, False),
        (date(2026, 9, 6), "queue=גבייה", "share", "budget", 0.1 + 0.2, 0.25, 0.4, 31, False),
        (date(2026, 9, 13), "channel=phone", "fcr", None, np.nan, np.nan, np.nan, 4, True),
    ]
    frame = pd.DataFrame(rows, columns=list(Signals.to_schema().columns))
    return Signals.validate(frame.astype({"reason": object}))


def at_risk_of(count: int) -> pd.DataFrame:
    """Return an at-risk list in the columns and types of `signals.risk`."""
    rows = [
        {
            "customer_id": f"לק-{i:04}",
            "score": 90.5 - i,
            **dict.fromkeys(risk.PARTS, round(1 / (i + 3), 4)),
            "reasons": "service,neglect" if i % 2 == 0 else "",
            "churn_intent": str(CHURN_INTENTS[2 - i % 3]),
            "last_contacted_at": pd.Timestamp(BEGIN + timedelta(days=i, microseconds=7 * i)),
            "last_contact_id": f"notes:{100_000 + i}",
            "contacts": 3 + i,
            "contract_end": None if i % 2 else date(2026, 12, 31),
            "monthly_value": np.nan if i % 3 == 2 else 129.9,
            "p_leaving": np.nan if i % 2 else 0.25,
            "p_said_leaving": 0.9 / (i + 1),
        }
        for i in range(count)
    ]
    frame = pd.DataFrame(rows, columns=list(risk.COLUMNS))
    frame["contract_end"] = (
        frame["contract_end"].astype(object).where(frame["contract_end"].notna(), None)
    )
    return frame.astype({"last_contacted_at": "datetime64[us, UTC]", "contacts": "int64"})


def rejected_of(count: int) -> pd.DataFrame:
    """Return rejected rows as the quarantine is given them."""
    return pd.DataFrame(
        {
            "file": ["פניות_ספטמבר.csv"] * count,
            "line": [2 + 3 * i for i in range(count)],
            "code": ["empty_text"] * count,
            "reason_he": ["אין טקסט בפנייה"] * count,
            "reason_en": ["the note has no text"] * count,
            "row": [f'{{"מספר פנייה": "{i}", "תיאור": ""}}' for i in range(count)],
        }
    )


def themes_of(numbers: range, model_id: str = "he-1") -> DataFrame[KnownThemes]:
    """Return themes of these numbers."""
    frame = pd.DataFrame(
        {
            "theme_id": [str(n) for n in numbers],
            "model_id": model_id,
            "generation": [1 + n // 2 for n in numbers],
            "first_week": [date(2026, 9, 6 + n) for n in numbers],
            "terms": ["אישור · ניתוח", *["חו״ל · חבילה"] * (len(numbers) - 1)],
            "centre": "AAEC/w==",
        }
    )
    return KnownThemes.validate(frame)
