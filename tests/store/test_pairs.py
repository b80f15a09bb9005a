"""Pairs: kept for the model and the rows that they were made of."""

import pandas as pd
import pytest
from sqlalchemy import Engine

from labels.frames import Pairs
from store.contacts import save_contacts
from store.pairs import drop_stale_pairs, read_pairs, save_pairs
from store.session import transaction
from tests.frames import contact_rows, contacts_of

ROWS = contact_rows(6)
IDS = [row["contact_id"] for row in ROWS]


@pytest.fixture
def store(engine: Engine) -> Engine:
    """A store of six contacts."""
    with transaction(engine) as connection:
        save_contacts(connection, contacts_of(ROWS), str)
    return engine


def frame(*pairs: tuple[int, int, float]) -> pd.DataFrame:
    """Return pairs of contacts by their places, the later first."""
    rows = [(IDS[later], IDS[earlier], p) for later, earlier, p in pairs]
    return Pairs.validate(pd.DataFrame(rows, columns=["contact_id", "earlier_id", "p_same"]))


def save(engine: Engine, *pairs: tuple[int, int, float], model_id: str = "he-1") -> None:
    with transaction(engine) as connection:
        save_pairs(connection, frame(*pairs), model_id)


def read(engine: Engine, model_id: str = "he-1") -> pd.DataFrame:
    with transaction(engine) as connection:
        return read_pairs(connection, model_id)


def test_pairs_come_back_in_the_order_of_ids(store: Engine) -> None:
    """Each model's own; what is saved again is replaced, what is not stays."""
    save(store, (3, 1, 0.25), (1, 0, 0.5), (3, 0, 1.0))
    save(store, (2, 0, 0.7), model_id="he-2")
    save(store, (3, 1, 0.3))
    expected = frame((1, 0, 0.5), (3, 0, 1.0), (3, 1, 0.3))
    pd.testing.assert_frame_equal(read(store), expected)
    pd.testing.assert_frame_equal(read(store, "he-2"), frame((2, 0, 0.7)))
    assert read(store, "he-3").empty
    Pairs.validate(read(store, "he-3"))


@pytest.mark.parametrize("place", [0, 3])
def test_a_corrected_contact_loses_its_pairs(store: Engine, place: int) -> None:
    """Whichever of the two it is; pairs of other contacts stay, and it can be paired again."""
    save(store, (3, 0, 0.9), (2, 1, 0.4))
    corrected = {**ROWS[place], "queue": "תור אחר"}
    with transaction(store) as connection:
        save_contacts(connection, contacts_of([corrected]), str)
        drop_stale_pairs(connection)
    pd.testing.assert_frame_equal(read(store), frame((2, 1, 0.4)))
    save(store, (3, 0, 0.1))
    pd.testing.assert_frame_equal(read(store), frame((2, 1, 0.4), (3, 0, 0.1)))
