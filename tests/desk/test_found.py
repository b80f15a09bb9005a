"""Found notes: whole words are marked, at their places in the text as it was given."""

from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from desk.presenters.found import SHOWN, Stretch, found_notes, hits, stretches, window
from desk.searching.terms import terms_of
from desk.searching.wordindex import WordIndex
from labels.codebook import REASONS
from nlp.searchwords import search_words

TEXT = "לק' ביקשה לבטל הו\"ק (ההוראת קבע של eSIM 240 ש״ח) ולהחזיר את הכרטיסים"


def index_of(*texts: str) -> WordIndex:
    """Return the index of some notes."""
    numbers: dict[str, int] = {}
    said = [
        [*(numbers.setdefault(word, len(numbers) + 1) for word in search_words(text)), 0]
        for text in texts
    ]
    return WordIndex(numbers, np.array([n for note in said for n in note], dtype=np.int32))


def marked(text: str, query: str) -> list[str]:
    """Return what a query marks in a text."""
    index = index_of(text)
    terms = terms_of(query, index.forms)
    ways = [[index.spellings(w) for w in way] for term in terms for way in term.ways]
    return [text[start:end] for start, end in hits(text, ways)]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("כרטיס", ["הכרטיסים"]),
        ("הוראת קבע", ['הו"ק', "ההוראת קבע"]),
        ('הו"ק', ['הו"ק', "ההוראת קבע"]),
        ("לקוח", ["לק'"]),
        ("שקל", ["ש״ח"]),
        ("esim", ["eSIM"]),
        ("240", ["240"]),
        ('"esim 240"', ["eSIM 240"]),
        ('"240 esim"', []),
    ],
)
def test_whole_words_are_marked(query: str, found: list[str]) -> None:
    """What is written onto a word belongs to it; quotes as they were typed."""
    assert marked(TEXT, query) == found


def test_points_and_marks_of_direction_are_inside_the_mark() -> None:
    assert marked("קיבל \u2067זִכּוּי\u2069 מלא", "זיכוי זכוי") == ["זִכּוּי"]


@given(
    text=st.text(max_size=40),
    hit=st.lists(st.tuples(st.integers(-3, 45), st.integers(-3, 45)), max_size=4),
    why=st.lists(
        st.tuples(st.integers(-3, 45), st.integers(-3, 45), st.sampled_from("אב")), max_size=4
    ),
)
def test_the_stretches_joined_are_the_text(
    text: str, hit: list[tuple[int, int]], why: list[tuple[int, int, str]]
) -> None:
    """And each character is marked as the places say, however they overlap."""
    made = stretches(text, hit, why)
    assert "".join(piece.text for piece in made) == text
    each = [piece for piece in made for _ in piece.text]
    for place, piece in enumerate(each):
        assert piece.hit == any(start <= place < end for start, end in hit)
        names = {name for start, end, name in why if start <= place < end}
        assert set(filter(None, piece.reasons.split(", "))) == names


def test_a_long_note_is_shown_around_what_was_found() -> None:
    text = "א " * 500 + "כרטיס" + " ב" * 500
    begin, end = window(text, [1000])
    assert begin < 1000 < end
    assert end - begin == SHOWN
    assert window("קצר", []) == (0, 3)
    assert window(text, []) == (0, SHOWN)
    assert window(text, [len(text) - 1])[1] == len(text)


@dataclass(frozen=True)
class Row:
    """A row as the store gives it."""

    text: str
    evidence: str = '{"service": [0, 4]}'
    contact_id: str = "a"
    customer_id: str | None = None
    contacted_at: datetime = datetime(2026, 9, 6, 21, 30, tzinfo=UTC)
    channel: str = "phone"
    queue: str | None = "גבייה"
    product: str | None = None
    team: str | None = None
    churn_intent: str = "explicit"
    resolution: str = "unstated"
    unclear: bool = True

    def __getattr__(self, name: str) -> bool:
        if name in set(map(str, REASONS)):
            return name == "service"
        raise AttributeError(name)


def test_a_note_is_told_with_what_is_known_of_it() -> None:
    """Local time; what is ordinary or not known is left out."""
    text = "מדבר 5 שפות"
    index = index_of(text)
    (note,) = found_notes(
        [Row(text)], terms_of("שפות -אין", index.forms), index, "Asia/Jerusalem", {}
    )
    assert note.when == "7.9.2026 00:30"
    assert note.where == ("טלפון", "גבייה")
    assert (note.customer_id, note.churn, note.resolution) == ("", "מפורש", "")
    assert note.stretches == (
        Stretch("מדבר", reasons="שירות לקוי"),
        Stretch(" 5 "),
        Stretch("שפות", hit=True),
    )
    assert note.direction == "rtl"
