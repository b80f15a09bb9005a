"""Hebrew that went through a wrong table is restored where that is sure, else called broken."""

import pytest

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
    [NOTE, "צ׳ק של ג׳ורג׳, רח׳ ז׳בוטינסקי 5", "מסך 5×3 מטר", "menu à la carte, café", "", "👍"],
)
def test_sound_texts_stay(text: str) -> None:
    """Geresh, the multiplication sign and accents are no accident."""
    assert restore(text) == text
