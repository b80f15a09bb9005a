"""Slices: each note in one of each kind, and figures as if the slice were all there is."""

import unicodedata
from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from labels.annotation import LabelledNote
from nlp.evaluation_scores import macro_f1, tables_of, truth_of
from nlp.evaluation_slices import FEWEST, KINDS, language_of, length_of, slices
from nlp.heads import Decisions, decide
from tests.nlp.labelled import note, note_lists, random_logits

LETTERS = "אבםשיаяёїЯابتيپ\ufe8d\ufb2bzéß日\u0301\u05b8\u064e 12.،-"


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("לקוח ביקש להתנתק", "Hebrew"),
        ("хочет уйти, сказал נציג", "Russian"),
        ("הלקוחה אמרה спасибо", "Hebrew"),
        ("الزبون يريد الغاء", "Arabic"),
        ("tbh kt rumv", "other"),
        ("12:30 ✓", "other"),
        ("", "other"),
    ],
)
def test_the_script_of_most_letters_tells_the_language(text: str, language: str) -> None:
    """Mixed notes go by most of their letters; digits and signs belong to no language."""
    assert language_of(text) == language


@given(st.text(LETTERS, max_size=12))
def test_scripts_are_unicodes(text: str) -> None:
    """The blocks tell the scripts that Unicode's own names of the letters tell."""
    names = {"HEBREW": "Hebrew", "CYRILLIC": "Russian", "ARABIC": "Arabic"}
    counts = Counter(
        names.get(unicodedata.name(char).split()[0], "other") for char in text if char.isalpha()
    )
    most = max(counts.values(), default=0)
    found = language_of(text)
    assert counts[found] == most
    assert most or found == "other"


@pytest.mark.parametrize(
    ("count", "name"),
    [(1, "up to 40"), (40, "up to 40"), (41, "41-120"), (120, "41-120"), (121, "121-300"),
     (300, "121-300"), (301, "longer")],
)  # fmt: skip
def test_length_has_these_edges(count: int, name: str) -> None:
    """Each class holds its upper edge."""
    assert length_of("א" * count) == name


@settings(max_examples=30)
@given(note_lists(60), st.integers(0, 99))
def test_a_slice_is_what_its_notes_give_alone(notes: list[LabelledNote], seed: int) -> None:
    """Every kind holds each note once, and a slice's figures are those of its notes alone."""
    decisions = decide(random_logits(len(notes), seed))
    found = slices(notes, tables_of(decisions, truth_of(notes)))
    for kind in KINDS:
        assert sum(each.n for each in found if each.by == kind) == len(notes)
    for each in (each for each in found if each.by == "channel"):
        rows = [i for i, one in enumerate(notes) if one.channel == each.value]
        assert each.n == len(rows)
        assert (each.f1 is None) == (len(rows) < FEWEST)
        if each.f1 is not None:
            own = Decisions(**{name: part[rows] for name, part in vars(decisions).items()})
            alone = macro_f1([notes[i] for i in rows], own)
            assert [value or 0 for value in each.f1.values()] == pytest.approx(list(alone.values()))


def test_small_and_empty_slices_show_no_figure() -> None:
    """Their number of notes is told, and languages without a note are told too."""
    notes = [note([0], channel="phone")] * 20 + [note([0], channel="fax")] * 19
    logits = random_logits(39, 1)
    logits.repeat[:] = -9
    found = {
        (each.by, each.value): each
        for each in slices(notes, tables_of(decide(logits), truth_of(notes)))
    }
    assert (found["channel", "fax"].n, found["channel", "fax"].f1) == (19, None)
    phone = found["channel", "phone"].f1
    assert phone is not None
    assert phone["reasons"] is not None
    assert phone["repeat"] is None  # never true, never predicted
    assert (found["language", "Arabic"].n, found["language", "Hebrew"].n) == (0, 39)
    assert not np.isnan([value for value in phone.values() if value is not None]).any()
