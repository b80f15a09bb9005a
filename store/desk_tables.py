"""The desk store's tables: people, what they did and what they decided.

They are apart from the data's (`store/tables.py`), which exports can bring back: these nothing can.
In SQLite they are a file of their own, so that nobody at the desk waits while a run writes.
`DESK_SCHEMA_VERSION` rises with every change of them.
"""

from sqlalchemy import Boolean, Column, Integer, MetaData, Table, Text

from store.tables import Moment, Word

DESK_SCHEMA_VERSION = 1
desk_metadata = MetaData()

desk_meta = Table(
    "desk_meta", desk_metadata, Column("key", Word, primary_key=True), Column("value", Text)
)

users = Table(
    "users",
    desk_metadata,
    Column("name", Word, primary_key=True),  # what is typed to sign in, or the provider's e-mail
    Column("full_name", Word, nullable=False),
    Column("role", Word, nullable=False),
    Column("password", Word),  # argon2's digest; None signs in by OpenID Connect alone
    Column("active", Boolean, nullable=False),
    Column("language", Word, nullable=False),
    Column("created_at", Moment, nullable=False),
)

sessions = Table(
    "sessions",
    desk_metadata,
    Column("token_digest", Word, primary_key=True),  # SHA-256: a copy of this table signs nobody in
    Column("user_name", Word, nullable=False, index=True),
    Column("csrf", Word, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("seen_at", Moment, nullable=False),
)

# Who saw and did what. `object` is an id, never a word of a customer's.
audit_log = Table(
    "audit_log",
    desk_metadata,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("at", Moment, nullable=False, index=True),
    Column("user_name", Word, nullable=False, index=True),
    Column("action", Word, nullable=False),
    Column("object", Word, nullable=False),
    Column("address", Word, nullable=False),
)
