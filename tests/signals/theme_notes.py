"""Notes about made-up matters, for the tests of themes."""

from collections.abc import Sequence
from datetime import date, timedelta

import numpy as np
import pandas as pd

from labels.frames import issue_text
from signals.slices import Ints
from signals.themes import Themes

FIRST = date(2026, 8, 2)


def named(own: Ints, searched: Ints) -> Sequence[str]:
    return ("מילה", "ועוד")


def unnamed(own: Ints, searched: Ints) -> Sequence[str]:
    return ("מילה",)


def never(own: Ints, searched: Ints) -> Sequence[str]:
    raise AssertionError("what was searched is searched again")


def notes_of(matters: Sequence[int], weeks: Sequence[int], seed: int = 0) -> pd.DataFrame:
    """Return notes about matters: vectors close to one another for one matter, apart for others."""
    rng = np.random.default_rng(seed)
    centres = np.linalg.qr(rng.normal(size=(64, 64)))[0]
    vectors = centres[list(matters)] + rng.normal(0, 0.05, (len(matters), 64))
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return pd.DataFrame(
        {
            "contact_id": [f"k{i:04}" for i in range(len(matters))],
            "week": [FIRST + timedelta(weeks=week) for week in weeks],
            "issue": issue_text(vectors.astype(np.float32)),
        }
    )


def themes_by_note(notes: pd.DataFrame, found: Themes) -> dict[str, str]:
    return {
        contact_id: found.themes[place].theme_id
        for contact_id, place in zip(notes["contact_id"], found.place, strict=True)
        if place >= 0
    }


def until(notes: pd.DataFrame, week: date) -> pd.DataFrame:
    return notes[notes["week"] <= week].reset_index(drop=True)
