"""Customers: what several rosters tell of them, and what a file takes back."""

from datetime import date

import pandas as pd
from sqlalchemy import Engine

from labels.frames import Customers
from store.contacts import Saved
from store.customers import read_customers, save_customers
from store.session import get_meta, transaction
from tests.frames import customers_of

OUTCOMES = ["customer_id", "churned_at"]


def test_the_roster_comes_back_and_is_corrected(engine: Engine) -> None:
    """Dates, values and what is unknown; only corrected customers are written again."""
    roster = customers_of(20)
    with transaction(engine) as connection:
        assert save_customers(connection, roster.iloc[::-1]) == Saved(20, 0, 0)
        pd.testing.assert_frame_equal(read_customers(connection), roster)
        before = get_meta(connection, "revision")
        assert save_customers(connection, roster) == Saved(0, 20, 0)
        assert get_meta(connection, "revision") == before
        roster.loc[3, "monthly_value"] = 12.5
        assert save_customers(connection, roster.iloc[:5]) == Saved(1, 4, 0)
        pd.testing.assert_frame_equal(read_customers(connection), roster)
        assert get_meta(connection, "revision") != before
        Customers.validate(read_customers(connection))


def test_two_rosters_tell_of_one_customer(engine: Engine) -> None:
    """Each tells its own columns: an outcomes file takes no contract away, in either order."""
    roster = customers_of(3)
    told = ["customer_id", "contract_end", "monthly_value", "segment", "company", "customer_since"]
    with transaction(engine) as connection:
        assert save_customers(connection, roster, OUTCOMES, "outcomes.csv") == Saved(3, 0, 0)
        assert read_customers(connection)["contract_end"].isna().all()
        assert save_customers(connection, roster, told, "roster.csv") == Saved(3, 0, 0)
        pd.testing.assert_frame_equal(read_customers(connection), roster)
        assert save_customers(connection, roster, OUTCOMES, "outcomes.csv") == Saved(0, 3, 0)
        pd.testing.assert_frame_equal(read_customers(connection), roster)


def test_a_mended_profile_takes_back_what_it_read_wrong(engine: Engine) -> None:
    """Days that were read as days of leaving are the contracts' ends: nobody has left."""
    wrong = customers_of(3).assign(churned_at=date(2027, 1, 1))
    with transaction(engine) as connection:
        save_customers(connection, wrong, OUTCOMES, "roster.csv")
        assert read_customers(connection)["churned_at"].notna().all()
        told = ["customer_id", "contract_end"]
        save_customers(connection, customers_of(3), told, "roster.csv")
        found = read_customers(connection)
    assert found["churned_at"].isna().all()
    assert found["contract_end"].notna().any()


def test_an_empty_cell_takes_nothing_from_another_file(engine: Engine) -> None:
    """A weekly roster with a blank column beside the outcomes; the outcomes' own blank counts."""
    left = customers_of(3).assign(churned_at=[date(2026, 10, 1), None, None])
    blank = customers_of(3).assign(churned_at=None)
    with transaction(engine) as connection:
        save_customers(connection, left, OUTCOMES, "outcomes.csv")
        save_customers(connection, blank, name="roster.csv")
        assert read_customers(connection)["churned_at"].tolist() == [date(2026, 10, 1), None, None]
        save_customers(connection, blank, OUTCOMES, "outcomes.csv")
        assert read_customers(connection)["churned_at"].isna().all()
