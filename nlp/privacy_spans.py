"""Where personal data stands in a document: kinds, cues, candidates, and which of them win."""

import re
from collections import deque
from collections.abc import Iterable
from enum import StrEnum

from spacy.language import Language
from spacy.tokens import Doc, Span, SpanGroup

GROUP = "pii"
BARRIER = "\ufffc"  # stands for a placeholder; no rule matches across it


class Kind(StrEnum):
    """Kinds of personal data, the strongest evidence first; the value is the placeholder's word."""

    EMAIL = 'דוא"ל'
    CARD = "כרטיס"
    ACCOUNT = "חשבון"
    PHONE = "טלפון"
    IDENTITY = "ת.ז."
    PLATE = "רכב"
    ADDRESS = "כתובת"
    NAME = "שם"

    @property
    def placeholder(self) -> str:
        """Return what is written in place of the data; it has no digits."""
        return f"[{self.value}]"


PLACEHOLDER = re.compile("|".join(re.escape(kind.placeholder) for kind in Kind))
RANK = {kind.name: rank for rank, kind in enumerate(Kind)}

# What the words right before a number say about it. The nearest cue counts.
CUE = re.compile(
    r"(?<![א-ת])[ובלמהשכ]{0,3}(?:"
    r"(?P<identity>ת\. ?ז|ת\"ז|תז(?![א-ת])|ת'ז|מ\.ז|מ\"ז|תעוד(?:ת|ות) ה?זהות|תעודה מזהה"
    r"|(?:מספר|מס'?) זהות|דרכון)"
    r"|(?P<ticket>פני+[הת]|פניות|קריא[הת]|קריאות|הזמנ[הת]|הזמנות|פוליס[הת]|פוליסות|תביע[הת]"
    r"|אסמכת[אה]|חשבונית|חשבוניות|קבלה|תיק|משלוח|מעקב|חבילה|דגם|סידורי|מק\"?ט|סריאלי|טיקט|כרטוס"
    r"|אישור|קופון|שובר|ברקוד|נכס|מונה|ח\"פ|ח\.פ|חפ|ע\"מ|עוסק|(?:מספר|מס'?) ה?(?:לקוח|מנוי)|חוזה"
    r"|צ'ק|שיק|עסקה|גרסה|תקלה|קוד|מספר מערכת|מכשיר|נתב|ממיר|ראוטר)"
    r"|(?P<phone>טל(?![א-ת])|טלפון|טלפונים|נייד|ניידים|סלולרי?|סלולארי|פלאפון|פל'|פקס"
    r"|וו?א?טסאפ|ווצאפ|וואצאפ)"
    r"|(?P<call>(?:ל|ת|י|נ)?התקשר(?:ו|ות)?|[תינ]תקשרו?|חזור|חזרו|תחזרו?|לחזור|לחייג|חייגו)"
    r"|(?P<card>כרטיס|כרטיסי|אשראי|ויז[הא]|מסטרקארד|מאסטרקארד|ישראכרט|אמקס|דיינרס|לאומי קארד)"
    r"|(?P<account>חשבון|חשבונות|חשבונ[ויהם]|ח-ן|ח'ן|ח\"ן|ח\.ן|חש')"
    r"|(?P<plate>רכב|רכבי|רכבו|רכבה|ל\"ר|ל\.ר|רישוי|לוחית|אוטו)"
    r")(?![א-ת])"
    r"|(?<![A-Za-z])(?:"
    r"(?P<identity_en>passport|id|tz)|(?P<phone_en>tel|phone|mobile|fax|cell|whatsapp)"
    r"|(?P<card_en>visa|mastercard|amex|card)|(?P<account_en>iban|account)"
    r"|(?P<ticket_en>s/n|sn|serial|ticket|case|order|ref|invoice|imei|iccid|sim|mac|inc|req|tkt|po)"
    r")(?![A-Za-z])",
    re.IGNORECASE,
)
REACH = 40
# The end of a sentence; after a short word the full stop may be an abbreviation's.
BREAK = re.compile(rf"[\d\n{BARRIER}]|[!?]|(?<=[א-ת]{{5}})\. ")
NOT_UNITS = (  # a number before these is an amount
    r"(?! ?(?:ש\"ח|שח|₪|ש'|שקל|שקלים|אלף|אלפים|מיליון|%|אחוז|mb|gb|מגה|ג'יגה|ק\"מ|קמ|קוט\"ש|קוב"
    r"|מ\"ר|מטר|ימים|ימי|יום|שעות|דקות|דק'|שבועות|חודשים|חודש|שנים|פעמים|יח'|יחידות|חדרים|חד'|נקודות"
    r"|דולר|יורו|\$|€)(?![א-תA-Za-z]))"
)


def cue_before(text: str, start: int) -> tuple[str, int]:
    """Return the name of the cue nearest before a place and the characters between them.

    A cue reaches `REACH` characters, within the sentence, not across another number. ("", 0)
    when there is none.
    """
    begin = max(0, start - REACH)
    for stop in BREAK.finditer(text, begin, start):
        begin = stop.end()
    last = deque(CUE.finditer(text, begin, start), maxlen=1)
    kind = last[0].lastgroup if last else None
    if kind is None:
        return "", 0
    return kind.removesuffix("_en"), start - last[0].end()


def digits_of(piece: str) -> str:
    """Return the digits of a piece of text, as 0 to 9."""
    return "".join(str(int(character)) for character in piece if character.isdecimal())


def add(doc: Doc, kind: Kind, places: Iterable[tuple[int, int]]) -> Doc:
    """Return the document with candidates of a kind added to its `pii` group.

    Places are half-open, in characters.
    """
    spans: list[Span] = list(doc.spans.get(GROUP) or ())
    known = len(spans)
    for start, end in places:
        span = doc.char_span(start, end, label=kind.name, alignment_mode="expand")
        if span is not None:
            spans.append(span)
    if len(spans) > known:
        doc.spans[GROUP] = SpanGroup(doc, name=GROUP, spans=spans)
    return doc


@Language.component("pii_resolve")
def resolve(doc: Doc) -> Doc:
    """Return the document with candidates that do not overlap: the strongest, then the longest."""
    group = doc.spans.get(GROUP)
    if not group:
        return doc
    taken = bytearray(len(doc))
    kept: list[Span] = []
    for span in sorted(group, key=lambda span: (RANK[span.label_], -len(span), span.start)):
        if not any(taken[span.start : span.end]):
            taken[span.start : span.end] = b"\x01" * len(span)
            kept.append(span)
    kept.sort(key=lambda span: span.start)
    doc.spans[GROUP] = SpanGroup(doc, name=GROUP, spans=kept)
    return doc
