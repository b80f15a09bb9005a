"""The desk store's tables of what people said of notes: what the model learns from."""

from sqlalchemy import Boolean, Column, Table, Text

from store.desk_tables import desk_metadata
from store.tables import Moment, Word, label_columns

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
    *label_columns(nullable=False),
)

# What was settled where people disagreed; it stands above their reviews of the same text.
settlements = Table(
    "settlements",
    desk_metadata,
    Column("contact_id", Word, primary_key=True),
    Column("text_digest", Word, nullable=False),
    Column("user_name", Word, nullable=False),  # who settled it
    Column("at", Moment, nullable=False),
    *label_columns(nullable=False),
)

# Which note lies before whom, so that two people are not given one, and what they skipped.
review_turns = Table(
    "review_turns",
    desk_metadata,
    Column("user_name", Word, primary_key=True),
    Column("contact_id", Word, primary_key=True),
    Column("at", Moment, nullable=False),
    Column("skipped", Boolean, nullable=False),
)

# Reasons of one's own. What a run made of them stands in the data store (`own_models`).
own_reasons = Table(
    "own_reasons",
    desk_metadata,
    Column("reason_id", Word, primary_key=True),
    Column("name", Word, nullable=False, unique=True),
    Column("description", Text, nullable=False),
    Column("user_name", Word, nullable=False),
    Column("at", Moment, nullable=False),
)

own_examples = Table(
    "own_examples",
    desk_metadata,
    Column("reason_id", Word, primary_key=True),
    Column("text_digest", Word, primary_key=True),
    Column("text", Text, nullable=False),  # masked
)

# What people said of notes that were given the reason: the measure of its precision.
own_checks = Table(
    "own_checks",
    desk_metadata,
    Column("reason_id", Word, primary_key=True),
    Column("contact_id", Word, primary_key=True),
    Column("user_name", Word, nullable=False),
    Column("version", Word, nullable=False),  # of the model that gave the reason
    Column("text_digest", Word, nullable=False),
    Column("at", Moment, nullable=False),
    Column("present", Boolean, nullable=False),
)
