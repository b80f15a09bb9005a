"""The frames that cross package borders, and the week they are counted in.

`signals.md`'s terms: a *contact* is one row of an export; a *thread* is the contacts of one
customer about one matter; a *signal* is one figure.
"""

from base64 import b64decode, b64encode
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pandera.pandas as pa
from numpy.typing import NDArray
from pandera.typing import Series

from labels.codebook import CHURN_INTENTS, REASONS, RESOLUTIONS

CHANNELS = ("phone", "chat", "whatsapp", "email", "survey", "branch", "sms", "web", "other")
DIRECTIONS = ("in", "out")
P_REASONS = tuple(f"p_{reason}" for reason in REASONS)
P_CHURN = tuple(f"p_churn_{value}" for value in CHURN_INTENTS)
P_RESOLUTION = tuple(f"p_resolution_{value}" for value in RESOLUTIONS)

UTC = "datetime64[us, UTC]"
ISSUE_LEVELS = 127


class Contacts(pa.DataFrameModel):
    """One row a contact. Times are UTC. Empty text columns hold None, never an empty string.

    `crm_resolved` is what the ticket system says, `survey_resolved` what the customer answered:
    True, False or None.
    """

    contact_id: Series[str] = pa.Field(unique=True)
    source: Series[str]
    customer_id: Series[object] = pa.Field(nullable=True)
    contacted_at: Series[pd.DatetimeTZDtype] = pa.Field(dtype_kwargs={"unit": "us", "tz": "UTC"})
    channel: Series[str] = pa.Field(isin=CHANNELS)
    queue: Series[object] = pa.Field(nullable=True)
    agent_id: Series[object] = pa.Field(nullable=True)
    direction: Series[str] = pa.Field(isin=DIRECTIONS)
    text: Series[str]
    product: Series[object] = pa.Field(nullable=True)
    team: Series[object] = pa.Field(nullable=True)
    segment: Series[object] = pa.Field(nullable=True)
    handle_seconds: Series[float] = pa.Field(nullable=True, ge=0)
    crm_resolved: Series[object] = pa.Field(nullable=True)
    survey_resolved: Series[object] = pa.Field(nullable=True)
    nps: Series[float] = pa.Field(nullable=True, in_range={"min_value": 0, "max_value": 10})
    csat: Series[float] = pa.Field(nullable=True, in_range={"min_value": 1, "max_value": 5})

    class Config:
        """Extra columns are a bug of the reader."""

        strict = True
        ordered = True


class Customers(pa.DataFrameModel):
    """One row a customer of the rosters. `monthly_value` is shekels.

    `customer_since`, `contract_end` and `churned_at` (the day on which the customer left) are dates
    or None.
    """

    customer_id: Series[str] = pa.Field(unique=True)
    customer_since: Series[object] = pa.Field(nullable=True)
    contract_end: Series[object] = pa.Field(nullable=True)
    churned_at: Series[object] = pa.Field(nullable=True)
    monthly_value: Series[float] = pa.Field(nullable=True)
    segment: Series[object] = pa.Field(nullable=True)
    company: Series[object] = pa.Field(nullable=True)

    class Config:
        """Extra columns are a bug of the reader."""

        strict = True
        ordered = True


class Pairs(pa.DataFrameModel):
    """One row two contacts of a customer: how likely they are about the same matter."""

    contact_id: Series[str]
    earlier_id: Series[str]
    p_same: Series[float] = pa.Field(in_range={"min_value": 0, "max_value": 1})

    class Config:
        """A pair stands once."""

        strict = True
        ordered = True
        unique = ("contact_id", "earlier_id")


class Threads(pa.DataFrameModel):
    """One row an inbound contact and definition. `position` counts from 1 within the thread."""

    contact_id: Series[str]
    definition: Series[str] = pa.Field(isin=("any", "queue", "text"))
    thread_id: Series[str]
    position: Series[int] = pa.Field(ge=1)
    gap_days: Series[float] = pa.Field(nullable=True, ge=0)

    class Config:
        """A contact stands once in a definition."""

        strict = True
        ordered = True
        unique = ("contact_id", "definition")


class Signals(pa.DataFrameModel):
    """Tidy, one row a figure. `slice` is `all`, `queue=…` or `channel=…`; `week` its first day."""

    week: Series[object]
    slice: Series[str]
    metric: Series[str]
    reason: Series[object] = pa.Field(nullable=True)
    value: Series[float] = pa.Field(nullable=True)
    low: Series[float] = pa.Field(nullable=True)
    high: Series[float] = pa.Field(nullable=True)
    n: Series[int] = pa.Field(ge=0)
    provisional: Series[bool]

    class Config:
        """A figure stands once."""

        strict = True
        ordered = True
        unique = ("week", "slice", "metric", "reason")


