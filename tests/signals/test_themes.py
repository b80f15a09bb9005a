"""Themes: kept whatever arrives later, the same in any order of rows, found from 50 notes up."""

from datetime import timedelta

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from labels.frames import Signals, issue_text, issue_vectors
from signals.theme_figures import theme_figures
from signals.theme_groups import NEAR
from signals.themes import LEAST_NOTES, Known, find_themes, unexplained
from tests.signals import builders, twins
from tests.signals.theme_notes import FIRST, named, never, notes_of, themes_by_note, unnamed, until

drawn = st.builds(
    lambda matters, seed: notes_of(
        matters, [(7 * i + seed) % 6 for i in range(len(matters))], seed
    ),
    st.lists(st.integers(0, 6), min_size=45, max_size=160),
    st.integers(0, 99),
)


@builders.FEW
@given(notes=drawn)
def test_a_note_keeps_its_theme_when_later_weeks_arrive(notes: pd.DataFrame) -> None:
    """Week by week, every note that had a theme has the same one, with the same name and centre."""
    before: dict[str, str] = {}
    known = Known()
    for week in sorted(set(notes["week"])):
        part = until(notes, week)
        found = find_themes(part, named, known)
        now = themes_by_note(part, found)
        assert {name: now.get(name) for name in before} == before
        assert found.known.themes[: len(known.themes)] == known.themes
        before, known = now, found.known
    once = find_themes(notes, named)
    assert once.known == known
    assert themes_by_note(notes, once) == before


@builders.FEW
@given(notes=drawn)
def test_a_second_run_finds_nothing_new(notes: pd.DataFrame) -> None:
    """The same data gives the same themes, and is not searched again."""
    first = find_themes(notes, named)
    again = find_themes(notes, never, first.known)
    assert again.known == first.known
    assert (again.place == first.place).all()


@builders.FEW
@given(notes=drawn, week=st.integers(0, 5))
def test_what_was_found_later_does_not_exist_earlier(notes: pd.DataFrame, week: int) -> None:
    """A look back, with --as-of, shows what was shown then, and forgets nothing."""
    part = until(notes, FIRST + timedelta(weeks=week))
    now = find_themes(notes, named)
    back = find_themes(part, named, now.known)
    assert themes_by_note(part, back) == themes_by_note(part, find_themes(part, named))
    assert back.known.themes == now.known.themes


@builders.FEW
@given(notes=drawn)
def test_every_note_of_a_theme_is_near_its_centre(notes: pd.DataFrame) -> None:
    """And no note without one is near any."""
    found = find_themes(notes, named)
    if not found.themes:
        return
    cosine = issue_vectors(notes["issue"]) @ issue_vectors([t.centre for t in found.themes]).T
    own = found.place >= 0
    assert (cosine[own, found.place[own]] >= NEAR - 0.01).all()
    assert (cosine[~own] <= NEAR + 0.01).all()
    assert np.isnan(found.near[~own]).all()


def test_each_matter_is_a_theme_and_strays_have_none() -> None:
    """Three matters of twenty notes and two strays."""
    matters = [0] * 20 + [1] * 20 + [2] * 20 + [3, 4]
    found = find_themes(notes_of(matters, [0] * 62), named)
    assert len(found.themes) == 3
    assert [len(set(found.place[at : at + 20])) for at in (0, 20, 40)] == [1, 1, 1]
    assert found.place[60:].tolist() == [-1, -1]


@pytest.mark.parametrize(("many", "themes"), [(0, 0), (1, 0), (49, 0), (50, 1)])
def test_fifty_notes_are_needed(many: int, themes: int) -> None:
    """Fewer are counted, and nothing is searched."""
    assert LEAST_NOTES == 50
    notes = notes_of([0] * many, [0] * many)
    found = find_themes(notes, named)
    assert len(found.themes) == themes
    assert found.candidates == ({FIRST: many} if many else {})


def test_fifty_notes_of_ten_thin_weeks_are_enough() -> None:
    """Where the last five weeks hold few, earlier ones are searched too."""
    found = find_themes(notes_of([0] * 50, [i % 10 for i in range(50)]), named)
    assert [theme.first_week for theme in found.themes] == [FIRST + timedelta(weeks=9)]
    assert (found.place == 0).all()


def test_an_older_theme_keeps_what_is_nearer_to_a_younger_one() -> None:
    """Notes at 38 degrees belong to the theme at 0, also when a theme at 50 is found later."""
    degrees = np.radians([0] * 60 + [38] * 5 + [50] * 40)
    vectors = np.zeros((len(degrees), 64), dtype=np.float32)
    vectors[:, 0], vectors[:, 1] = np.cos(degrees), np.sin(degrees)
    notes = notes_of([0] * 105, [0] * 65 + [1] * 40).assign(issue=issue_text(vectors))
    found = find_themes(notes, named)
    assert [theme.first_week for theme in found.themes] == [FIRST, FIRST + timedelta(weeks=1)]
    assert found.place.tolist() == [0] * 65 + [1] * 40


