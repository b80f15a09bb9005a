"""The store's tables. `SCHEMA_VERSION` rises with every change of them."""

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    Double,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
)
from sqlalchemy.engine import Dialect

from labels.codebook import REASONS
from labels.frames import P_CHURN, P_REASONS, P_RESOLUTION

SCHEMA_VERSION = 1
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
metadata = MetaData()


class Moment(TypeDecorator[datetime]):
    """A UTC moment as microseconds since 1970: exact, and the same in every database."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        """Return the microseconds of a moment."""
        return None if value is None else (value - EPOCH) // timedelta(microseconds=1)

    def process_result_value(self, value: Any | None, dialect: Dialect) -> datetime | None:  # noqa: ANN401 (the base class says so)
        """Return the moment of microseconds."""
        return None if value is None else EPOCH + timedelta(microseconds=int(value))


meta = Table("meta", metadata, Column("key", String, primary_key=True), Column("value", String))

files = Table(
    "files",
    metadata,
    Column("file_id", String, primary_key=True),  # digest of the bytes, the profile and the rules
    Column("name", String, nullable=False),
    Column("profile", String, nullable=False),
    Column("encoding", String, nullable=False),
    *(
        Column(count, Integer, nullable=False)
        for count in ("read", "stored", "known", "duplicates", "quarantined")
    ),
)

contacts = Table(
    "contacts",
    metadata,
    Column("contact_id", String, primary_key=True),
    Column("source", String, nullable=False),
    Column("customer_id", String, index=True),
    Column("contacted_at", Moment, nullable=False, index=True),
    Column("channel", String, nullable=False),
    Column("queue", String),
    Column("agent_id", String),
    Column("direction", String, nullable=False),
    Column("text", Text, nullable=False),
    Column("product", String),
    Column("team", String),
    Column("segment", String),
    Column("handle_seconds", Double),
    Column("crm_resolved", Boolean),
    Column("nps", Double),
    Column("csat", Double),
    Column("text_digest", String, nullable=False),  # of the text: says what needs a prediction
    Column("text_key", String, nullable=False, index=True),  # of the normalised text: duplicates
    Column("row_digest", String, nullable=False),  # of the whole row: says what was corrected
)

customers = Table(
    "customers",
    metadata,
    Column("customer_id", String, primary_key=True),
    Column("contract_end", Date),
    Column("monthly_value", Double),
    Column("segment", String),
    Column("company", String),
    Column("row_digest", String, nullable=False),
)

quarantine = Table(
    "quarantine",
    metadata,
    Column("file_id", String, primary_key=True),
    Column("number", Integer, primary_key=True),  # of the rejected row within its file
    Column("file", String, nullable=False),
    Column("line", Integer, nullable=False),
    Column("code", String, nullable=False),
    Column("reason_he", String, nullable=False),
    Column("reason_en", String, nullable=False),
    Column("row", Text, nullable=False),
)

predictions = Table(
    "predictions",
    metadata,
    Column("contact_id", String, primary_key=True),
    Column("model_id", String, primary_key=True),
    Column("text_digest", String, nullable=False),
    *(Column(name, Double, nullable=False) for name in P_REASONS),
    *(Column(str(reason), Boolean, nullable=False) for reason in REASONS),
    Column("churn_intent", String, nullable=False),
    *(Column(name, Double, nullable=False) for name in P_CHURN),
    Column("resolution", String, nullable=False),
    *(Column(name, Double, nullable=False) for name in P_RESOLUTION),
    Column("repeat", Boolean, nullable=False),
    Column("p_repeat", Double, nullable=False),
    Column("unclear", Boolean, nullable=False),
    Column("evidence", Text, nullable=False),
)

threads = Table(
    "threads",
    metadata,
    Column("contact_id", String, primary_key=True),
    Column("definition", String, primary_key=True),
    Column("thread_id", String, nullable=False),
    Column("position", Integer, nullable=False),
    Column("gap_days", Double),
)

signals = Table(
    "signals",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("week", Date, nullable=False),
    Column("slice", String, nullable=False),
    Column("metric", String, nullable=False),
    Column("reason", String),
    Column("value", Double),
    Column("low", Double),
    Column("high", Double),
    Column("n", Integer, nullable=False),
    Column("provisional", Boolean, nullable=False),
)

# The at-risk list's columns belong to signals/risk.py; the store keeps its rows as they are.
at_risk = Table(
    "at_risk",
    metadata,
    Column("rank", Integer, primary_key=True),
    Column("customer_id", String, nullable=False),
    Column("row", Text, nullable=False),
)
