"""Bare words: prefixes go, first letters stay."""

import pytest

from labels.corpus import read_split
from nlp.words import Lexicon, corpus_counts, hebrew_words, key_of, stop_words


@pytest.fixture(scope="module")
def lexicon() -> Lexicon:
    return Lexicon()


@pytest.mark.parametrize(
    ("bare", "forms"),
    [
        ("כרטיס", "הכרטיס בכרטיס לכרטיס מהכרטיס שהכרטיס והכרטיס וכשהכרטיס כרטיס"),
        ("סיסמה", "הסיסמה בסיסמה לסיסמה"),
        ("משכנתא", "המשכנתא למשכנתא משכנתא"),
        ("בקשה", "הבקשה לבקשה בקשה"),
        ("העברה", "ההעברה בהעברה להעברה העברה"),
        ("לקוח", "הלקוח ללקוח שהלקוח לקוח"),
        ("מכתב", "המכתב במכתב מכתב"),
        ("שמאי", "השמאי לשמאי שמאי"),
    ],
)
def test_forms_of_a_word_lose_what_is_glued_to_them(
    lexicon: Lexicon, bare: str, forms: str
) -> None:
    """A letter that belongs to the word stays: בקשה is no קשה, לקוח is no קוח."""
    assert {lexicon.bare(form) for form in forms.split()} == {bare}


def test_verbs_stay_whole(lexicon: Lexicon) -> None:
    """The letter of an infinitive or of a passive is no prefix."""
    verbs = "לסגור להעביר לקבל הועבר התקשר הזמין מבקש ביקש"
    assert [lexicon.bare(verb) for verb in verbs.split()] == verbs.split()


def test_a_word_that_the_corpus_lacks_is_known_by_the_notes() -> None:
    """A product that came out yesterday loses its prefixes, where the notes also write it bare."""
    notes = [["בזיגוטל", "זיגוטל"], ["הזיגוטל"], ["לזיגוטל", "זיגוטל"]]
    assert Lexicon().bare("בזיגוטל") == "בזיגוטל"
    lexicon = Lexicon(notes)
    assert {lexicon.bare(word) for words in notes for word in words} == {"זיגוטל"}


def test_plural_and_singular_share_a_key() -> None:
    """An account is not an invoice, though their roots are the same."""
    assert key_of("כרטיסים") == key_of("כרטיס")
    assert key_of("פוליסות") == key_of("פוליסה")
    assert key_of("חשבון") != key_of("חשבונית")


def test_only_hebrew_words_of_two_letters_are_words() -> None:
    """Masks, single letters, abbreviations, numbers and English are none; points do not matter."""
    text = "לק' [שם] חסם כַּרְטִיס ב 12 visa בע\"מ ו[ת.ז.] נגנב"
    assert hebrew_words(text) == ["חסם", "כרטיס", "נגנב"]


def test_stop_words_say_nothing(lexicon: Lexicon) -> None:
    """Nor do they with a prefix."""
    assert lexicon.keyed(hebrew_words("הלקוח שאל אם הכרטיס שלו עדיין שם")) == [("כרטיס", "כרטיס")]
    assert "כרטיס" not in stop_words()


def test_the_counts_are_of_the_corpus() -> None:
    """The file was written by `python -m nlp.words`; the corpus may have grown a little since."""
    words = [word for note in read_split("train") for word in hebrew_words(note.text)]
    assert sum(corpus_counts().values()) == pytest.approx(len(words), rel=0.2)
    assert corpus_counts()["לקוח"] == pytest.approx(words.count("לקוח"), rel=0.2)
