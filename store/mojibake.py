"""Hebrew that was decoded with the wrong table, restored where that is sure.

Three accidents are common: UTF-8 read as Windows-1252 ("×©×œ×•×"), UTF-8 read as Windows-1255
("׳©׳׳•׳"), and Windows-1255 read as Windows-1252 ("ùìåí").
"""

import re

from store.encodings import REPLACEMENT

_HEBREW = re.compile("[א-ת]")
# A Hebrew letter's two bytes in UTF-8 are D7, which both tables show (× and ׳), and 90 to AA.
_LATIN_PAIR = re.compile("×([\x90-\x9f\xa0-\xaa‘’“”•–—˜™š›œžŸ])")
_HEBREW_PAIR = re.compile("(?<![א-ת])׳([\x90-\x9f\xa0-\xaa₪×‘’“”•–—˜™›])")
# What people do write after a multiplication sign or a geresh: "3×–4", "2×£5", "כיתות א׳–ב׳".
_WRITTEN = frozenset("\xa0‘’“”•–—§×£¢¥₪")
_LATIN_LETTERS = re.compile("(?!÷÷÷)[à-ú]{3}")  # ÷ stands among them in the table
_LATIN_RUN = re.compile("[^\u0590-\u05ff\n]+")


def _table(codec: str) -> dict[str, int]:
    """Return character -> byte; bytes that the table lacks stand for themselves (C1 controls)."""
    table = {chr(byte): byte for byte in range(256)}
    table |= {
        bytes([byte]).decode(codec): byte
        for byte in range(256)
        if bytes([byte]).decode(codec, errors="replace") != REPLACEMENT
    }
    return table


_CP1252, _CP1255 = _table("cp1252"), _table("cp1255")


def restore(text: str) -> str | None:
    """Return the text with broken Hebrew restored, or None when it is broken for good.

    A text is taken to be broken only where that is sure: at least two pairs that would be Hebrew
    letters, one of which nobody types, or three accented letters running. Any other is returned
    as it is. U+FFFD means that letters are lost.
    """
    if REPLACEMENT in text:
        return None
    if _is_broken(text, _LATIN_PAIR):
        text = _LATIN_RUN.sub(lambda run: _run_as_utf8(run.group()), text)
    if _LATIN_LETTERS.search(text):
        text = _LATIN_RUN.sub(lambda run: _run_as_cp1255(run.group()), text)
    if _is_broken(text, _HEBREW_PAIR):
        text = _as_utf8(text, _CP1255) or text
    still = any(_is_broken(text, pair) for pair in (_LATIN_PAIR, _HEBREW_PAIR))
    return None if still or _LATIN_LETTERS.search(text) else text


def _is_broken(text: str, pair: re.Pattern[str]) -> bool:
    seconds = pair.findall(text)
    return len(seconds) > 1 and not _WRITTEN.issuperset(seconds)


def _run_as_utf8(run: str) -> str:
    pairs = len(_LATIN_PAIR.findall(run))
    return (pairs > 1 and _as_utf8(run, _CP1252)) or run


def _run_as_cp1255(run: str) -> str:
    return (_LATIN_LETTERS.search(run) and _as_cp1255(run)) or run


def _bytes(text: str, table: dict[str, int]) -> bytes | None:
    places = [table.get(character, -1) for character in text]
    return None if -1 in places else bytes(places)


def _as_utf8(text: str, table: dict[str, int]) -> str | None:
    raw = _bytes(text, table)
    if raw is None:
        return None
    try:
        restored = raw.decode("utf-8")
    except UnicodeDecodeError:
        return None
    return restored if _HEBREW.search(restored) else None


def _as_cp1255(text: str) -> str | None:
    raw = _bytes(text, _CP1252)
    if raw is None:
        return None
    try:
        return raw.decode("cp1255")
    except UnicodeDecodeError:
        return None
