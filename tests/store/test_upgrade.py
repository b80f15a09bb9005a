"""Stores of older schemas are brought up to date when they are opened."""

from collections.abc import Sequence

import pandas as pd
import pytest
from sqlalchemy import Engine, text

from store import tables
from store.contacts import read_contacts, save_contacts
from store.customers import read_customers, save_customers
from store.predictions import Pending, count_pending, read_predictions, save_predictions
from store.session import get_meta, open_store, set_meta, transaction
from tests.frames import contact_rows, contacts_of, customers_of, predictions_of

NEW_TABLES = (
    "roster_rows",
    "audits",
    "themes",
    "theme_notes",
    "note_words",
    "own_models",
    "own_predictions",
)
ADDED = {"contacts": ("survey_resolved",), "customers": ("customer_since", "churned_at")}


@pytest.fixture
def engine(store_url: str) -> Engine:
    """Return a store of the present schema with three contacts, classified, and their roster."""
    engine = open_store(store_url)
    with transaction(engine) as connection:
        save_contacts(connection, contacts_of(contact_rows(3)), str)
        save_customers(connection, customers_of(3))
        rows = connection.execute(text("SELECT contact_id, text_digest FROM contacts"))
        digests = {row.contact_id: row.text_digest for row in rows}
        ids = sorted(digests)
        waiting = [Pending(one, "", digests[one]) for one in ids]
        save_predictions(connection, predictions_of(ids), waiting)
    return engine


def make_old(engine: Engine, schema: int, statements: Sequence[str] = ()) -> None:
    """Take a store back to an older schema."""
    with transaction(engine) as connection:
        for table, columns in ADDED.items():
            for column in columns:
                connection.execute(text(f"ALTER TABLE {table} DROP COLUMN {column}"))
        for name in NEW_TABLES:
            connection.execute(text(f"DROP TABLE {name}"))
        for statement in statements:
            connection.execute(text(statement))
        set_meta(connection, "schema", str(schema))
    engine.dispose()


def test_schema_1_is_classified_again(engine: Engine, store_url: str) -> None:
    """It knew less of each note: contacts stay, all of them are classified again."""
    make_old(
        engine,
        1,
        (
            "DROP TABLE pairs",
            "DROP TABLE predictions",
            "CREATE TABLE predictions (contact_id VARCHAR PRIMARY KEY)",
            "INSERT INTO predictions VALUES ('notes:100000')",
        ),
    )
    again = open_store(store_url)
    with transaction(again) as connection:
        assert get_meta(connection, "schema") == str(tables.SCHEMA_VERSION)
        assert len(read_contacts(connection)) == 3
        assert read_predictions(connection, "he-1").empty
        assert count_pending(connection, "he-1") == 3
    again.dispose()


def test_schema_2_keeps_all_and_its_new_columns_are_empty(engine: Engine, store_url: str) -> None:
    """What nobody told yet is unknown, and can be told from now on."""
    make_old(engine, 2, ("UPDATE customers SET row_digest = 'of fewer columns'",))
    again = open_store(store_url)
    with transaction(again) as connection:
        assert get_meta(connection, "schema") == str(tables.SCHEMA_VERSION)
        assert count_pending(connection, "he-1") == 0
        assert read_contacts(connection)["survey_resolved"].isna().all()
        customers = read_customers(connection)
        assert customers[["customer_since", "churned_at"]].isna().all(axis=None)
        assert customers["contract_end"].notna().any()
        save_customers(connection, customers_of(3), ["customer_id", "customer_since"], "new.csv")
        pd.testing.assert_frame_equal(
            read_customers(connection), customers_of(3).assign(churned_at=None)
        )
    again.dispose()


def test_schema_3_gets_an_empty_index_and_keeps_its_rosters(engine: Engine, store_url: str) -> None:
    """The next run fills the index; who was told by a roster is not entered a second time."""
    with transaction(engine) as connection:
        before = read_customers(connection)
        connection.execute(text("DROP TABLE note_words"))
        set_meta(connection, "schema", "3")
    engine.dispose()
    again = open_store(store_url)
    with transaction(again) as connection:
        assert get_meta(connection, "schema") == str(tables.SCHEMA_VERSION)
        assert connection.execute(text("SELECT count(*) FROM note_words")).scalar() == 0
        told = connection.execute(text("SELECT count(*) FROM roster_rows")).scalar()
        assert told == len(before)
        pd.testing.assert_frame_equal(read_customers(connection), before)
    again.dispose()
