"""Noise keeps labels and the place of the evidence."""

import random
from dataclasses import replace

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from labels.corpus import read_split
from nlp.augment import FINALS, MOST_REASONS, SHORT, SHORTHAND, joined_notes, noisy, two_in_one
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


@given(places=st.lists(st.integers(0, len(NOTES) - 1), min_size=2, max_size=2), seed=st.integers(0))
def test_two_notes_in_one_say_what_both_say(places: list[int], seed: int) -> None:
    """Every reason of either, with the piece that was its evidence; the graver of the rest."""
    first, second = (example_of(NOTES[place]) for place in places)
    both = two_in_one(first, second, random.Random(seed))
    assert both.text.startswith(first.text)
    assert both.text.endswith(second.text)
    assert set(np.flatnonzero(both.reasons)) == set(first.spans) | set(second.spans)
    for reason, (start, end) in both.spans.items():
        source = first if reason in first.spans else second
        assert both.text[start:end] == source.text[slice(*source.spans[reason])]
    assert both.churn.argmax() == max(first.churn.argmax(), second.churn.argmax())
    assert both.resolution.sum() == 1
    assert both.repeat == max(first.repeat, second.repeat)


def test_short_notes_are_joined_and_no_contact_of_a_journey() -> None:
    examples = [example_of(note) for note in NOTES]
    made = joined_notes(examples, 30, random.Random(1))
    assert len(made) == 30
    assert max(len(one.text) for one in made) <= 2 * SHORT + 3
    assert max(one.reasons.sum() for one in made) <= MOST_REASONS
    contacts = [replace(one, journey="j") for one in examples]
    assert joined_notes(contacts, 30, random.Random(1)) == []
    assert joined_notes(examples[:1], 30, random.Random(1)) == []
