"""The store's tables. `SCHEMA_VERSION` rises with every change of them."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    Double,
    Index,
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

SCHEMA_VERSION = 4
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
metadata = MetaData()
# Ordered by code points in every database: PostgreSQL's own order depends on where it was set up.
Word = String().with_variant(String(collation="C"), "postgresql")


class Moment(TypeDecorator[datetime]):
    """A UTC moment as microseconds since 1970: exact, and the same in every database."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        """Return the microseconds of a moment."""
        return None if value is None else (value - EPOCH) // timedelta(microseconds=1)

    def process_result_value(self, value: int | None, dialect: Dialect) -> datetime | None:
        """Return the moment of microseconds."""
        return None if value is None else EPOCH + timedelta(microseconds=int(value))


def label_columns(*, nullable: bool) -> Iterator[Column[Any]]:
    """Yield new columns for the labels of a note, as `store.audits.LABELS` has them."""
    yield from (Column(str(reason), Boolean, nullable=nullable) for reason in REASONS)
    yield Column("churn_intent", Word, nullable=nullable)
    yield Column("resolution", Word, nullable=nullable)
    yield Column("repeat", Boolean, nullable=nullable)


meta = Table("meta", metadata, Column("key", Word, primary_key=True), Column("value", Word))

files = Table(
    "files",
    metadata,
    # A reading of a file: digest of the name and the two ids. See store/readings.py.
    Column("file_id", Word, primary_key=True),
    Column("name", Word, nullable=False, index=True),
    Column("content_id", Word, nullable=False),  # of the bytes
    Column("rules_id", Word, nullable=False),  # of the profile and the masking rules
    Column("latest", Boolean, nullable=False),  # of its name: only these are known
    Column("profile", Word, nullable=False),
    Column("encoding", Word, nullable=False),
    *(
        Column(count, Integer, nullable=False)
        for count in ("read", "stored", "known", "duplicates", "quarantined")
    ),
)

contacts = Table(
    "contacts",
    metadata,
    Column("contact_id", Word, primary_key=True),
    Column("source", Word, nullable=False),
    Column("customer_id", Word, index=True),
    Column("contacted_at", Moment, nullable=False, index=True),
    Column("channel", Word, nullable=False),
    Column("queue", Word),
    Column("agent_id", Word),
    Column("direction", Word, nullable=False),
    Column("text", Text, nullable=False),
    Column("product", Word),
    Column("team", Word),
    Column("segment", Word),
    Column("handle_seconds", Double),
    Column("crm_resolved", Boolean),
    Column("survey_resolved", Boolean),
    Column("nps", Double),
    Column("csat", Double),
    Column("text_digest", Word, nullable=False),  # of the text: says what needs a prediction
    # Of the customer and the normalised text, None without a customer: finds exact duplicates.
    Column("copy_key", Word, index=True),
    Column("duplicate", Boolean, nullable=False),  # kept and not counted: see store/copies.py
    # Of the whole row: says what was corrected, and puts contacts in a random order.
    Column("row_digest", Word, nullable=False, index=True),
)

contact_readings = Table(
    "contact_readings",
    metadata,
    Column("contact_id", Word, primary_key=True),
    Column("file_id", Word, primary_key=True, index=True),
    Column("generated", Boolean, nullable=False),  # the row had no contact id of its own
)

customers = Table(
    "customers",
    metadata,
    Column("customer_id", Word, primary_key=True),
    Column("customer_since", Date),
    Column("contract_end", Date),
    Column("churned_at", Date),
    Column("monthly_value", Double),
    Column("segment", Word),
    Column("company", Word),
    Column("row_digest", Word, nullable=False),
)

# What each roster, known by its file's name, told of a customer: its filled cells as JSON.
roster_rows = Table(
    "roster_rows",
    metadata,
    Column("name", Word, primary_key=True),
    Column("customer_id", Word, primary_key=True, index=True),
    Column("number", Integer, nullable=False),  # of the reading: later ones count
    Column("told", Text, nullable=False),
)

quarantine = Table(
    "quarantine",
    metadata,
    Column("file_id", Word, primary_key=True),
    Column("number", Integer, primary_key=True),  # of the rejected row within its file
    Column("file", Word, nullable=False),
    Column("line", Integer, nullable=False),
    Column("code", Word, nullable=False),
    Column("reason_he", Word, nullable=False),
    Column("reason_en", Word, nullable=False),
    Column("row", Text, nullable=False),
)

predictions = Table(
    "predictions",
    metadata,
    Column("contact_id", Word, primary_key=True),
    Column("model_id", Word, primary_key=True),
    Column("text_digest", Word, nullable=False),
    *(Column(name, Double, nullable=False) for name in P_REASONS),
    *(Column(str(reason), Boolean, nullable=False) for reason in REASONS),
    Column("churn_intent", Word, nullable=False),
    *(Column(name, Double, nullable=False) for name in P_CHURN),
    Column("resolution", Word, nullable=False),
    *(Column(name, Double, nullable=False) for name in P_RESOLUTION),
    Column("repeat", Boolean, nullable=False),
    Column("p_repeat", Double, nullable=False),
    Column("unclear", Boolean, nullable=False),
    Column("at_risk", Boolean, nullable=False),
    Column("evidence", Text, nullable=False),
    Column("issue", Word, nullable=False),
)
Index(
    "ix_predictions_unclear",
    *(predictions.c.model_id, predictions.c.contact_id),
    sqlite_where=predictions.c.unclear.is_(True),
    postgresql_where=predictions.c.unclear.is_(True),
)

# What search knows of each classified contact's note: see store/notewords.py.
note_words = Table(
    "note_words",
    metadata,
    Column("contact_id", Word, primary_key=True),
    Column("number", Integer, nullable=False, unique=True),  # rises, and is never given twice
    Column("row_digest", Word, nullable=False),  # of the contact as it was when it was indexed
    Column("model_id", Word, nullable=False),
    Column("words", Text, nullable=False),  # in their order, joined by spaces
)

# How likely two contacts of a customer are about the same matter, of the rows as they were.
pairs = Table(
    "pairs",
    metadata,
    Column("contact_id", Word, primary_key=True),
    Column("earlier_id", Word, primary_key=True, index=True),
    Column("model_id", Word, primary_key=True),
    Column("row_digest", Word, nullable=False),
    Column("earlier_digest", Word, nullable=False),
    Column("p_same", Double, nullable=False),
)

# What was drawn for people to label, and what they said: None until then.
audits = Table(
    "audits",
    metadata,
    Column("week", Date, primary_key=True),
    Column("contact_id", Word, primary_key=True),
    Column("kind", Word, nullable=False),
    Column("position", Integer, nullable=False),  # in the random order, from 1
    Column("text_digest", Word, nullable=False),  # of the text that was drawn, or labelled
    *label_columns(nullable=True),
)

threads = Table(
    "threads",
    metadata,
    Column("contact_id", Word, primary_key=True),
    Column("definition", Word, primary_key=True),
    Column("thread_id", Word, nullable=False, index=True),
    Column("position", Integer, nullable=False),
    Column("gap_days", Double),
)

signals = Table(
    "signals",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("week", Date, nullable=False, index=True),
    Column("slice", Word, nullable=False),
    Column("metric", Word, nullable=False),
    Column("reason", Word),
    Column("value", Double),
    Column("low", Double),
    Column("high", Double),
    Column("n", Integer, nullable=False),
    Column("provisional", Boolean, nullable=False),
    Index("ix_signals_metric", "metric", "slice", "week"),
)

# Themes outlive the figures: a theme keeps its id, terms and centre when next week's notes arrive.
themes = Table(
    "themes",
    metadata,
    Column("model_id", Word, primary_key=True),
    Column("theme_id", Word, primary_key=True),
    Column("generation", Integer, nullable=False),
    Column("first_week", Date, nullable=False),
    Column("terms", Word, nullable=False),
    Column("centre", Word, nullable=False),
)

theme_notes = Table(
    "theme_notes",
    metadata,
    Column("contact_id", Word, primary_key=True),
    Column("theme_id", Word, nullable=False),
    Column("near", Double, nullable=False),
)

# The at-risk list's columns belong to signals/risk.py; the store keeps its rows as they are.
at_risk = Table(
    "at_risk",
    metadata,
    Column("rank", Integer, primary_key=True),
    Column("customer_id", Word, nullable=False),
    Column("row", Text, nullable=False),
)

# What the reasons of one's own became at the last run: their names and what tells their notes.
own_models = Table(
    "own_models",
    metadata,
    Column("reason_id", Word, primary_key=True),
    Column("version", Word, nullable=False),  # of the examples, the model and the method
    Column("name", Word, nullable=False),
    Column("description", Word, nullable=False),
    Column("examples", Integer, nullable=False),
    Column("examples_found", Integer, nullable=False),  # by cross-validation, like the two below
    Column("others", Integer, nullable=False),  # random notes that stood against the examples
    Column("others_found", Integer, nullable=False),
    # By people, until that run: how many of the notes with the reason they saw, and confirmed.
    Column("checked", Integer, nullable=False),
    Column("confirmed", Integer, nullable=False),
    Column("threshold", Double, nullable=False),
    Column("weights", Text, nullable=False),
)

own_predictions = Table(
    "own_predictions",
    metadata,
    Column("contact_id", Word, primary_key=True),
    Column("reason_id", Word, primary_key=True),
    Column("version", Word, nullable=False),
    Column("text_digest", Word, nullable=False),
    Column("p", Double, nullable=False),
    Column("present", Boolean, nullable=False),
    Index("ix_own_predictions_found", "reason_id", "present", "contact_id"),
)