class KnownThemes(pa.DataFrameModel):
    """One row a theme of a model: when and how it was found, its terms, the best first.

    `generation` counts the searches that found something; `terms` are joined by " · " and may be
    empty; `centre` is a vector as `issue_text` writes it.
    """

    theme_id: Series[str] = pa.Field(unique=True, str_matches=r"^\d+$")
    model_id: Series[str]
    generation: Series[int] = pa.Field(ge=1)
    first_week: Series[object]
    terms: Series[str]
    centre: Series[str]

    class Config:
        """Extra columns are a bug of the reader."""

        strict = True
        ordered = True


class ThemeNotes(pa.DataFrameModel):
    """One row a note that has a theme; `near` is its cosine with the theme's centre."""

    contact_id: Series[str] = pa.Field(unique=True)
    theme_id: Series[str]
    near: Series[float] = pa.Field(in_range={"min_value": 0, "max_value": 1})

    class Config:
        """Extra columns are a bug of the reader."""

        strict = True
        ordered = True


def empty_frame(model: type[pa.DataFrameModel]) -> pd.DataFrame:
    """Return a frame without rows that has the model's columns and types."""
    return model.empty()


@dataclass(frozen=True, slots=True)
class Calendar:
    """How moments become local weeks.

    A week is named by its first day. `timezone` is an IANA name.
    """

    timezone: str = "Asia/Jerusalem"
    week_start: Literal["sunday", "monday"] = "sunday"

    def local(self, moments: "pd.Series[pd.Timestamp]") -> "pd.Series[pd.Timestamp]":
        """Return UTC moments in local time."""
        return moments.dt.tz_convert(ZoneInfo(self.timezone))

    def week_of(self, moments: "pd.Series[pd.Timestamp]") -> "pd.Series[date]":
        """Return the first day (a `date`) of each moment's local week."""
        local = self.local(moments)
        offset = 1 if self.week_start == "sunday" else 0
        days = pd.to_timedelta((local.dt.dayofweek + offset) % 7, unit="D")
        return (local.dt.tz_localize(None).dt.normalize() - days).dt.date

    def week_of_moment(self, moment: datetime) -> date:
        """Return the first day of one moment's local week."""
        week: date = self.week_of(pd.Series([pd.Timestamp(moment)])).iloc[0]
        return week

    def bounds(self, week: date) -> tuple[pd.Timestamp, pd.Timestamp]:
        """Return the UTC moments at which the week begins (included) and ends (excluded).

        Where the clock changes at midnight, a day begins with its first moment.
        """
        zone = ZoneInfo(self.timezone)
        begin, end = (
            pd.Timestamp(day).tz_localize(zone, nonexistent="shift_forward", ambiguous=True)
            for day in (week, week + timedelta(days=7))
        )
        return begin.tz_convert("UTC"), end.tz_convert("UTC")


def prediction_columns() -> tuple[str, ...]:
    """Return the columns of a Predictions frame, in order.

    One row a contact and model: `p_<reason>` and a boolean `<reason>` for each of the twelve,
    `churn_intent` with `p_churn_<value>`, `resolution` with `p_resolution_<value>`, `repeat`
    with `p_repeat`, `unclear`, `at_risk` (the note speaks of leaving, with the model's guarantee of
    precision), `evidence` (reason -> [start, end) in the stored text), and `issue` (the issue
    vector, see `issue_text`).
    """
    return (
        "contact_id",
        "model_id",
        *P_REASONS,
        *(str(reason) for reason in REASONS),
        "churn_intent",
        *P_CHURN,
        "resolution",
        *P_RESOLUTION,
        "repeat",
        "p_repeat",
        "unclear",
        "at_risk",
        "evidence",
        "issue",
    )


def audit_columns() -> tuple[str, ...]:
    """Return the columns of a frame of audit labels, in order.

    One row a contact that people labelled: `week` (its first day), `kind` (`contact` or `survey`),
    `contact_id`, a boolean `<reason>` for each of the twelve, `churn_intent`, `resolution`,
    `repeat`.
    """
    reasons = (str(reason) for reason in REASONS)
    return ("week", "kind", "contact_id", *reasons, "churn_intent", "resolution", "repeat")


def issue_text(vectors: NDArray[np.float32]) -> list[str]:
    """Return vectors (N, 64) of length one as texts: 8-bit integers in base 64."""
    rounded = np.round(np.clip(vectors, -1, 1) * ISSUE_LEVELS).astype(np.int8)
    return [b64encode(row.tobytes()).decode("ascii") for row in rounded]


def issue_vectors(texts: Iterable[str]) -> NDArray[np.float32]:
    """Return the vectors (N, 64) of such texts, of length one; (0, 0) for none."""
    rows = [np.frombuffer(b64decode(text), dtype=np.int8) for text in texts]
    if not rows:
        return np.zeros((0, 0), dtype=np.float32)
    vectors = np.stack(rows).astype(np.float32)
    length = np.linalg.norm(vectors, axis=1, keepdims=True)
    unit: NDArray[np.float32] = vectors / np.maximum(length, 1.0)
    return unit
