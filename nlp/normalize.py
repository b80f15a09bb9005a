"""Notes as the classifier reads them, each character with its place in the text as it was given.

`normalize` is a tuple of small steps. A step deletes characters, or replaces one by one, and does
nothing else: so every character that is left knows where it came from.
"""

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from nlp.keyboard import retype


@dataclass(frozen=True)
class Normalized:
    """A text and where it came from.

    `origin[i]` is the index in the given text of character i of `text`; it rises strictly.
    """

    text: str
    origin: Sequence[int]


Step = Callable[[Normalized], Normalized]


def deletes(pattern: str) -> Step:
    """Return a step that deletes what a pattern matches."""
    compiled = re.compile(pattern)

    def step(given: Normalized) -> Normalized:
        text = compiled.sub("", given.text)
        if len(text) == len(given.text):
            return given
        origin: list[int] = []
        kept_to = 0
        for match in compiled.finditer(given.text):
            origin.extend(given.origin[kept_to : match.start()])
            kept_to = match.end()
        origin.extend(given.origin[kept_to:])
        return Normalized(text, origin)

    return step


def replaces(table: dict[int, str]) -> Step:
    """Return a step that replaces single characters by single characters."""

    def step(given: Normalized) -> Normalized:
        return Normalized(given.text.translate(table), given.origin)

    return step


def _each(characters: str, by: str) -> dict[int, str]:
    return {ord(character): by for character in characters}


def _plain_letters() -> dict[int, str]:
    """Return the presentation forms U+FB1D to U+FB4F as plain letters.

    U+FB4F stands for two letters (אל); it stays, for a step keeps one character one character.
    """
    table = {}
    for code in range(0xFB1D, 0xFB4F):
        plain = unicodedata.normalize("NFKD", chr(code))[0]
        if unicodedata.category(plain) != "Mn":
            table[code] = plain
    return table


# Control characters that are no white space, lone surrogates, and marks that only steer display.
CONTROLS = (
    r"[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\ud800-\udfff"
    r"\xad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff\ufff9-\ufffb]"
)
MAQAF_AND_DASHES = _each("\u05be\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe58\ufe63\uff0d", "-")
QUOTES = {
    **_each("\u05f3\u2018\u2019\u201a\u201b\u2032\u00b4`\uff07", "'"),
    **_each("\u05f4\u201c\u201d\u201e\u201f\u2033\u00ab\u00bb\uff02", '"'),
}
WHITE_SPACE = _each("\t\n\v\f\r\x1c\x1d\x1e\x1f\x85\xa0\u1680\u2028\u2029\u202f\u205f\u3000", " ")
WHITE_SPACE |= {code: " " for code in range(0x2000, 0x200B)}

drop_controls = deletes(CONTROLS)
plain_letters = replaces(_plain_letters())
maqaf_and_dashes = replaces(MAQAF_AND_DASHES)
drop_points = deletes(r"[\u0591-\u05bd\u05bf-\u05c7\ufb1e]")
plain_quotes = replaces(QUOTES)
white_space = replaces(WHITE_SPACE)
single_spaces = deletes(r"(?<= ) +|^ +| +\Z")


def hebrew_layout(given: Normalized) -> Normalized:
    """Return the text with words of the wrong keyboard layout in Hebrew."""
    return Normalized(retype(given.text), given.origin)


CHARACTERS: tuple[Step, ...] = (
    drop_controls,
    plain_letters,
    maqaf_and_dashes,
    drop_points,
    plain_quotes,
)
STEPS: tuple[Step, ...] = (*CHARACTERS, white_space, single_spaces, hebrew_layout)


def apply(steps: Sequence[Step], text: str) -> Normalized:
    """Return the text after the steps, in their order."""
    given = Normalized(text, range(len(text)))
    for step in steps:
        given = step(given)
    return given


def normalize(text: str) -> Normalized:
    """Return the text as the classifier reads it; any string is accepted.

    Removed: control characters, marks of direction, points and cantillation, surplus white space.
    Made plain: presentation forms, maqaf and dashes, geresh, gershayim and curly quotes, the wrong
    keyboard layout. Normalising twice changes nothing more.
    """
    return apply(STEPS, text)


UNPRINTABLE = re.compile(
    r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\u202a-\u202e\u2066-\u2069]"
)


def clean(text: str) -> str:
    r"""Return the text without what must never be stored or printed; the rest is as it was typed.

    Removed: control characters but line ends and tabs, lone surrogates, and the embeddings,
    overrides and isolates that turn the direction of what follows. Line ends become `\n`.
    """
    return UNPRINTABLE.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


def fingerprint_text(text: str) -> str:
    """Return the normalised text without upper case: equal for notes that say the same."""
    return normalize(text).text.casefold()
