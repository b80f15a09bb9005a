"""What the classifier reads: the same letters however they were typed, each with its origin."""

import re
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nlp.keyboard import KEYS, retype
from nlp.normalize import clean, fingerprint_text, normalize

# Any code point, lone surrogates too, with what notes are made of drawn often.
HARD = st.text(
    st.one_of(
        st.sampled_from(
            "אבגםן akuotbhrcv,.;/'\"-–־״׳\u05b8\u200f\u202e\ufeff\x00\n\t\xa0\ufb2a\ud83d"
        ),
        st.characters(),
        st.characters(categories=("Cs",)),
    ),
    max_size=60,
)
TYPED = st.lists(
    st.sampled_from(
        [
            "akuo",
            "tbh",
            "kt",
            "rumv",
            "the",
            "to",
            "go",
            "wifi",
            "user",
            "גב",
            "x2",
            "zv",
            "fi,",
            "an.",
        ]
    ),
    max_size=12,
).map(" ".join)


@given(st.one_of(HARD, TYPED))
@settings(max_examples=50)
def test_normalising_twice_changes_nothing_more(text: str) -> None:
    """Idempotence: what is stored normalised is what a new reading would give."""
    once = normalize(text).text
    assert normalize(once).text == once


@given(HARD)
@settings(max_examples=50)
def test_origin_rises_and_each_character_comes_from_its_place(text: str) -> None:
    """Evidence is marked in the given text: a wrong origin would mark the wrong words."""
    result = normalize(text)
    origin = list(result.origin)
    assert len(origin) == len(result.text)
    assert all(a < b for a, b in pairwise(origin))
    assert all(0 <= at < len(text) for at in origin)
    for character, at in zip(result.text, origin, strict=True):
        if "א" <= text[at] <= "ת":
            assert character == text[at]


@given(HARD.filter(lambda text: not re.search("[a-z]", text)))
@settings(max_examples=50)
def test_text_without_latin_letters_is_never_retyped(text: str) -> None:
    """The layout step must not touch what was typed in Hebrew."""
    assert retype(text) == text


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("שָׁלוֹם עוֹלָם", "שלום עולם"),
        ("בְּרֵאשִׁ֖ית בָּרָ֣א", "בראשית ברא"),
        ("תל־אביב – מחר", "תל-אביב - מחר"),
        ("ת״א ׳כן׳ “לא” ’טוב‘", "ת\"א 'כן' \"לא\" 'טוב'"),
        ("\ufeff \u200fשלום\u200e\xa0\t\r\n עולם  ", "שלום עולם"),
        ("ש\x00לו\ud800ם", "שלום"),
        ("\ufb2aלו\ufb26 \ufb35ו", "שלום וו"),
        ("", ""),
        (" \n ", ""),
    ],
)
def test_characters_are_made_plain(typed: str, expected: str) -> None:
    """Points, marks, dashes, quotes, presentation forms and white space of real exports."""
    assert normalize(typed).text == expected


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("akuo", "שלום"),
        ("tbh kt rumv", "אני לא רוצה"),
        ("akuo, tbh rumv kcyk t, vnbuh", "שלום, אני רוצה לבטל את המנוי"),
        ("akuo' vrtuyr kt gucs/", "שלום, הראוטר לא עובד."),
        ("הלקוח כתב rumv kcyk ונותק", "הלקוח כתב רוצה לבטל ונותק"),
        ("(akuo)", "(שלום)"),
    ],
)
def test_the_wrong_keyboard_layout_is_retyped(typed: str, expected: str) -> None:
    """A note typed with the keyboard in English is a Hebrew note."""
    assert normalize(typed).text == expected


@pytest.mark.parametrize(
    "text",
    [
        "wifi sms iphone netflix",
        "FTTH CRM VIP AKUO",
        "600 mb usb vdi tkt up",
        "dana@walla.co.il www.bezeq.co.il",
        "thanks a lot, the user is on hold, please check the data asap",
        "הנתב ZTE f680 עם mesh, בדיקת speedtest",
        "must cut. 12 עמדות up. go live",
        "the to by as that be are use any no",
    ],
)
def test_english_and_product_names_stay(text: str) -> None:
    """Retyping needs strong evidence: a wrong one would destroy a word."""
    assert normalize(text).text == text


def test_most_notes_typed_in_the_wrong_layout_come_back() -> None:
    """The rule reaches real notes, not only the examples above."""
    notes = [
        "הלקוחה מבקשת לבטל את המנוי כי המחיר עלה",
        "טכנאי לא הגיע פעמיים ואף אחד לא חזר אליה",
        "רוצה לעבור לחברה אחרת בגלל השירות",
        "ביקש זיכוי על חודש שבו לא היתה גלישה",
        "שואלת מתי יגיע השליח עם הנתב החדש",
    ]
    keys = {letter: key for key, letter in KEYS.items()}
    words = [(word, "".join(keys[c] for c in word)) for note in notes for word in note.split()]
    typed = " ".join(key for _, key in words)
    back = retype(typed).split(" ")
    right = sum(word == read for (word, _), read in zip(words, back, strict=True))
    assert right / len(words) >= 0.9


@pytest.mark.parametrize("piece", ["שלום ", "akuo ", "\u05b0א", " ", "a,", "((", "\x00"])
def test_a_million_characters_are_read_to_their_end(piece: str) -> None:
    """A huge note is normalised whole, and its last word is still known to be its last."""
    text = piece * (1_000_000 // len(piece)) + " סוף"
    item = normalize(text)
    assert item.text.endswith("סוף")
    assert [text[place] for place in item.origin[-3:]] == list("סוף")


@given(HARD)
@settings(max_examples=50)
def test_clean_text_can_be_stored_and_printed(text: str) -> None:
    """NUL and lone surrogates break databases and terminals; letters are never lost."""
    cleaned = clean(text)
    assert cleaned.encode("utf-8").decode("utf-8") == cleaned
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e]", cleaned)
    assert clean(cleaned) == cleaned
    assert [c for c in cleaned if c.isalpha()] == [c for c in text if c.isalpha()]


def test_clean_leaves_the_rest_as_typed() -> None:
    """Stored text is the customer's own: points, marks of direction and spaces stay."""
    assert clean("שָׁלוֹם\u200f  עולם\r\nשורה\tטאב\x00\u202e") == "שָׁלוֹם\u200f  עולם\nשורה\tטאב"


def test_fingerprint_is_equal_for_notes_that_say_the_same() -> None:
    """Duplicates are found although a system changed quotes, spaces and capitals."""
    assert fingerprint_text("ת״א  VIP\n") == fingerprint_text('ת"א vip')
    assert fingerprint_text("לא רוצה") != fingerprint_text("רוצה")
