"""No note nearly stands twice, and the search finds what it is meant to find."""

import random
from typing import get_args

from labels.annotation import LabelledNote
from labels.corpus import Split, read_split
from labels.duplicates import jaccard, near_duplicates, shingles

LETTERS = "אבגדהוזחטיכלמנסעפצקרשת "


def note(name: str, text: str) -> LabelledNote:
    return LabelledNote(id=name, text=text, channel="phone", industry="bank", voice="plain")


def invented(length: int, seed: int) -> str:
    return "לקוח אמר ש " + "".join(random.Random(seed).choices(LETTERS, k=length))


def test_no_note_nearly_stands_twice() -> None:
    """MinHash over character 5-grams: no near-duplicates, within splits or across them."""
    splits = {split: read_split(split) for split in get_args(Split)}
    assert near_duplicates(splits) == []


def test_a_retyped_note_is_found_across_splits() -> None:
    """A word more and other spaces do not hide a copy, and both places are named."""
    text = invented(150, seed=1)
    splits = {
        "train": [note("a1", text), note("a2", invented(150, seed=2))],
        "test": [note("d1", text.replace(" ", "\n ") + " תודה")],
    }
    (pair,) = near_duplicates(splits)
    assert (pair.first, pair.second) == ("train/a1", "test/d1")
    assert 0.9 < pair.similarity < 1


def test_a_short_note_may_stand_twice() -> None:
    """Three words are passed over, four are not."""
    three, four = "אין מענה בקו", "אין מענה בקו שלכם"
    assert near_duplicates({"train": [note("a1", three), note("a2", three)]}) == []
    assert len(near_duplicates({"train": [note("a1", four), note("a2", four)]})) == 1


def test_hashing_agrees_with_every_pair_compared() -> None:
    """On random copies with growing damage, clear pairs are found and clear others are not."""
    rng = random.Random(3)
    notes = []
    for number in range(40):
        text = invented(200, seed=number)
        cut = rng.randrange(200)
        damaged = text[:cut] + invented(200 - cut, seed=1000 + number)
        notes += [note(f"a{number}", text), note(f"b{number}", damaged)]
    found = {(pair.first, pair.second) for pair in near_duplicates({"train": notes})}
    for i, one in enumerate(notes):
        for other in notes[i + 1 :]:
            similarity = jaccard(shingles(one.text), shingles(other.text))
            if similarity > 0.85 or similarity < 0.25:
                pair = (f"train/{one.id}", f"train/{other.id}")
                assert (pair in found) == (similarity > 0.85)