def test_identical_notes_are_one_theme() -> None:
    """All sixty of them, at the centre itself."""
    notes = notes_of([0] * 60, [0] * 60)
    found = find_themes(notes.assign(issue=notes["issue"].iloc[0]), named)
    assert (found.place == 0).all()
    assert found.near.min() > 0.999


def test_what_nobody_can_name_is_no_theme() -> None:
    """Notes that are alike to the model and share no two words."""
    notes = notes_of([0] * 60, [0] * 60)
    found = find_themes(notes, unnamed)
    assert not found.themes
    assert not find_themes(notes, never, found.known).themes


def test_a_larger_week_is_searched_again() -> None:
    """A run in the middle of a week does not close it."""
    notes = notes_of([0] * 60 + [1] * 30, [0] * 60 + [1] * 30)
    half = find_themes(notes.iloc[:63].reset_index(drop=True), named)
    assert len(half.themes) == 1
    assert len(find_themes(notes, named, half.known).themes) == 2


def test_unexplained_are_classified_inbound_or_surveys_without_a_reason() -> None:
    """Unclear ones too; in order of contact id."""
    rows = [
        {"contacted_at": "2026-10-05 09:00", "direction": direction, "channel": channel}
        for direction, channel in [("in", "phone")] * 4 + [("out", "phone"), ("in", "survey")]
    ]
    contacts = builders.contact_frame(rows)
    labels = {"k000": {}, "k001": {"reasons": ["budget"]}, "k002": {"unclear": True}}
    predictions = builders.prediction_frame(labels | {"k004": {}, "k005": {}}).assign(issue="AA==")
    found = unexplained(contacts.iloc[::-1], predictions)
    assert found["contact_id"].tolist() == ["k000", "k002", "k005"]


@builders.FEW
@given(notes=drawn, extra=st.integers(0, 40))
def test_figures_equal_their_twin(notes: pd.DataFrame, extra: int) -> None:
    """Counted note by note; growth by the twin of the reasons' changes."""
    found = find_themes(notes, named)
    weeks = sorted(set(notes["week"]))
    classified = pd.Series([int((notes["week"] == w).sum()) + extra for w in weeks], index=weeks)
    figures = Signals.validate(theme_figures(notes, found, classified))
    by_key = {(r.week, r.slice, r.metric): r for r in figures.itertuples(index=False)}
    own = themes_by_note(notes, found)
    for theme in found.themes:
        cut = f"theme={theme.theme_id}"
        counts = {
            week: (sum(own.get(i) == theme.theme_id for i in part["contact_id"]), classified[week])
            for week, part in notes.groupby("week")
        }
        for week in weeks:
            if (week, cut, "theme_count") not in by_key:
                spans = [timedelta(weeks=k) for k in range(5)]
                assert not any(counts.get(week - span, (0, 0))[0] for span in spans)
                continue
            assert by_key[week, cut, "theme_count"].value == counts[week][0]
            share = counts[week][0] / counts[week][1]
            assert by_key[week, cut, "theme_share"].value == pytest.approx(share, abs=2e-6)
            expected = twins.change(counts, week) or (float("nan"), float("nan"))
            change, p = (by_key[week, cut, f"theme_change{end}"].value for end in ("", "_p"))
            assert (change, p) == pytest.approx(expected, abs=2e-6, nan_ok=True)


def test_no_notes_give_no_figures_but_the_count() -> None:
    """A store whose every contact has a reason."""
    notes = notes_of([], [])
    classified = pd.Series([7], index=[FIRST])
    figures = theme_figures(notes, find_themes(notes, named), classified)
    assert figures[["metric", "value"]].to_numpy().tolist() == [["theme_candidates", 0.0]]
    assert theme_figures(notes, find_themes(notes, named), classified.iloc[:0]).empty


def test_a_burst_is_significant_and_a_steady_theme_is_not() -> None:
    """Thirty notes in a week after none, beside a theme of twenty a week."""
    matters = [0] * 100 + [1] * 30
    weeks = [i % 5 for i in range(100)] + [4] * 30
    notes = notes_of(matters, weeks)
    found = find_themes(notes, named)
    classified = pd.Series([200] * 5, index=sorted(set(notes["week"])))
    figures = theme_figures(notes, found, classified)
    last = figures[figures["week"] == classified.index[-1]].set_index(["slice", "metric"])["value"]
    moved = [
        last[f"theme={found.themes[found.place[at]].theme_id}", "theme_change_significant"]
        for at in (0, 129)
    ]
    assert moved == [0.0, 1.0]
