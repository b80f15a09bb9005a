"""spaCy components that find personal numbers: identity, cards, accounts, licence plates, e-mail.

Texts reach them with plain quotes and dashes (`nlp.normalize.CHARACTERS`). Every pattern starts at
a digit that no digit precedes and is bounded, so that the time is linear in the text.
"""

import re
from collections.abc import Iterator

from spacy.language import Language
from spacy.tokens import Doc

from nlp.hebrew import text_of
from nlp.privacy_spans import NOT_UNITS, Kind, add, cue_before, digits_of

Places = Iterator[tuple[int, int]]

EMAIL = re.compile(
    r"(?<![A-Za-z0-9._%+-])[A-Za-z0-9._%+-]{1,64}+(?: ?@ ?| שטרודל )[A-Za-z0-9-]{1,63}"
    r"(?:(?:\.| נקודה )[A-Za-z][A-Za-z0-9-]{0,62}){0,6}"
    r"|(?<![א-ת])[א-ת]{2,20}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,6}"
)
DOTLESS = re.compile(
    r"gmail|walla|hotmail|yahoo|outlook|icloud|netvision|bezeqint|ג'ימייל", re.IGNORECASE
)

IDENTITY = re.compile(r"(?<!\d)(?<!\d[.,/*-])(?:\d{8}[-/]\d|\d-\d{7}-\d|\d{8,9})(?!\d)(?![-.,/]\d)")
IDENTITY_CUED = re.compile(r"(?<!\d)(?:[A-Za-z]{1,2})?\d(?:[-/ ]?\d){4,8}(?!\d)(?![.,]\d)")
DATE = re.compile(
    r"(?:0[1-9]|[12]\d|3[01])(?:0[1-9]|1[0-2])(?:19|20)\d\d|(?:19|20)\d\d(?:0[1-9]|1[0-2])[0-3]\d"
)

CARD = re.compile(
    r"(?<!\d)(?:\d{4}[-. ]\d{4}[-. ]\d{4}[-. ]\d{4}(?:[-. ]\d{1,3})?|\d{4}[-. ]\d{6}[-. ]\d{5}"
    r"|\d{13,19}|\d{4}[-. ]\d{4}[-. ]\d{4}[-. ]\d{1,3})(?!\d)"
)
CARD_HIDDEN = re.compile(r"(?<![*xX\d])(?:\d{4}[- ]?)?(?:[*xX]{3,4}[- ]?){1,4}\d{3,4}(?!\d)")
CARD_SHORT = re.compile(r"(?<!\d)(?:\d{8,9}|\d{4})(?!\d)(?![-.,/:]\d)" + NOT_UNITS)
LAST_DIGITS = re.compile(
    r"(?:(?:ספרות|ספ'|מספרים) ה?אחרונות[^\d\n\ufffc]{0,25}"
    r"|[הש]?(?:מסתיימת?|נגמרת?) (?:בספרות |במספר |עם )?ב?[- :]{0,3})"
    r"(\d{4})(?!\d)(?![./,:-]\d)"
)
CARD_NEAR = re.compile(
    r"כרטיס|אשראי|ויז[הא]|מאסטרקארד|מסטרקארד|ישראכרט|אמקס|ספרות|visa|card", re.IGNORECASE
)
SECRET = re.compile(r"(?:cvv|cvc|3 ספרות בגב(?: הכרטיס)?)[ :-]{0,3}(\d{3,4})(?!\d)", re.IGNORECASE)
YEARS = range(2015, 2060)

IBAN = re.compile(r"(?<![A-Za-z0-9])IL ?\d{2}(?:[- ]?\d){19}(?!\d)", re.IGNORECASE)
ACCOUNT_WORD = (
    r"(?:(?:מס'?|מספר) )?ה?(?:חשבון|ח-ן|ח'ן|ח\"ן|ח\.ן|חש')(?: בנק)?(?: (?:מס'?|מספר))?[ :.-]{0,3}"
)
BRANCH_WORD = r"ב?ה?(?:סניף|סנ')(?: (?:מס'?|מספר))?[ :.-]{0,3}\d{1,3}"
BANK_WORD = r"ב?בנק(?: [א-ת\"']{2,12})?(?:[ :.-]{0,3}\d{1,2}(?!\d))?"
ACCOUNT_NUMBER = r"\d{4,9}(?:[-/]\d{1,6})?(?!\d)"
ACCOUNT = re.compile(
    rf"(?<![א-ת])(?:{BANK_WORD}[ ,]{{1,2}})?{BRANCH_WORD}[ ,;-]{{1,3}}ו?{ACCOUNT_WORD}"
    rf"{ACCOUNT_NUMBER}"
    rf"|(?<![א-ת])[בלמ]?{ACCOUNT_WORD}{ACCOUNT_NUMBER}[ ,;-]{{1,3}}"
    rf"{BRANCH_WORD}(?:[ ,]{{1,2}}{BANK_WORD})?"
    r"|(?<!\d)(?<!\d[-/])\d{1,2}([-/])\d{3}\1\d{5,9}(?:[-/]\d{1,2})?(?!\d)(?![-/]\d)"
)
ACCOUNT_CUED = re.compile(
    rf"(?<!\d)(?:\d{{3}}[-/]\d{{5,9}}|\d{{5,9}}(?:[-/]\d{{1,6}})?)(?!\d)(?![.,:]\d){NOT_UNITS}"
)

