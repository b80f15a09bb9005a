"""The spaCy component that finds street addresses: the cue, the name, the number, and the town."""

import re
from collections.abc import Iterator
from pathlib import Path

import yaml
from spacy.language import Language
from spacy.tokens import Doc

from nlp.hebrew import text_of
from nlp.privacy_spans import NOT_UNITS, Kind, add


def _any(words: str) -> str:
    return "|".join(re.escape(word.replace("_", " ")) for word in words.split())


_LISTS = yaml.safe_load(Path(__file__).with_name("places.yaml").read_text(encoding="utf-8"))
TOWNS = _any(_LISTS["towns"])
STREETS = _any(_LISTS["streets"])
NO_NAME = _any(_LISTS["no_name"])
EDGE = r"(?![א-ת\"'])"
WORD = rf"(?!(?:{NO_NAME}){EDGE})[א-ת][א-ת'\"]*(?:-[א-ת'\"]+){{0,3}}"
NUMBER = (
    rf"\d{{1,3}}(?!\d)(?: ?[א-ת]'?{EDGE}(?! ?\d))?(?:[/-]\d{{1,3}}(?!\d))?(?![.:,/]\d){NOT_UNITS}"
)
INSIDE = (
    r"(?:[ ,]{1,3}ו?ב?(?:דירה|ד'|דיר'|קומה|ק'|קומת|כניסה|כנ'|בניין|בנין|בית|דלת|משק)[ :.]{0,2}"
    rf"(?:\d{{1,3}}(?!\d)|(?:[א-ת]'?|קרקע){EDGE}))"
)
AT_END = r"(?=[ ]?(?:[.,;:!?)\n\ufffc-]|\Z))"
TOWN = rf"(?:[ ,-]{{1,3}}(?:[בול]{{0,2}}(?:{TOWNS}){EDGE}|(?<=, ){WORD}(?: {WORD})?{AT_END}))"
ZIP = r"(?:[ ,]{1,3}מיקוד[ :]{0,2}\d{5,7}(?!\d))"
TAIL = rf"{INSIDE}{{0,4}}{TOWN}?{INSIDE}{{0,3}}{ZIP}?"
NAMES = rf"(?:{WORD} ){{1,4}}?(?:(?:מס'?|מספר) )?"
PREFIX = r"(?<![א-ת\"'])[ובלהמשכ]{0,3}"
SHORT_CUE = r"(?:רח'|שד'|סמ')"
CUE = rf"(?:{SHORT_CUE}|רחוב|רח\.?|שד\.|שדרות|שדרת|סמטת|סמטה|כיכר|ככר)"

NEW_ADDRESS = (
    r"(?:שלי|שלו|שלה|החדשה|חדשה|למשלוח|דואר|מגורים|הנכונה|עדכנית|המעודכנת|מעודכנת|היא|הבית|לקוח"
    r"|הלקוח|הלקוחה)"
)
FLOOR = rf"(?:(?:קומה|כניסה|בניין) (?:\d{{1,2}}(?!\d)|[א-ת]'?{EDGE}),? )?"

# The group `place` is what is masked, with the prefix letters of its first word (ברחוב): a span is
# made of whole tokens. The word כתובת before it stays.
FORMS = tuple(
    re.compile(pattern)
    for pattern in (
        rf"{PREFIX}(?P<place>{CUE} ?{NAMES}{NUMBER}{TAIL})",
        rf"{PREFIX}(?P<place>{SHORT_CUE} ?{WORD}{TAIL})",
        rf"{PREFIX}(?P<place>רחוב {WORD}(?: {WORD})?[ ,]{{1,2}}ב?(?:{TOWNS}){EDGE})",
        rf"{PREFIX}(?P<place>(?:{STREETS}) {NUMBER}{TAIL})",
        rf"{PREFIX}כתובת(?: {NEW_ADDRESS}){{0,3}} ?[:-] ?(?P<place>{NAMES}{NUMBER}{TAIL})",
        rf"{PREFIX}(?P<place>(?:מושב|קיבוץ|יישוב|ישוב) {WORD}(?: {WORD})?,? (?:משק|בית|נחלה) "
        r"\d{1,4})(?!\d)",
        rf"{PREFIX}(?P<place>(?:ת\.ד\.?|ת\"ד|תא דואר)[ :]{{0,2}}\d{{1,6}}(?!\d){TOWN}?{ZIP}?)",
        rf"(?<!ביטוח ){PREFIX}(?P<place>{FLOOR}דירה (?:מס'? |מספר )?{NUMBER}{TAIL})",
        r"(?<![א-ת])מיקוד[ :]{0,2}(?P<place>\d{7})(?!\d)",
        # A name, a number and a town: the only form without a cue.
        rf"(?<![א-ת'\"-])ב?(?P<place>{WORD} \d{{1,3}}(?!\d)(?:/\d{{1,3}}(?!\d))?"
        rf"(?:{INSIDE}{{1,3}}|,)"
        rf" ב?(?:{TOWNS}){EDGE}{INSIDE}{{0,2}}{ZIP}?)",
    )
)


def addresses(text: str) -> Iterator[tuple[int, int]]:
    """Yield the places of street addresses, each with the flat and the town that follow."""
    for form in FORMS:
        for match in form.finditer(text):
            yield match.span("place")


@Language.component("pii_address")
def find_addresses(doc: Doc) -> Doc:
    """Return the document with street addresses added."""
    return add(doc, Kind.ADDRESS, addresses(text_of(doc)))
