"""From the bytes of an export to text: the encoding is found, and Hebrew turned to logical order.

Israeli systems write UTF-8 with and without BOM, UTF-16, Windows-1255, ISO-8859-8 in logical or
visual order, and DOS code page 862. Windows-1255 holds the letters of ISO-8859-8 at the same
places, so logical ISO-8859-8 is read as Windows-1255.
"""

import codecs
import re
from collections.abc import Sequence
from dataclasses import dataclass

from store.visual import is_visual, logical_order

REPLACEMENT = "\ufffd"
_BOMS: tuple[tuple[bytes, str], ...] = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_SAMPLE = 65_536
_UTF8_HEBREW = re.compile(rb"\xd7[\x90-\xaa]")
_HIGH_LETTERS = re.compile(rb"[\xe0-\xfa]")
_DOS_LETTERS = re.compile(rb"[\x80-\x9a]")
_NAMES = {
    "windows-1255": "cp1255",
    "iso-8859-8-visual": "iso8859_8",
    "cp862-visual": "cp862",
    "utf-8": "utf-8-sig",
}


@dataclass(frozen=True, slots=True)
class Decoded:
    """A decoded file.

    `replaced` counts the bytes that fit nothing, now U+FFFD. `visual` says that the letters
    were stored in the order of the screen.
    """

    text: str
    encoding: str
    replaced: int
    visual: bool = False


def decode(data: bytes, encoding: str = "auto") -> Decoded:
    """Return the text of a file in logical order, with the encoding that it was found in.

    Args:
        data: the whole file.
        encoding: a name that Python knows, `windows-1255`, `iso-8859-8-visual`,
            `cp862-visual`, or `auto` to find it.

    Raises:
        LookupError: when the encoding is named and unknown.
    """
    stored = decode_stored(data, encoding)
    if not stored.visual:
        return stored
    lines = stored.text.splitlines(keepends=True)
    text = "".join(logical_order(line) for line in lines)
    return Decoded(text, stored.encoding, stored.replaced, visual=True)


def decode_stored(data: bytes, encoding: str = "auto") -> Decoded:
    """Return the text as it is stored, visual lines still reversed.

    A delimited file needs this: its cells are turned one by one, so that columns keep their order.

    Raises:
        LookupError: when the encoding is named and unknown.
    """
    if encoding != "auto":
        return _decode_named(data, encoding.lower())
    for bom, name in _BOMS:
        if data.startswith(bom):
            return _decoded(data[len(bom) :], name.removesuffix("-sig"), name)
    wide = _wide_encoding(data)
    if wide:
        return _decoded(data, wide, wide)
    try:
        return Decoded(data.decode("utf-8"), "utf-8", 0)
    except UnicodeDecodeError:
        pass
    damaged = _decoded(data, "utf-8", "utf-8")
    if len(_UTF8_HEBREW.findall(data)) > 2 * damaged.replaced:
        return damaged
    return _decode_single_byte(data)


def find_delimiter(header: str, candidates: Sequence[str] = (",", ";", "\t", "|")) -> str | None:
    """Return the delimiter that stands most often in a header line outside quotes.

    None means that the file has one column. A header, unlike a note, holds no loose punctuation.
    """
    bare = re.sub(r'"[^"]*"', "", header)
    counts = {candidate: bare.count(candidate) for candidate in candidates}
    best = max(candidates, key=lambda candidate: counts[candidate])
    return best if counts[best] else None


def _decode_named(data: bytes, encoding: str) -> Decoded:
    codec = _NAMES.get(encoding, encoding)
    if codecs.lookup(codec).name == "utf-8":
        codec = "utf-8-sig"
    decoded = _decoded(data, codec, encoding)
    return Decoded(
        decoded.text.removeprefix("\ufeff"),
        encoding,
        decoded.replaced,
        visual=encoding.endswith("-visual"),
    )


def _decoded(data: bytes, codec: str, name: str) -> Decoded:
    text = data.decode(codec, errors="replace")
    return Decoded(text, name, text.count(REPLACEMENT))


def _wide_encoding(data: bytes) -> str | None:
    """Return UTF-16's name where every second byte is the high half of Hebrew or ASCII."""
    sample = data[: _SAMPLE - _SAMPLE % 2]
    if len(sample) < 4:
        return None
    shares = [_share_of_high_halves(sample[place::2]) for place in (0, 1)]
    if shares[1] > 0.85 and shares[0] < 0.6:
        return "utf-16-le"
    if shares[0] > 0.85 and shares[1] < 0.6:
        return "utf-16-be"
    return None


def _share_of_high_halves(half: bytes) -> float:
    # The blocks of ASCII and Hebrew; curly quotes (U+2000) are few, and their byte is a space.
    return (half.count(b"\x00") + half.count(b"\x05")) / len(half)


def _decode_single_byte(data: bytes) -> Decoded:
    if len(_DOS_LETTERS.findall(data)) > 3 * len(_HIGH_LETTERS.findall(data)):
        decoded = _decoded(data, "cp862", "cp862")
    else:
        decoded = _decoded(data, "cp1255", "windows-1255")
        if decoded.replaced and not re.search(rb"[\x80-\x9f]", data):
            plain = _decoded(data, "iso8859_8", "iso-8859-8")
            decoded = min(decoded, plain, key=lambda one: one.replaced)
    if not is_visual(decoded.text):
        return decoded
    if decoded.encoding != "cp862":
        decoded = _decoded(data, "iso8859_8", "iso-8859-8")
    return Decoded(decoded.text, f"{decoded.encoding}-visual", decoded.replaced, visual=True)
