"""The spaCy component that finds names of people after their cues, one to three words each.

What counts as a name, a family name or a plain word is written in `names.yaml`.
"""

import re
from collections.abc import Iterator
from pathlib import Path

import yaml
from spacy.language import Language
from spacy.tokens import Doc

from nlp.hebrew import text_of
from nlp.privacy_spans import Kind, add

_LISTS = yaml.safe_load(Path(__file__).with_name("names.yaml").read_text(encoding="utf-8"))
AMBIGUOUS = frozenset(_LISTS["ambiguous"].split())
GIVEN = frozenset(_LISTS["given"].split())
FAMILY = frozenset(_LISTS["family"].split())
NAMES = GIVEN | FAMILY
COMMON = frozenset(_LISTS["common"].split())
SURE_GIVEN = GIVEN - AMBIGUOUS
SURE_FAMILY = FAMILY - AMBIGUOUS
PREFIXES = frozenset("ושהבלכמ")
PARTICLES = frozenset(("בן", "בר", "אבו", "אל", "דה", "בת"))

WORD = r"(?:[א-ת]+(?:'[א-ת]*)?(?:-[א-ת]+'?){0,3}|[A-Z][A-Za-z'-]{0,30})"
NEXT = re.compile(rf" {{1,2}}({WORD})(?![א-ת\"@]|\d)")
FIRST = re.compile(rf"({WORD})(?![א-ת\"@]|\d)")
INITIAL = re.compile(r" [א-ת]['.](?![א-ת])")
END = re.compile(r" ?(?:[.,;:!?()\n\ufffc/-]|\d|\Z)")
START = r"(?<![א-ת\"'])"

RELATIVES = (
    r"(?:בעלה|אשתו|אשתי|בעלי|הבעל|האישה|הבן|הבת|בנו|בנה|בתו|בתה|בני|בתי|אביו|אביה|אמו|אמה|אבא|אמא"
    r"|האבא|האמא|אחיו|אחיה|אחותו|אחותה|הגיס|חמותו|חמותה|כלתו|כלתה|חתנו|חתנה|הנכד|הנכדה|בן הזוג"
    r"|בת הזוג|שכנו|שכנתה)"
)
WHOSE_NAME = r"ה?(?:לקוחה?|מתקשרת?|פונה|מבוטחת?|מנויה?|מוטב|חותמת?|נציגה?|טכנאי|משפחה)|מלא|פרטי"
TITLES = r"מר|גב'|גב|גברת|אדון|ד\"ר|דר'|דוקטור|עו\"ד|עוה\"ד|רו\"ח|פרופ'|אינג'|הרב"
ROLES = (
    r"נציגה?|נציגת|טכנאית?|מוקדנית?|לקוחה?|לק'|מבוטחת?|מנויה?|סוכנת?|פקידה?|בנקאית?|מתקינה?|שליח"
    r"|שמאית?|יועצת?|מנהלת?|שכנה?|מתקשרת?|מזכירה?|בעלים"
)
SPOKE = r"(?:דיבר|שוחח)(?:תי|נו|ה)?|שיחה|סוכם|סוכמה|תואם|תיאמתי|סיכמתי|סגרתי|מדבר|מדברת"
GREETINGS = r"מדבר|מדברת|כאן|זה|זו|בשם|לידי|לבקשת|תודה(?: רבה| מראש)?,?|היי|שלום"

# After these a word is a name whatever it is.
CERTAIN = re.compile(
    rf"{START}[ולבמהש]{{0,2}}(?:(?<!קורה )(?<!היה )(?<!יש )(?<!אין )שם ?:"
    rf"|שם (?:{WHOSE_NAME}|פרטי ומשפחה)(?: (?:שלי|שלו|שלה|הוא|היא))? ?[:-]"
    r"|איש קשר ?:) {0,2}"
    r"|(?<![A-Za-z])(?:[Nn]ame ?:|Mr\.?|Mrs\.?|Ms\.?) {1,2}"
)
# After these a word is a name unless it is a plain word.
LIKELY = re.compile(
    rf"{START}[ולבשמכ]{{0,2}}ה?(?:{TITLES}) {{1,2}}"
    rf"|{START}[ולבשמכ]{{0,2}}שם (?:{WHOSE_NAME}) {{1,2}}"
    rf"|{START}ו?(?:(?<!על )שמי (?:הוא )?|(?<!על )שמ[וה] ה[וי]א |קוראים לי ) ?"
    rf"|{START}(?:בברכה|בכבוד רב|על החתום)[ ,:\n]{{1,3}}"
)
# After these a word is a name when the lists know it, or when a relative follows it.
POSSIBLE = re.compile(
    rf"{START}[ולבשמ]{{0,2}}ה?(?:{ROLES})(?: (?:בשם|שלי|שלנו|שלו|שלה))?[ :,]{{1,2}}"
    rf"|{START}[ולבשמ]{{0,2}}{RELATIVES}[ :,-]{{1,2}}"
    rf"|{START}[ולבכש]{{0,2}}(?:{SPOKE})(?: (?:היום|אתמול|שוב|טלפונית))? עם {{1,2}}"
    rf"|{START}(?:{GREETINGS}) {{1,2}}"
)
VERB_SHAPE = re.compile(r"ה|[מנתי]ת[א-ת]{3}|[א-ת]+(?:תי|נו)\Z")  # התעצבן, מתלונן, פניתי
RELATIVE_NEXT = re.compile(rf",? {RELATIVES}(?![א-ת])")
PAIR = re.compile(rf"{START}({WORD})(?= ({WORD})(?![א-ת\"@]))")


