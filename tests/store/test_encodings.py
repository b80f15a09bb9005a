"""Every encoding that Israeli systems write gives the same Hebrew text back."""

import codecs
import re
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from store.encodings import decode, decode_stored, find_delimiter
from store.visual import is_visual, logical_order

NOTES = [
    "הלקוחה ביקשה לנתק כי המחיר עלה, לא מוכנה לשלם 129.90 שקלים",
    "דיברתי עם הלקוח (כועס מאוד) ביום 12/09/2026 בשעה 10:32",
    "טכנאי לא הגיע, לחזור אליו לטלפון 050-1234567 עד מחר",
    "רוצים לעבור לחברת Partner בגלל המחיר, הוצע 50% הנחה",
    "איטי מאוד ב-Galaxy S24 Ultra, עובד תקין במחשבים אחרים",
    "שלום, אין לנו אינטרנט כבר יומיים. מה קורה איתכם?",
    "זיכוי של 49.90 לא נכנס [בבדיקה] אצל מנהלים",
    "מבקשים סיכום שיחה למייל dana@walla.co.il בהקדם",
]
texts = st.lists(st.sampled_from(NOTES), min_size=1, max_size=6).map("\n".join)


@settings(max_examples=40)
@given(text=texts)
@pytest.mark.parametrize(
    "encoding",
    ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1255", "iso8859_8", "cp862"],
)
def test_logical_encodings_round_trip(encoding: str, text: str) -> None:
    """An export in any logical encoding is read as it was written, with nothing replaced."""
    decoded = decode(text.encode(encoding))
    assert (decoded.text, decoded.replaced, decoded.visual) == (text, 0, False)


@settings(max_examples=40)
@given(text=texts)
@pytest.mark.parametrize("encoding", ["iso8859_8", "cp862", "cp1255"])
def test_visual_order_becomes_logical(encoding: str, text: str) -> None:
    """Lines that are stored as the screen shows them are turned back, numbers and Latin kept."""
    visual = "\n".join(to_visual(line) for line in text.split("\n"))
    decoded = decode(visual.encode(encoding))
    assert decoded.text == text
    assert decoded.visual


@given(text=texts)
def test_logical_order_undoes_the_bidirectional_algorithm(text: str) -> None:
    """The turning agrees with a plain implementation of UAX #9 on every line, line ends kept."""
    for line in text.split("\n"):
        assert logical_order(to_visual(line) + "\r\n") == line + "\r\n"


def test_logical_hebrew_is_not_taken_for_visual() -> None:
    """Shorthand with cut words, which lacks final letters, stays as it is."""
    assert not is_visual("לק' ביקש לדעת מה היתרה, מס' חשב' נמסר, טכ' יצא")
    assert is_visual(to_visual("שלום לכם, אין קליטה בסלון"))


def test_shekel_sign_of_windows() -> None:
    """The shekel sign and the curly quotes of Windows-1255 survive."""
    text = "חויב ב-120₪ למרות “ההבטחה”"
    assert decode(text.encode("cp1255")).text == text


def test_damaged_utf8_loses_only_the_damaged_bytes() -> None:
    """A few foreign bytes in a UTF-8 file do not make the whole file Windows-1255."""
    data = "\n".join(NOTES).encode() + b"\n\xf9\xec"
    decoded = decode(data)
    assert decoded.encoding == "utf-8"
    assert decoded.replaced == 2
    assert decoded.text.startswith(NOTES[0])


def test_ascii_with_many_spaces_is_not_utf16() -> None:
    """Every second byte being a space does not make a text UTF-16."""
    assert decode(b"a b c d e " * 50).encoding == "utf-8"


def test_named_encoding_is_obeyed() -> None:
    """A profile can name the encoding, under Python's or our names."""
    data = NOTES[0].encode("cp1255")
    assert decode(data, "windows-1255").text == NOTES[0]
    visual = to_visual(NOTES[0]).encode("iso8859_8")
    assert decode(visual, "iso-8859-8-visual").text == NOTES[0]
    assert decode(codecs.BOM_UTF8 + NOTES[0].encode(), "utf-8").text == NOTES[0]
    with pytest.raises(LookupError):
        decode(data, "klingon")


def test_stored_order_is_left_to_the_reader_of_cells() -> None:
    """A delimited file is handed on reversed, so that its cells can be turned one by one."""
    line = to_visual(NOTES[0])
    assert decode_stored(line.encode("iso8859_8")).text == line


@given(st.binary(max_size=400))
def test_no_bytes_crash(data: bytes) -> None:
    """Whatever the bytes are, there is a text."""
    assert isinstance(decode(data).text, str)


@pytest.mark.parametrize(
    ("header", "delimiter"),
    [
        ("תאריך,ערוץ,הערות", ","),
        ("תאריך;ערוץ;הערות", ";"),
        ("תאריך\tערוץ\tהערות", "\t"),
        ("תאריך|ערוץ|הערות", "|"),
        ('"תאריך, שעה";הערות', ";"),
        ("הערות", None),
    ],
)
def test_delimiter_is_found_in_the_header(header: str, delimiter: str | None) -> None:
    """The four delimiters are told apart, quoted ones do not count, one column has none."""
    assert find_delimiter(header) == delimiter


MIRROR = str.maketrans("()[]", ")(][")


def to_visual(line: str) -> str:
    """Reorder a line for the screen by UAX #9, paragraph right to left, without explicit marks."""
    kinds = [_kind(character) for character in line]
    for place in range(1, len(kinds) - 1):  # W4: one separator between digits
        if kinds[place] in ("CS", "ES") and kinds[place - 1] == kinds[place + 1] == "EN":
            kinds[place] = "EN"
    joined = re.sub(r"(?<=E)T+|T+(?=E)", lambda run: "E" * len(run[0]), _letters(kinds))
    strong, resolved = "R", []
    for kind in joined:  # W7: digits after Latin are Latin
        strong = kind if kind in "LR" else strong
        resolved.append("L" if kind == "E" and strong == "L" else kind)
    text = "".join(resolved)
    text = re.sub(r"(?<=L)[NT]+(?=L)", lambda run: "L" * len(run[0]), text)
    odd = [kind not in "LE" for kind in text]
    runs: list[str] = []
    for place, character in enumerate(line):
        if odd[place] or not runs or odd[place - 1]:
            runs.append(character.translate(MIRROR) if odd[place] else character)
        else:
            runs[-1] += character
    return "".join(reversed(runs))


def _kind(character: str) -> str:
    return unicodedata.bidirectional(character)


def _letters(kinds: list[str]) -> str:
    return "".join({"L": "L", "R": "R", "EN": "E", "ET": "T"}.get(kind, "N") for kind in kinds)
