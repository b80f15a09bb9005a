"""A file read again with another profile or key."""

from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest
from pydantic import SecretStr

from keshev.errors import StoreError
from keshev.settings import Settings
from tests.flows.rereading.shop import NO_ID, OWN, WORDS, Shop, line, lines


@pytest.mark.parametrize("columns", [OWN, NO_ID])
def test_a_mended_channel_clears_the_quarantine(shop: Shop, columns: dict[str, str]) -> None:
    """The file stands once in the ledger, and the rows are stored instead of set aside."""
    shop.write([*lines(1, 3), line(4, ערוץ="צ׳אט"), line(5, ערוץ="צ׳אט")])
    shop.read(columns)
    assert (shop.ledger, shop.quarantined) == ([(5, 3, 0, 0, 2)], [5, 6])
    shop.classify()
    shop.read(columns, values={"channel": {**WORDS, "צ׳אט": "chat"}})
    assert (shop.ledger, shop.quarantined) == ([(5, 5, 0, 0, 0)], [])
    assert len(shop.contacts) == 5
    assert shop.predicted() == 3  # the texts did not change: nothing is classified twice


MENDED = [
    {"dates": {"order": "mdy"}},
    {"name": "calls"},
    {"columns": {**NO_ID, "customer_id": "מס פנייה"}},
    {"columns": OWN},
]


@pytest.mark.parametrize("columns", [OWN, NO_ID])
@pytest.mark.parametrize("changes", MENDED)
def test_a_mended_profile_leaves_what_it_alone_would_give(
    shop: Shop, fresh: Callable[[], Shop], columns: dict[str, str], changes: dict[str, Any]
) -> None:
    """Order of dates, name, customer column, contact column: no row stands twice."""
    shop.write(lines(1, 9))
    shop.read(columns)
    shop.classify()
    shop.read(**({"columns": columns} | changes))
    alone = fresh()
    alone.write(lines(1, 9))
    alone.read(**({"columns": columns} | changes))
    pd.testing.assert_frame_equal(shop.contacts, alone.contacts)
    assert shop.ledger == alone.ledger == [(9, 9, 0, 0, 0)]
    assert shop.state()["contact_readings"] == alone.state()["contact_readings"]


def test_a_key_set_later_is_refused(shop: Shop) -> None:
    """Two keys, or none and one, would split each customer in two: the store is as it was."""
    shop.write(lines(1, 6))
    shop.read()
    shop.settings = shop.settings.model_copy(update={"pseudonym_key": _secret()})
    with pytest.raises(StoreError, match="without a key"):
        shop.read()
    assert len(shop.contacts) == 6
    assert not shop.contacts["customer_id"].str.startswith("p_").any()


def _secret() -> SecretStr | None:
    return Settings(pseudonym_key="מפתח סודי לבדיקה ארוך דיו לכל צורך").pseudonym_key
