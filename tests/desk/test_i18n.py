"""Every text of the interface has its English, with the same places to fill in."""

import re
import string
from pathlib import Path

from babel.messages.catalog import Message
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

import desk
import keshev
from desk.i18n import LOCALE, direction, gettext, language, speaking

FOLDERS = [Path(str(package.__file__)).parent for package in (desk, keshev)]
METHODS = [("**.py", "python"), ("**.j2", "jinja2")]
HEBREW = re.compile("[\u0590-\u05ff]")
TWICE = re.compile(r"(.{20,}?)\s*\1", re.DOTALL)


def _catalogue() -> dict[str | tuple[str, str], Message]:
    with (LOCALE / "en.po").open("rb") as file:
        return {_key(message.id): message for message in read_po(file) if message.id}


def _key(text: object) -> str | tuple[str, str]:
    return (text[0], text[1]) if isinstance(text, list | tuple) else str(text)


def _used() -> set[str | tuple[str, str]]:
    return {
        _key(message)
        for folder in FOLDERS
        for _, _, message, _, _ in extract_from_dir(folder, METHODS)
    }


def test_the_catalogue_has_every_text_of_the_code_and_no_other() -> None:
    assert set(_catalogue()) == _used(), "run `make messages`, and write the English"


def test_every_text_has_its_english_with_the_same_places() -> None:
    for key, message in _catalogue().items():
        ours = [key] if isinstance(key, str) else list(key)
        theirs = [message.string] if isinstance(message.string, str) else list(message.string)
        assert all(theirs), f"no English for {key}"
        assert not any(HEBREW.search(text) for text in theirs), key
        assert _places(theirs) <= _places(ours), key
        assert _places(theirs[-1:]) == _places(ours[-1:]), key


def test_no_english_text_says_itself_twice() -> None:
    """As it does when two lines of the catalogue are merged into one."""
    for key, message in _catalogue().items():
        theirs = [message.string] if isinstance(message.string, str) else list(message.string)
        assert not any(TWICE.fullmatch(text) for text in theirs), key


def _places(texts: list[str]) -> set[str]:
    formatter = string.Formatter()
    return {name for text in texts for _, name, _, _ in formatter.parse(text) if name is not None}


def test_hebrew_is_spoken_where_nobody_chose() -> None:
    assert (language(), direction(), gettext("שלום")) == ("he", "rtl", "שלום")


def test_a_language_is_spoken_within_only() -> None:
    with speaking("en"):
        assert (language(), direction()) == ("en", "ltr")
        with speaking("he"):
            assert direction() == "rtl"
        assert language() == "en"
    assert language() == "he"
