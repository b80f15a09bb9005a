"""Themes: kept from run to run, forgotten with their model."""

import pandas as pd
import pytest
from sqlalchemy import Engine

from keshev.errors import StoreError
from labels.frames import ThemeNotes
from store.session import transaction
from store.themes import (
    add_themes,
    forget_other_themes,
    read_theme_notes,
    read_themes,
    replace_theme_notes,
)
from tests.frames import themes_of


def test_themes_come_back_as_they_were(engine: Engine) -> None:
    """In the order of their numbers: the tenth is not before the second."""
    themes = themes_of(range(1, 12))
    with transaction(engine) as connection:
        add_themes(connection, themes.iloc[5:])
        add_themes(connection, themes.iloc[:5])
        pd.testing.assert_frame_equal(read_themes(connection, "he-1"), themes)
        assert read_themes(connection, "he-2").empty


def test_another_model_forgets_them(engine: Engine) -> None:
    """Its vectors are others."""
    with transaction(engine) as connection:
        add_themes(connection, themes_of(range(1, 4)))
        add_themes(connection, themes_of(range(1, 3), "he-2"))
        forget_other_themes(connection, "he-2")
        assert read_themes(connection, "he-1").empty
        assert len(read_themes(connection, "he-2")) == 2


def test_a_known_theme_is_not_written_over(engine: Engine) -> None:
    """Its number stands for its name in every report so far."""
    with transaction(engine) as connection:
        add_themes(connection, themes_of(range(1, 4)))
    with pytest.raises(StoreError), transaction(engine) as connection:
        add_themes(connection, themes_of(range(3, 5)))


def test_notes_of_themes_are_replaced_as_a_whole(engine: Engine) -> None:
    """Ordered by contact; none still has columns and types."""
    notes = ThemeNotes.validate(
        pd.DataFrame({"contact_id": ["b", "a"], "theme_id": ["1", "2"], "near": [0.75, 1.0]})
    )
    with transaction(engine) as connection:
        for part in (notes, notes.iloc[:1], notes.iloc[:0]):
            replace_theme_notes(connection, part)
            expected = part.sort_values("contact_id", ignore_index=True)
            pd.testing.assert_frame_equal(read_theme_notes(connection), expected)
