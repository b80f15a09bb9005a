"""Noise keeps labels and the place of the evidence."""

import random

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from labels.corpus import read_split
from nlp.augment import FINALS, SHORTHAND, noisy
from nlp.examples import example_of

NOTES = [note for note in read_split("train")[::40] if note.reasons]


@given(place=st.integers(0, len(NOTES) - 1), seed=st.integers(0, 10_000))
def test_evidence_is_found_again(place: int, seed: int) -> None:
    """Spans lie inside the noisy text, in the order that they had, and labels are the same."""
    before = example_of(NOTES[place])
    after = noisy(before, random.Random(seed))
    assert np.array_equal(after.reasons, before.reasons)
    assert np.array_equal(after.churn, before.churn)
    for reason, (start, end) in after.spans.items():
        assert 0 <= start < end <= len(after.text)
        piece = after.text[start:end]
        given_piece = before.text[slice(*before.spans[reason])]
        assert len(piece) <= 2 * len(given_piece) + 4
        same = [letter for letter in piece if letter in given_piece or letter in "'\" "]
        assert len(same) >= len(piece) / 2
    order = sorted(after.spans, key=lambda reason: after.spans[reason])
    assert [before.spans[r][0] for r in order] == sorted(before.spans[r][0] for r in order)


def test_every_kind_of_noise_comes_up() -> None:
    """Over many draws a note is left alone, shortened, mistyped and stripped of its marks."""
    note = read_split("train")[0]
    text = "הלקוח מבקש התקנה, לא קיבל חשבונית. ביטול מיידי."
    example = example_of(note.model_copy(update={"text": text, "evidence": {}, "reasons": ()}))
    seen = {noisy(example, random.Random(seed)).text for seed in range(400)}
    assert text in seen
    assert any(SHORTHAND["התקנה"] in other for other in seen)
    assert any("ביטול מיידי" in other and "." not in other for other in seen)
    assert any(FINALS["ם"] in other or len(other) != len(text) for other in seen)


def test_the_same_draw_gives_the_same_text() -> None:
    example = example_of(NOTES[0])
    assert noisy(example, random.Random(5)) == noisy(example, random.Random(5))
