"""What happens to values on their way into a database and back."""

import json
from datetime import UTC, date, datetime

import numpy as np
import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from store.rows import chunks, digest, storable, to_rows

ANY_TEXT = st.text(st.characters(exclude_categories=()))  # with lone surrogates and NUL


def test_missing_values_are_none_and_numbers_are_plain() -> None:
    """Drivers take neither numpy's scalars nor the four ways in which pandas says nothing."""
    moment = pd.Timestamp("2026-09-06 05:30:00.123456", tz="UTC")
    frame = pd.DataFrame(
        {
            "text": ["שלום", None],
            "moment": pd.Series([moment, pd.NaT], dtype="datetime64[us, UTC]"),
            "number": [np.float64(2.5), np.nan],
            "count": np.array([1, 2]),
            "flag": pd.Series([np.bool_(True), pd.NA], dtype=object),
            "day": [date(2026, 9, 6), None],
        }
    )
    first, second = to_rows(frame)
    assert first == {
        "text": "שלום",
        "moment": datetime(2026, 9, 6, 5, 30, 0, 123456, tzinfo=UTC),
        "number": 2.5,
        "count": 1,
        "flag": True,
        "day": date(2026, 9, 6),
    }
    assert [type(value) for value in first.values()] == [str, datetime, float, int, bool, date]
    assert second == dict.fromkeys(first) | {"count": 2}


@given(ANY_TEXT)
def test_storable_texts_are_utf8_of_the_same_length(text: str) -> None:
    """Places of evidence stay right, and what can be stored is not touched."""
    kept = storable(text)
    assert len(kept) == len(text)
    assert "\x00" not in kept
    assert kept.encode("utf-8").decode("utf-8") == kept
    assert all(new in (old, "\ufffd") for old, new in zip(text, kept, strict=True))
    if text.encode("utf-8", "ignore").decode("utf-8") == text.replace("\x00", "") == text:
        assert kept == text


PARTS = st.lists(st.one_of(ANY_TEXT, st.none(), st.booleans(), st.integers(), st.floats()))


@given(PARTS, PARTS)
def test_digests_differ_when_the_values_do(one: list[object], other: list[object]) -> None:
    """A boundary between two values counts; any text has a digest."""
    assert (digest(*one) == digest(*other)) == (json.dumps(one) == json.dumps(other))
    assert digest(*one) == digest(*one)
    assert digest("a", "b") != digest("ab") != digest("a,b")


@given(st.lists(st.integers()), st.integers(1, 5))
def test_chunks_are_the_items_in_order(items: list[int], size: int) -> None:
    """Nothing is lost at the edge of a statement."""
    parts = list(chunks(items, size))
    assert [item for part in parts for item in part] == items
    assert all(0 < len(part) <= size for part in parts)