def is_common(word: str) -> bool:
    """Return whether a word is a plain one, as it stands or after one or two prefix letters."""
    if word in NAMES:
        return False
    stems = (word, word[1:], word[2:])
    return word.startswith(("שה", "כשה")) or any(
        stem in COMMON and (at == 0 or (len(stem) > 1 and PREFIXES.issuperset(word[:at])))
        for at, stem in enumerate(stems)
    )


def more_words(text: str, end: int, word: str, room: int) -> int:
    """Return where a name ends whose word so far ends at `end`, with up to `room` words more."""
    found = NEXT.match(text, end)
    if not room:
        return end
    if found is None:
        initial = INITIAL.match(text, end)
        return initial.end() if initial else end
    if not _continues(text, word, found[1], found.end(1)):
        return end
    return more_words(text, found.end(1), found[1], room - 1)


def _continues(text: str, word: str, following: str, after: int) -> bool:
    """Return whether a word goes on a name; `after` is where it ends."""
    if following in NAMES and following not in AMBIGUOUS:
        return True
    beyond = NEXT.match(text, after)
    if following in PARTICLES:
        return beyond is not None and not is_common(beyond[1]) and not beyond[1].startswith("ה")
    if is_common(following) or (following not in NAMES and VERB_SHAPE.match(following)):
        return False
    if word in PARTICLES:
        return True
    # An unknown or ambiguous word is the family name when nothing or a plain word comes after it.
    known_before = following[0].isascii() or word in GIVEN or following in AMBIGUOUS
    ends = END.match(text, after) is not None or (beyond is not None and is_common(beyond[1]))
    return known_before and ends


def names(text: str) -> Iterator[tuple[int, int]]:
    """Yield the places of names of people."""
    for match in CERTAIN.finditer(text):
        first = FIRST.match(text, match.end())
        if first:
            yield first.start(1), more_words(text, first.end(1), first[1], 2)
    for match in LIKELY.finditer(text):
        first = FIRST.match(text, match.end())
        if first and _is_likely(text, first):
            yield first.start(1), more_words(text, first.end(1), first[1], 2)
    for match in POSSIBLE.finditer(text):
        first = FIRST.match(text, match.end())
        if first and _is_known(text, first):
            yield first.start(1), more_words(text, first.end(1), first[1], 2)
    yield from _pairs(text)


def _is_likely(text: str, first: re.Match[str]) -> bool:
    if first[1] in PARTICLES:  # בן חמו is a name, בן 83 and בת קול are none
        beyond = NEXT.match(text, first.end(1))
        return beyond is not None and beyond[1] in NAMES
    return not is_common(first[1]) and len(first[1]) > 1


def _is_known(text: str, first: re.Match[str]) -> bool:
    word = first[1]
    if word in NAMES and word not in AMBIGUOUS:
        return True
    return not is_common(word) and RELATIVE_NEXT.match(text, first.end(1)) is not None


def _pairs(text: str) -> Iterator[tuple[int, int]]:
    """Yield known given names with a known family name right after them."""
    for match in PAIR.finditer(text):
        given, family = match[1], match[2]
        if given in SURE_GIVEN and family in SURE_FAMILY:
            yield match.start(1), match.end(2)


@Language.component("pii_name")
def find_names(doc: Doc) -> Doc:
    """Return the document with names of people added."""
    return add(doc, Kind.NAME, names(text_of(doc)))
