"""The desk store's tables of cases: whose a customer is now, and all that was ever done."""

from sqlalchemy import Column, Date, Integer, Table, Text

from store.desk_tables import desk_metadata
from store.tables import Moment, Word

# A customer as he stands now. Whoever `holder` names works on him since `taken_at`.
cases = Table(
    "cases",
    desk_metadata,
    Column("customer_id", Word, primary_key=True),
    Column("holder", Word, index=True),
    Column("taken_at", Moment),
    Column("outcome", Word),  # the newest; None until there is one
    Column("outcome_at", Moment, index=True),
    Column("call_on", Date),  # only of the outcome `later`
)

# What was done, never changed. `note` is what a person wrote, with personal data masked.
case_events = Table(
    "case_events",
    desk_metadata,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("customer_id", Word, nullable=False, index=True),
    Column("at", Moment, nullable=False, index=True),
    Column("user_name", Word, nullable=False),
    Column("action", Word, nullable=False),
    Column("day", Date),  # on which he left, or is to be called
    Column("offer", Word),  # what saved him
    Column("note", Text),
    Column("contact_id", Word),  # whose labels were wrong
)
