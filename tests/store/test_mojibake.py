"""Hebrew that went through a wrong table is restored where that is sure, else called broken."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from store.mojibake import restore

NOTE = 'הלקוחה כועסת – "לא מרוצה" מחיוב של 49.90 ש"ח (Netflix)'


def misread(data: bytes, codec: str) -> str:
    """Decode with a wrong table as Windows does: undefined bytes become control characters."""
    return "".join(
        chr(byte) if (one := bytes([byte]).decode(codec, "replace")) == "\ufffd" else one
        for byte in data
    )


@pytest.mark.parametrize(
    ("written", "read"), [("utf-8", "cp1252"), ("utf-8", "cp1255"), ("cp1255", "cp1252")]
)
def test_known_accidents_are_undone(written: str, read: str) -> None:
    """The three usual mix-ups of tables give the very note back."""
    assert restore(misread(NOTE.encode(written), read)) == NOTE


def test_broken_part_of_a_sound_note_is_restored() -> None:
    """Only the pasted part is touched."""
    broken = "העתקתי מהמייל: " + misread("שלום וברכה".encode(), "cp1252")
    assert restore(broken) == "העתקתי מהמייל: שלום וברכה"


@pytest.mark.parametrize("text", ["×©×œ× ×•× לכם", "הלקוח \ufffd\ufffd ביקש", "×©×?×•× ×?×?"])
def test_lost_letters_are_called_broken(text: str) -> None:
    """Where bytes are missing nobody can say what was written."""
    assert restore(text) is None


@pytest.mark.parametrize(
    "text",
    [
        NOTE,
        "כבל 3×, לא הגיע",
        "הזמינה מארז (2×) וקיבלה 1×.",
        "3×§ ו-2×–4, 2×£5",
        "כיתות א׳–ב׳–ג׳",
        "10÷÷÷2",
        "צ׳ק של ג׳ורג׳, רח׳ ז׳בוטינסקי 5",
        "מסך 5×3 מטר",
        "menu à la carte, café",
        "",
        "👍",
    ],
)
def test_sound_texts_stay(text: str) -> None:
    """Geresh, the multiplication sign and accents are no accident."""
    assert restore(text) == text


LETTERS = "אבגדהוזחטיךכלםמןנסעףפץצקרשת"
TYPED = st.text(LETTERS + "0123456789 \n.,;:!?'\"()[]/%&+=*-–—‘’“”•׳״־₪×÷§°€½")


@settings(max_examples=50)
@given(TYPED)
def test_what_people_type_never_changes(text: str) -> None:
    """Letters, digits, punctuation and signs are words, in whatever order they stand."""
    assert restore(text) == text


@settings(max_examples=50)
@given(
    st.text(LETTERS + " .,", min_size=1),
    st.sampled_from([("utf-8", "cp1252"), ("utf-8", "cp1255"), ("cp1255", "cp1252")]),
)
def test_misread_words_come_back(text: str, codecs: tuple[str, str]) -> None:
    """Any words around a surely misread one come back whole, whatever the accident."""
    note = f"{text} השלום"
    assert restore(misread(note.encode(codecs[0]), codecs[1])) == note
