"""The spaCy component that finds phone numbers, in the forms that people in Israel write.

Numbers of businesses with a star (*6050) are no personal data and stay.
"""

import re
from collections.abc import Iterator

from spacy.language import Language
from spacy.tokens import Doc

from nlp.hebrew import text_of
from nlp.privacy_numbers import identity_is_valid
from nlp.privacy_spans import Kind, add, cue_before

GAP = r"[-. /]{0,3}"
AREA = r"(?:[23489]|7[2-9])"
FOREIGN_PREFIX = rf"(?:\+ ?|00|(?<![\d*]))972{GAP}\(?0?\)?{GAP}"
LOCAL = r"(?:\d{7}|\d{3}[-. ]\d{4}|\d{3}[- ]\d{2}[- ]\d{2}|\d{4}-\d{3}|\d{2}-\d{2}-\d{3})"
END = r"(?!\d)"

INTERNATIONAL = re.compile(
    rf"(?<!\d){FOREIGN_PREFIX}(?:\(?5\d\)?(?:{GAP}\d){{7}}|\(?{AREA}\)?{GAP}{LOCAL}){END}"
    r"|(?<![\d+])\+(?!972)[1-9]\d{0,2}(?:[-. ()]{0,2}\d){7,12}(?!\d)"
    r"|(?<!\d)00(?!972)[1-9]\d(?:[-. ]?\d){8,12}(?!\d)"
)
MOBILE = re.compile(rf"(?<!\d)\(?0[- ]?5\d\)?(?:{GAP}\d){{7}}{END}")
LANDLINE = re.compile(
    rf"(?<!\d)(?<!\d[-./:])(?:\(0{AREA}\)|0{AREA}\)?){GAP}{LOCAL}{END}(?![-./:]\d)"
)
TOLL_FREE = re.compile(
    rf"(?<!\d)(?<!\d[-.])1[-. ]?(?:800|700|599|801|809|900)(?:[-. ]?\d){{6}}{END}(?![-.]\d)"
)
BACKWARDS = re.compile(rf"(?<!\d)(?<!\d[-.])\d{{3}}[-. ]?\d{{4}}-0(?:5\d|{AREA}){END}(?![-.]\d)")
SHORT = re.compile(
    rf"(?<![\d*])(?<!\d[-.,/])(?:\d{{3}}[- ]?\d{{4}}|\d{{2}}-\d{{3}}-\d{{2}}|5\d-?\d{{7}})"
    rf"{END}(?![-.,/]\d)"
)
PLAIN_FORMS = (INTERNATIONAL, MOBILE, TOLL_FREE, BACKWARDS)
LAST_DIGITS = re.compile(
    r"(?:ה?מסתיים|ש?מסתיים|נגמר|ספרות אחרונות) ?ב?[- :]{0,3}(\d{3,4})(?!\d)(?![./,:-]\d)"
)


def phones(text: str) -> Iterator[tuple[int, int]]:
    """Yield the places of phone numbers."""
    for form in PLAIN_FORMS:
        for match in form.finditer(text):
            yield match.span()
    for match in LANDLINE.finditer(text):
        if not match[0].isdecimal() or _is_bare_landline(text, match):
            yield match.span()
    for match in SHORT.finditer(text):
        cue, gap = cue_before(text, match.start())
        long_enough = cue == "call" and len(match[0]) >= 9
        if (cue == "phone" and gap <= 25) or long_enough:
            yield match.span()
    for match in LAST_DIGITS.finditer(text):
        if cue_before(text, match.start(1))[0] == "phone":
            yield match.span(1)


def _is_bare_landline(text: str, match: re.Match[str]) -> bool:
    """Return whether bare digits are a phone rather than a ticket's or an identity number."""
    cue, _ = cue_before(text, match.start())
    if cue in ("phone", "call"):
        return True
    return cue == "" and not (len(match[0]) == 9 and identity_is_valid(match[0]))


@Language.component("pii_phone")
def find_phones(doc: Doc) -> Doc:
    """Return the document with phone numbers added."""
    return add(doc, Kind.PHONE, phones(text_of(doc)))
