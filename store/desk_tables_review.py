"""The desk store's tables of what people said of notes: what the model learns from."""

from sqlalchemy import Boolean, Column, Table

from labels.codebook import REASONS
from store.desk_tables import desk_metadata
from store.tables import Moment, Word

# One row a contact and person. The contact stands in the data store, which may lose it.
reviews = Table(
    "reviews",
    desk_metadata,
    Column("contact_id", Word, primary_key=True),
    Column("user_name", Word, primary_key=True, index=True),
    Column("text_digest", Word, nullable=False),  # of the text that was labelled
    Column("at", Moment, nullable=False),
    Column("source", Word, nullable=False),  # `review`, or `case`: corrected while working a case
    Column("blind", Boolean, nullable=False),  # labelled without sight of what the model said
    *(Column(str(reason), Boolean, nullable=False) for reason in REASONS),
    Column("churn_intent", Word, nullable=False),
    Column("resolution", Word, nullable=False),
    Column("repeat", Boolean, nullable=False),
)
