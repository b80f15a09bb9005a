"""Clauses cover a note in order; evidence is whole words of it."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nlp.clauses import MOST_WORDS, clauses, snap

NOTES = st.text(st.one_of(st.sampled_from("אבגד ,.;!?-\n\"' 12[]"), st.characters()), max_size=80)
WORDY = st.lists(
    st.sampled_from(["לקוח", "אבל", "כי", "ולכן", ",", ".", "-", "49.90", "ת.ז.", "\n", "[טלפון]"]),
    max_size=90,
).map(" ".join)


def pieces(text: str) -> list[str]:
    return [text[start:end] for start, end in clauses(text)]


@given(st.one_of(NOTES, WORDY))
@settings(max_examples=50)
def test_clauses_cover_all_that_is_no_space_in_order(text: str) -> None:
    """No word of a note may fall out of its clauses, and none may stand in two."""
    places = clauses(text)
    at = 0
    for start, end in places:
        assert not text[at:start].strip()
        assert at <= start < end <= len(text)
        assert text[start:end] == text[start:end].strip()
        at = end
    assert not text[at:].strip()


@given(WORDY)
@settings(max_examples=50)
def test_no_clause_is_longer_than_the_limit(text: str) -> None:
    """A clause is shown as evidence: it stays readable."""
    for piece in pieces(text):
        assert sum(bool(re.search(r"\w", word)) for word in piece.split()) <= MOST_WORDS


@pytest.mark.parametrize(
    ("note", "expected"),
    [
        (
            "לק' ללא גלישה מאתמול,אופס נתב לא עזר,תואם טכ' למחר 8-12",
            ["לק' ללא גלישה מאתמול,", "אופס נתב לא עזר,", "תואם טכ' למחר 8-12"],
        ),
        (
            "שילם 49.90 ב-12.9.2026 באתר 012.net, ת.ז. אומתה",
            ["שילם 49.90 ב-12.9.2026 באתר 012.net,", "ת.ז. אומתה"],
        ),
        (
            "ביקש לבטל אבל המחיר ירד לו ולכן נשאר איתנו",
            ["ביקש לבטל", "אבל המחיר ירד לו", "ולכן נשאר איתנו"],
        ),
        ("הובטח זיכוי - לא קיבל כלום", ["הובטח זיכוי -", "לא קיבל כלום"]),
        ("מה עושים?? מחכה יומיים!\nתחזרו", ["מה עושים??", "מחכה יומיים!", "תחזרו"]),
        ("נמאס לי.תנתקו אותי", ["נמאס לי.", "תנתקו אותי"]),
        ("תודה, טוב", ["תודה, טוב"]),
        ("לא רוצה כי יקר", ["לא רוצה", "כי יקר"]),
        ('1,250 ש"ח ירדו לו היום', ['1,250 ש"ח ירדו לו היום']),
        ("", []),
        (" \n ", []),
    ],
)
def test_notes_are_split_where_a_reader_would(note: str, expected: list[str]) -> None:
    """Amounts, dates, sites and abbreviations are no ends; openers and commas are."""
    assert pieces(note) == expected


@given(st.one_of(NOTES, WORDY), st.integers(0, 80), st.integers(0, 80), st.integers(1, 12))
@settings(max_examples=50)
def test_snap_gives_whole_words(text: str, a: int, b: int, most: int) -> None:
    """Evidence is never empty, never half a word, never longer than asked."""
    start, end = snap(text, min(a, b, len(text)), min(max(a, b), len(text)), most)
    if not any(character.isalnum() for character in text):
        return
    piece = text[start:end]
    assert any(character.isalnum() for character in piece)
    assert piece == piece.strip(" ,;!?\n")
    assert sum(bool(re.search(r"\w", word)) for word in piece.split()) <= most
    for edge in (start, end):
        if 0 < edge < len(text):
            assert not ("א" <= text[edge - 1] <= "ת" and "א" <= text[edge] <= "ת")


@pytest.mark.parametrize(
    ("text", "part", "expected"),
    [
        ("הלקוח, כועס מאוד!", "עס מא", "כועס מאוד"),
        ("הלקוח, כועס מאוד!", ", ", "הלקוח"),
        ('נמסר ע"י הנציגה שלנו', '"י הנצ', 'ע"י הנציגה'),
        ('חויב 49.90 ש"ח.', ".9", "49.90"),
        ("חזרו ל[טלפון] מחר", "טלפ", "[טלפון]"),
        ("ריבית של 5.9% בשנה", "5", "5.9%"),
        ("בן-גוריון לא ענה", "גור", "בן-גוריון"),
    ],
)
def test_snap_grows_a_place_to_words(text: str, part: str, expected: str) -> None:
    """What the model points at becomes something that a manager can read."""
    begin = text.index(part)
    start, end = snap(text, begin, begin + len(part))
    assert text[start:end] == expected


def test_snap_keeps_the_first_words_of_a_long_place() -> None:
    """A place over the limit is cut at a word."""
    text = " ".join(["מילה"] * 30)
    start, end = snap(text, 0, len(text), 12)
    assert text[start:end] == " ".join(["מילה"] * 12)


def test_snap_of_a_text_without_words_is_empty() -> None:
    """There is nothing to show, and nothing fails."""
    assert snap(" ...!", 1, 3) == (0, 0)


@pytest.mark.parametrize("piece", ["שלום, ", "א", "\n", ". ", "'"])
def test_a_huge_note_is_split_to_its_end(piece: str) -> None:
    """The last of 200,000 characters are a clause of their own as in a short note."""
    text = piece * (200_000 // len(piece)) + "\nבסוף שילם"
    start, end = clauses(text)[-1]
    assert text[start:end] == "בסוף שילם"
