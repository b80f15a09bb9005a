"""Weeks that arrive late: they are searched, and nothing that was known changes."""

from collections.abc import Iterator
from datetime import timedelta

import numpy as np
import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from signals.themes import SEARCHED_NOTES, Known, find_themes
from tests.signals import builders
from tests.signals.theme_notes import FIRST, named, never, notes_of, themes_by_note, until

WEEKS = 16


def bursts(many: int, seed: int) -> pd.DataFrame:
    """Return notes of many weeks whose matters come and go."""
    rng = np.random.default_rng(seed)
    weeks = rng.integers(0, WEEKS, many)
    matters = np.where(rng.random(many) < 0.8, weeks // 2, rng.integers(8, 12, many))
    return notes_of(matters.tolist(), weeks.tolist(), seed)


def arrivals(notes: pd.DataFrame, order: list[int]) -> Iterator[pd.DataFrame]:
    """Yield what is loaded after each week's arrival in an order of weeks."""
    for count in range(1, len(order) + 1):
        came = {FIRST + timedelta(weeks=week) for week in order[:count]}
        yield notes[notes["week"].isin(came)].reset_index(drop=True)


drawn = st.builds(bursts, st.integers(300, 1200), st.integers(0, 99))
orders = st.permutations(range(WEEKS))


def test_a_week_that_arrives_late_is_searched() -> None:
    """Sixty notes of August, long after September's: a theme of August, the next in number."""
    later = [1 + i % 9 for i in range(900)]
    assert later.count(5) * 5 >= SEARCHED_NOTES  # the last weeks do not look back at the first
    notes = notes_of([0] * 900 + [1] * 60, later + [0] * 60)
    before = find_themes(notes.iloc[:900].reset_index(drop=True), named)
    after = find_themes(notes, named, before.known)
    assert after.themes[:-1] == before.themes
    assert (after.place[:900] == before.place).all()
    assert (after.themes[-1].theme_id, after.themes[-1].first_week) == ("2", FIRST)
    assert (after.place[900:] == 1).all()
    assert find_themes(notes, never, after.known).known == after.known


def test_a_late_weeks_notes_about_a_known_theme_are_its() -> None:
    """They make no theme of their own."""
    notes = notes_of([0] * 960, [1 + i % 9 for i in range(900)] + [0] * 60)
    before = find_themes(notes.iloc[:900].reset_index(drop=True), named)
    after = find_themes(notes, named, before.known)
    assert after.known.themes == before.known.themes
    assert (after.place == 0).all()


@builders.FEW
@given(notes=drawn, order=orders)
def test_in_any_order_a_note_keeps_its_theme_and_every_week_is_searched(
    notes: pd.DataFrame, order: list[int]
) -> None:
    """Themes stay as they were, and another search of all weeks would find no more."""
    known, before = Known(), dict[str, str]()
    for part in arrivals(notes, order):
        found = find_themes(part, named, known)
        now = themes_by_note(part, found)
        assert {name: now[name] for name in before} == before
        assert found.known.themes[: len(known.themes)] == known.themes
        known, before = found.known, now
        assert find_themes(part, named, Known(known.themes)).known == known
        assert find_themes(part, never, known).known == known


@builders.FEW
@given(notes=drawn, order=orders, split=st.integers(1, WEEKS - 1), look=st.integers(0, WEEKS))
def test_a_look_at_the_past_agrees_with_the_present(
    notes: pd.DataFrame, order: list[int], split: int, look: int
) -> None:
    """After late weeks too: a note has the theme that it has now, where that exists, or none.

    Whether the past or the present is looked at first changes nothing.
    """
    week = FIRST + timedelta(weeks=look)
    known = Known()
    for part in list(arrivals(notes, order))[:split]:
        known = find_themes(part, named, known).known
    now = find_themes(notes, named, known)
    past = until(notes, week)
    back = find_themes(past, named, known, week)
    assert find_themes(notes, named, back.known).known == now.known
    exist = {theme.theme_id for theme in now.themes if theme.first_week <= week}
    expected = {note: theme for note, theme in themes_by_note(notes, now).items() if theme in exist}
    seen = set(past["contact_id"])
    again = find_themes(past, named, now.known, week)
    assert {theme.theme_id for theme in again.themes} == exist
    assert themes_by_note(past, again) == {n: t for n, t in expected.items() if n in seen}
    assert (np.isnan(again.near) == (again.place < 0)).all()
