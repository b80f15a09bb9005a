"""Stems bring the forms of a word together, and leave short words and numbers alone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp.stems import stem, stem_numbers, stems


@pytest.mark.parametrize(
    "forms",
    [
        ("עמלה", "העמלה", "לעמלות", "והעמלות", "שעמלה"),
        ("נציג", "נציגה", "הנציגים", "לנציגות", "מנציג"),
        ("חיוב", "החיוב", "חיובים", "בחיובים"),
        ("سعر", "السعر", "بالسعر", "والسعر"),
        ("договор", "договора", "договоре"),
    ],
)
def test_forms_of_a_word_share_a_stem(forms: tuple[str, ...]) -> None:
    assert len({stem(form) for form in forms}) == 1


@pytest.mark.parametrize("word", ["לא", "בית", "של", "19.90", "sim", "א", "ال"])
def test_short_words_and_other_scripts_stay(word: str) -> None:
    assert "".join(stems(word)) == word


def test_words_numbers_and_marks_stand_in_their_order() -> None:
    """Shorthand keeps its quotes; a mark is a word of its own."""
    assert stems("לק' מבקש החזר 240 ש\"ח!") == ["לק'", "בקש", "חזר", "240", 'ש"ח', "!"]


def test_quotes_around_a_word_are_marks() -> None:
    assert stems('ביקש "חבילה" וזהו')[1:4] == ['"', *stems("חבילה"), '"']


@given(st.text())
def test_any_text_gets_as_many_numbers_as_stems(text: str) -> None:
    """Equal stems the same number, none of them empty."""
    found = stems(text)
    assert all(found)
    numbers = stem_numbers(text).tolist()
    assert len(numbers) == len(found)
    assert len(set(numbers)) == len(set(found))
