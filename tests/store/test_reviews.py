"""Reviews: one row a contact and person, whoever labels again replaces the own row."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pandas as pd
import pytest
from sqlalchemy import Engine

from store.audits import LABELS
from store.desk_session import desk_reading, desk_writing, open_desk_store
from store.reviews import COLUMNS, Source, read_reviews, save_review

AT = datetime(2026, 3, 1, 9, 30, 1, 5, tzinfo=UTC)


@pytest.fixture
def desk(store_url: str) -> Iterator[Engine]:
    """An empty desk store, once in each kind of database."""
    opened = open_desk_store(store_url)
    yield opened
    opened.dispose()


def labels(*names: str, churn: str = "none", resolution: str = "unstated") -> dict[str, Any]:
    """Return labels of which these reasons (or `repeat`) are given."""
    values: dict[str, Any] = {name: name in names for name in LABELS}
    return {**values, "churn_intent": churn, "resolution": resolution}


def save(
    desk: Engine,
    contact_id: str,
    user_name: str,
    said: dict[str, Any],
    at: datetime = AT,
    source: Source = "review",
) -> None:
    with desk_writing(desk) as connection:
        save_review(
            connection,
            contact_id=contact_id,
            text_digest=f"digest of {contact_id}",
            user_name=user_name,
            at=at,
            source=source,
            labels=said,
        )


def read(desk: Engine) -> pd.DataFrame:
    with desk_reading(desk) as connection:
        return read_reviews(connection)


def test_labels_come_back_as_they_were_given(desk: Engine) -> None:
    said = labels("trust", "neglect", "repeat", churn="explicit", resolution="open")
    save(desk, "b", "dana", said)
    save(desk, "a", "noa", labels(), source="case")
    found = read(desk)
    assert list(found) == list(COLUMNS)
    assert list(found["contact_id"]) == ["a", "b"]
    assert found.iloc[1][list(LABELS)].to_dict() == said
    assert found.iloc[1]["at"] == AT
    assert list(found["source"]) == ["case", "review"]
    assert found["trust"].dtype == bool


def test_who_labels_again_replaces_the_own_row_alone(desk: Engine) -> None:
    save(desk, "a", "dana", labels("trust"))
    save(desk, "a", "noa", labels("budget"))
    save(desk, "a", "dana", labels("value"), at=AT + timedelta(hours=1))
    found = read(desk)
    assert list(found["user_name"]) == ["dana", "noa"]
    assert list(found["trust"]) == [False, False]
    assert list(found["value"]) == [True, False]
    assert list(found["budget"]) == [False, True]
    assert found["at"].iloc[0] == AT + timedelta(hours=1)


def test_no_review_is_an_empty_frame(desk: Engine) -> None:
    assert list(read(desk)) == list(COLUMNS)
    assert read(desk).empty


@pytest.mark.parametrize(
    "wrong", [{"churn_intent": "soon"}, {"resolution": "none"}, {"weather": True}]
)
def test_labels_outside_the_codebook_are_refused(desk: Engine, wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"not a valid|unknown labels"):
        save(desk, "a", "dana", {**labels(), **wrong})
    assert read(desk).empty


def test_a_missing_label_is_refused(desk: Engine) -> None:
    said = labels()
    del said["repeat"]
    with pytest.raises(ValueError, match="repeat"):
        save(desk, "a", "dana", said)
