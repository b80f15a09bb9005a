"""The desk store's tables of what ran and what was sent; no export brings them back."""

from sqlalchemy import Boolean, Column, Integer, Table

from store.desk_tables import desk_metadata
from store.tables import Moment, Word

COUNTS = ("read", "stored", "known", "duplicates", "quarantined", "classified", "figures")

# One row a step of a run. Without an end it still runs, or was killed.
runs = Table(
    "runs",
    desk_metadata,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("step", Word, nullable=False),
    Column("started_at", Moment, nullable=False, index=True),
    Column("ended_at", Moment),
    Column("state", Word, nullable=False),
    Column("error", Word),  # the class of the error, never its words
    Column("model_id", Word),
    *(Column(name, Integer) for name in COUNTS),
)

# One row a matter, way and receiver: the matter is a week, or a customer's time at risk.
notices = Table(
    "notices",
    desk_metadata,
    Column("kind", Word, primary_key=True),
    Column("subject", Word, primary_key=True),  # the week's first day, or the customer's id
    Column("episode", Integer, primary_key=True),  # of the customer, from 1; 1 of a week
    Column("way", Word, primary_key=True),
    Column("receiver", Word, primary_key=True),  # an address, or the host that is called
    Column("state", Word, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("tried_at", Moment, nullable=False, index=True),
    Column("sent_at", Moment),
    Column("problem", Word),  # a code of ours, and the server's number; never its words
    Column("over", Boolean, nullable=False),  # the customer is no longer at risk
)
