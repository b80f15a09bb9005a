"""Frames for the tests of signals: built by hand, or drawn by hypothesis."""

from datetime import date, datetime, timedelta
from typing import Any

import numpy as np
import pandas as pd
from hypothesis import settings
from hypothesis import strategies as st

from labels.codebook import REASONS
from labels.frames import Contacts, Customers, prediction_columns

EDGES = (
    "2026-03-27 00:30",  # the clocks of Israel go forward at 02:00 local (00:00 UTC)
    "2026-10-24 21:00",  # Sunday 00:00 local, the day the clocks go back
    "2026-10-24 23:30",
    "2026-10-25 00:30",
    "2026-10-31 22:00",  # Sunday 00:00 local, in winter time
    "2026-11-07 22:00",
)
GAPS = (0, 1, 3600, 86_400, 7 * 86_400 - 1, 7 * 86_400, 7 * 86_400 + 1)
FEW = settings(max_examples=12)
FEWEST = settings(max_examples=7)
MANY = settings(max_examples=30)
NOTES = ("לק' מבקש לנתק, עובר למתחרים", "נציג לא חזר אליי כבר שבוע", "הוסבר, טופל", "תודה רבה")


def contact_frame(rows: list[dict[str, Any]]) -> pd.DataFrame:
    """Return valid Contacts of rows that name only what matters to a test."""
    blank = {
        "source": "בדיקה",
        "customer_id": "c1",
        "channel": "phone",
        "queue": "תמיכה",
        "agent_id": None,
        "direction": "in",
        "text": NOTES[0],
        "product": None,
        "team": None,
        "segment": None,
        "handle_seconds": np.nan,
        "crm_resolved": None,
        "survey_resolved": None,
        "nps": np.nan,
        "csat": np.nan,
    }
    if not rows:
        return Contacts.empty()
    full = [{"contact_id": f"k{i:03}", **blank, **row} for i, row in enumerate(rows)]
    frame = pd.DataFrame(full)[list(Contacts.to_schema().columns)]
    moments = pd.to_datetime(frame["contacted_at"], utc=True, format="ISO8601")
    frame["contacted_at"] = moments.astype("datetime64[us, UTC]")
    words = ("customer_id", "queue", "agent_id", "product", "team", "segment", "survey_resolved")
    for column in words:
        frame[column] = frame[column].astype(object).where(frame[column].notna(), None)
    return Contacts.validate(frame.astype({"handle_seconds": float, "nps": float, "csat": float}))


def prediction_frame(labels: dict[str, dict[str, Any]]) -> pd.DataFrame:
    """Return Predictions of {contact_id: {"reasons": …, "churn": …, "resolution": …, …}}."""
    rows = []
    for contact_id, label in labels.items():
        row = dict.fromkeys(prediction_columns(), 0.0)
        row |= {str(reason): str(reason) in label.get("reasons", ()) for reason in REASONS}
        row |= {"contact_id": contact_id, "model_id": "m1", "evidence": "{}"}
        row |= {"churn_intent": label.get("churn", "none")}
        row |= {"p_churn_signal": label.get("p_signal", 0.0)}
        row |= {"p_churn_explicit": label.get("p_explicit", 0.0)}
        row |= {"resolution": label.get("resolution", "unstated")}
        row |= {"repeat": label.get("repeat", False), "unclear": label.get("unclear", False)}
        row |= {"at_risk": label.get("churn", "none") != "none", "issue": ""}
        rows.append(row)
    return pd.DataFrame(rows, columns=list(prediction_columns()))


def customer_frame(rows: list[dict[str, Any]]) -> pd.DataFrame:
    """Return valid Customers of rows that name only what matters to a test."""
    if not rows:
        return Customers.empty()
    blank = dict.fromkeys(Customers.to_schema().columns) | {"monthly_value": np.nan}
    frame = pd.DataFrame([{**blank, **row} for row in rows])
    frame = frame.astype({name: object for name in frame if name != "monthly_value"})
    return Customers.validate(frame[list(Customers.to_schema().columns)])


def moments() -> st.SearchStrategy[datetime]:
    """Draw moments around clock changes, week boundaries and the edges of a seven-day window."""
    edge = st.sampled_from([datetime.fromisoformat(text) for text in EDGES])
    gap = st.sampled_from([timedelta(seconds=s) for s in GAPS])
    return st.builds(lambda base, one, two: base + one + two, edge, gap, gap)


@st.composite
def contact_frames(draw: st.DrawFn, max_size: int = 25) -> pd.DataFrame:
    """Draw Contacts with ties, missing customers and queues, surveys and outbound calls."""
    row = st.fixed_dictionaries(
        {
            "customer_id": st.sampled_from(["c1", "c1", "c2", "c3", None]),
            "contacted_at": moments(),
            "channel": st.sampled_from(["phone", "phone", "chat", "survey"]),
            "queue": st.sampled_from(["תמיכה", "חיוב", None]),
            "direction": st.sampled_from(["in", "in", "in", "out"]),
            "team": st.sampled_from(["צפון", None]),
            "product": st.sampled_from(["סיבים", None]),
            "segment": st.sampled_from(["עסקי", None]),
            "text": st.sampled_from(NOTES),
            "nps": st.sampled_from([np.nan, 0.0, 6.0, 7.0, 8.0, 9.0]),
            "csat": st.sampled_from([np.nan, 1.0, 3.0, 4.0, 5.0]),
            "survey_resolved": st.sampled_from([None, None, True, False]),
        }
    )
    rows = draw(st.lists(row, max_size=max_size))
    ids = draw(st.permutations(range(len(rows))))
    return contact_frame([{**r, "contact_id": f"k{i:03}"} for r, i in zip(rows, ids, strict=True)])


@st.composite
def labelled_frames(draw: st.DrawFn, max_size: int = 25) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Draw Contacts and Predictions that lack some of them."""
    contacts = draw(contact_frames(max_size))
    label = st.fixed_dictionaries(
        {
            "reasons": st.sets(st.sampled_from(["budget", "neglect", "onboarding"])),
            "churn": st.sampled_from(["none", "signal", "explicit"]),
            "p_signal": st.sampled_from([0.0, 0.25]),
            "p_explicit": st.sampled_from([0.0, 0.5, 0.75001]),
            "resolution": st.sampled_from(["resolved", "open", "unstated"]),
            "repeat": st.booleans(),
            "unclear": st.booleans(),
        }
    )
    drawn = {i: draw(st.none() | label) for i in contacts["contact_id"]}
    return contacts, prediction_frame({i: found for i, found in drawn.items() if found})


@st.composite
def customer_frames(draw: st.DrawFn) -> pd.DataFrame:
    """Draw a roster of none to three of the customers that the contacts name."""
    end = st.none() | st.sampled_from([date(2026, 11, d) for d in (1, 10, 30)])
    day = st.none() | st.sampled_from([date.fromisoformat(text[:10]) for text in EDGES])
    row = st.fixed_dictionaries(
        {
            "customer_since": day,
            "contract_end": end,
            "churned_at": day,
            "monthly_value": st.sampled_from([np.nan, 99.0, 250.0]),
        }
    )
    ids = draw(st.lists(st.sampled_from(["c1", "c2", "c3"]), unique=True))
    return customer_frame([{"customer_id": i, **draw(row)} for i in ids])
