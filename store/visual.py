"""Hebrew stored in the order of the screen (visual order), and how to turn it to logical order.

After the Unicode Bidirectional Algorithm (UAX #9) for a right-to-left line without explicit
marks: letters stand reversed, numbers and Latin runs do not, and brackets are mirrored.
"""

import re

_HEBREW = "\u05d0-\u05ea"
_WORD = re.compile(rf"[{_HEBREW}]{{2,}}")
_FINALS = frozenset("ךםןףץ")
_NEVER_LAST = frozenset("כמנצ")  # these have a final form; a lone פ ends many loan words
_STATISTICS_CHARS = 400_000
_NUMBER = r"[#$%€£₪]{0,3}\d+(?:[-+.,:/]\d+)*[#$%€£₪]{0,3}"
_LATIN = rf"[A-Za-z](?:[^\n\r{_HEBREW}]*[A-Za-z0-9])?"
_LEFT_TO_RIGHT = re.compile(rf"{_LATIN}|{_NUMBER}")
_MIRRORED = str.maketrans("()[]{}<>«»", ")(][}{><»«")
_LINE_END = re.compile(r"[\r\n]+$")


def is_visual(text: str) -> bool:
    """Return whether Hebrew is stored in visual order, by the letters that only end a word.

    Final letters ךםןףץ end words; כמנצ begin words often and end them hardly ever. A text
    without evidence counts as logical.
    """
    logical = visual = 0
    for word in _WORD.findall(text[:_STATISTICS_CHARS]):
        logical += 3 * (word[-1] in _FINALS) + (word[0] in _NEVER_LAST)
        visual += 3 * (word[0] in _FINALS) + (word[-1] in _NEVER_LAST)
    return visual > logical


def logical_order(text: str) -> str:
    """Return one visual line (or the lines of one cell) in logical order.

    A line without Hebrew letters is a left-to-right line and stays as it is.
    """
    if "\n" in text.rstrip("\r\n"):
        return "".join(logical_order(line) for line in text.splitlines(keepends=True))
    if not re.search(rf"[{_HEBREW}]", text):
        return text
    ending = _LINE_END.search(text)
    tail = ending.group() if ending else ""
    line = text[: len(text) - len(tail)]
    pieces: list[str] = []
    place = 0
    for run in _LEFT_TO_RIGHT.finditer(line):
        pieces.append(_reversed(line[place : run.start()]))
        pieces.append(run.group())
        place = run.end()
    pieces.append(_reversed(line[place:]))
    return "".join(reversed(pieces)) + tail


def _reversed(piece: str) -> str:
    return piece[::-1].translate(_MIRRORED)
