"""The language of the interface: Hebrew as written in the code, English by a catalogue.

Texts stand in the code in Hebrew, marked by `_` (or `ngettext` where a number decides the words),
with `{names}` for what is filled in: `_("עד {day}").format(day=day)`. The catalogue
`desk/locale/en.po` holds their English; `tests/desk/test_i18n.py` says what is missing in it, and
`make messages` brings it up to date with the code. A text of a constant is marked by `N_` and said
by `_` where it is shown, for a constant is made before anybody has chosen a language.
"""

import gettext as standard
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Literal

Language = Literal["he", "en"]
LANGUAGES: tuple[Language, ...] = ("he", "en")
LOCALE = Path(__file__).with_name("locale")
_language: ContextVar[Language] = ContextVar("keshev_language", default="he")


def language() -> Language:
    """Return the language of this context, Hebrew where nobody chose."""
    return _language.get()


def direction() -> Literal["rtl", "ltr"]:
    """Return the direction in which the language of this context is written."""
    return "rtl" if language() == "he" else "ltr"


@contextmanager
def speaking(chosen: Language) -> Iterator[None]:
    """Speak a language within."""
    token = _language.set(chosen)
    try:
        yield
    finally:
        _language.reset(token)


def gettext(text: str) -> str:
    """Return a Hebrew text of the code in the language of this context."""
    return text if language() == "he" else _catalogue().gettext(text)


def ngettext(one: str, many: str, number: int) -> str:
    """Return the text for this number in the language of this context."""
    if language() == "he":
        return one if number == 1 else many
    return _catalogue().ngettext(one, many, number)


def pgettext(context: str, text: str) -> str:
    """Return `gettext` of a word that English says otherwise in another place, by its context."""
    return text if language() == "he" else _catalogue().pgettext(context, text)


_ = gettext


def N_(text: str) -> str:
    """Return a constant's Hebrew text as it is; by this mark `make messages` finds it."""
    return text


@cache
def _catalogue() -> standard.GNUTranslations:
    # Slow to import, and Hebrew needs neither.
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    with (LOCALE / "en.po").open("rb") as file:
        catalogue = read_po(file, locale="en", domain="keshev")
    compiled = BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return standard.GNUTranslations(compiled)