PLATE = re.compile(r"(?<!\d)(?<!\d-)(?:\d{2}-\d{3}-\d{2}|\d{3}-\d{2}-\d{3})(?!\d)(?!-\d)")
PLATE_CUED = re.compile(
    r"(?<!\d)(?<!\d[-.,])(?:\d{2}[- .]\d{3}[- .]\d{2}|\d{3}[- .]\d{2}[- .]\d{3}|\d{7,8})(?!\d)"
    r"(?![-.,]\d)" + NOT_UNITS
)


def identity_is_valid(digits: str) -> bool:
    """Return whether up to nine digits are an Israeli identity number by their check digit.

    Digits are weighed 1 and 2 by turns from the left of nine, products' digits are added up, and
    the sum is a multiple of ten. Zero alone is no number.
    """
    padded = digits.zfill(9)
    products = [int(digit) * (1 + at % 2) for at, digit in enumerate(padded)]
    return len(padded) == 9 and any(products) and sum(p // 10 + p % 10 for p in products) % 10 == 0


def card_is_valid(digits: str) -> bool:
    """Return whether digits pass the Luhn check (ISO/IEC 7812-1) and are not all the same."""
    products = [int(digit) * (1 + at % 2) for at, digit in enumerate(reversed(digits))]
    return len(set(digits)) > 1 and sum(p // 10 + p % 10 for p in products) % 10 == 0


def iban_is_valid(iban: str) -> bool:
    """Return whether letters and digits are an IBAN by their remainder (ISO 13616, mod 97)."""
    compact = "".join(character for character in iban.upper() if character.isalnum())
    return int("".join(str(int(c, 36)) for c in compact[4:] + compact[:4])) % 97 == 1


def emails(text: str) -> Places:
    """Yield the places of e-mail addresses."""
    for match in EMAIL.finditer(text):
        if "." in match[0].partition("@")[2] or DOTLESS.search(match[0]) or "נקודה" in match[0]:
            yield match.span()


def identities(text: str) -> Places:
    """Yield the places of identity numbers: by their check digit, or after a cue whatever it is."""
    for match in IDENTITY_CUED.finditer(text):
        cue, gap = cue_before(text, match.start())
        if cue == "identity" and gap <= 30:
            yield match.span()
    for match in IDENTITY.finditer(text):
        digits = digits_of(match[0])
        if identity_is_valid(digits) and not (len(match[0]) == 8 and DATE.fullmatch(digits)):
            cue, _ = cue_before(text, match.start())
            dialled = cue in ("phone", "call") and len(digits) == 9 and digits[0] in "05"
            if cue not in ("ticket", "account", "card", "plate") and not dialled:
                yield match.span()


def cards(text: str) -> Places:
    """Yield the places of card numbers by Luhn or after a cue, and of their last digits."""
    for match in CARD.finditer(text):
        cue, _ = cue_before(text, match.start())
        sound = card_is_valid(digits_of(match[0])) and len(digits_of(match[0])) >= 13
        if cue == "card" or (sound and cue != "ticket"):
            yield match.span()
    for match in SECRET.finditer(text):
        yield match.span(1)
    for match in CARD_HIDDEN.finditer(text):
        yield match.span()
    for match in CARD_SHORT.finditer(text):
        cue, gap = cue_before(text, match.start())
        is_year = len(match[0]) == 4 and int(match[0]) in YEARS
        if cue == "card" and gap <= 12 and not is_year:
            yield match.span()
    for match in LAST_DIGITS.finditer(text):
        near = text[max(0, match.start() - 45) : match.start(1)]
        if CARD_NEAR.search(near):
            yield match.span(1)


def accounts(text: str) -> Places:
    """Yield the places of bank accounts, with the branch beside them, and of IBANs."""
    for match in IBAN.finditer(text):
        if iban_is_valid(match[0]) or cue_before(text, match.start())[0] == "account":
            yield match.span()
    for match in ACCOUNT.finditer(text):
        yield match.span()
    for match in ACCOUNT_CUED.finditer(text):
        cue, gap = cue_before(text, match.start())
        if cue == "account" and gap <= 22:
            yield match.span()


def plates(text: str) -> Places:
    """Yield the places of licence plates: by their dashes, or seven or eight digits after a cue."""
    for match in PLATE.finditer(text):
        if cue_before(text, match.start())[0] not in ("ticket", "account"):
            yield match.span()
    for match in PLATE_CUED.finditer(text):
        if cue_before(text, match.start())[0] == "plate":
            yield match.span()


@Language.component("pii_email")
def find_emails(doc: Doc) -> Doc:
    """Return the document with e-mail addresses added."""
    return add(doc, Kind.EMAIL, emails(text_of(doc)))


@Language.component("pii_identity")
def find_identities(doc: Doc) -> Doc:
    """Return the document with identity numbers added."""
    return add(doc, Kind.IDENTITY, identities(text_of(doc)))


@Language.component("pii_card")
def find_cards(doc: Doc) -> Doc:
    """Return the document with card numbers added."""
    return add(doc, Kind.CARD, cards(text_of(doc)))


@Language.component("pii_account")
def find_accounts(doc: Doc) -> Doc:
    """Return the document with bank accounts added."""
    return add(doc, Kind.ACCOUNT, accounts(text_of(doc)))


@Language.component("pii_plate")
def find_plates(doc: Doc) -> Doc:
    """Return the document with licence plates added."""
    return add(doc, Kind.PLATE, plates(text_of(doc)))
