"""Hebrew that was decoded with the wrong table, restored where that is sure.

Three accidents are common: UTF-8 read as Windows-1252 ("×©×œ×•×"), UTF-8 read as Windows-1255
("׳©׳׳•׳"), and Windows-1255 read as Windows-1252 ("ùìåí").
"""

import re
from collections.abc import Callable

from store.encodings import REPLACEMENT

_HEBREW = re.compile("[א-ת]")
_LATIN_SUSPECT = re.compile("×[^\\s×0-9A-Za-zא-ת]|[à-ú]{3}")
_HEBREW_SUSPECT = re.compile("׳[^\\s׳0-9A-Za-zא-ת'\".,!?;:)\\]-]")
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

    A text that looks sound is returned as it is. U+FFFD means that letters are lost.
    """
    if REPLACEMENT in text:
        return None
    if _LATIN_SUSPECT.search(text):
        text = _LATIN_RUN.sub(lambda run: _restored_run(run.group()), text)
    if len(_HEBREW_SUSPECT.findall(text)) > 1:
        text = _as_utf8(text, _CP1255) or text
    broken = _LATIN_SUSPECT.search(text) or len(_HEBREW_SUSPECT.findall(text)) > 1
    return None if broken else text


def _restored_run(run: str) -> str:
    if not _LATIN_SUSPECT.search(run):
        return run
    attempts: tuple[Callable[[str], str | None], ...] = (
        lambda text: _as_utf8(text, _CP1252),
        _as_cp1255,
    )
    return next((done for attempt in attempts if (done := attempt(run))), run)


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
