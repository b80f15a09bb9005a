"""Numbers, dates and counted nouns as an Israeli reader expects them, or an English one."""

import math
from dataclasses import dataclass, field
from datetime import date, timedelta

from babel.dates import format_date, format_interval

from desk.i18n import _, direction, language

MISSING = "—"
MONTHS = (
    "ינואר",
    "פברואר",
    "מרץ",
    "אפריל",
    "מאי",
    "יוני",
    "יולי",
    "אוגוסט",
    "ספטמבר",
    "אוקטובר",
    "נובמבר",
    "דצמבר",
)
# A sign or a range inside right-to-left text is reordered by the bidi algorithm unless isolated.
LTR_ISOLATE, RTL_ISOLATE, END_ISOLATE = "\u2066", "\u2067", "\u2069"
_ISOLATES = dict.fromkeys(map(ord, LTR_ISOLATE + RTL_ISOLATE + END_ISOLATE))


@dataclass(frozen=True, slots=True)
class Noun:
    """A counted noun: the whole phrase for one and for two, and the plural for the rest.

    `english` is its English singular and plural.
    """

    one: str
    two: str
    many: str
    beyond_ten: str = ""  # where it differs: 10 ימים, but 11 יום
    english: tuple[str, str] = field(kw_only=True)

    @property
    def plural(self) -> str:
        """The plural in the language that is spoken."""
        return self.many if language() == "he" else self.english[1]

    def count(self, n: int) -> str:
        """Return the counted phrase, such as `פנייה אחת`, `שתי פניות`, `1,200 פניות`."""
        if language() == "en":
            return f"{number(n)} {self.english[n != 1]}"
        phrases = {1: self.one, 2: self.two}
        noun = self.beyond_ten or self.many if n > 10 else self.many
        return phrases.get(n, f"{number(n)} {noun}")


CONTACT = Noun("פנייה אחת", "שתי פניות", "פניות", english=("contact", "contacts"))
COMMENT = Noun("תגובה אחת", "שתי תגובות", "תגובות", english=("comment", "comments"))
CUSTOMER = Noun("לקוח אחד", "שני לקוחות", "לקוחות", english=("customer", "customers"))
THREAD = Noun("נושא אחד", "שני נושאים", "נושאים", english=("issue", "issues"))
ANSWER = Noun("תשובה אחת", "שתי תשובות", "תשובות", english=("answer", "answers"))
ROW = Noun("שורה אחת", "שתי שורות", "שורות", english=("row", "rows"))
NOTE = Noun("טקסט אחד", "שני טקסטים", "טקסטים", english=("note", "notes"))
COMPANY = Noun("חברה אחת", "שתי חברות", "חברות", english=("company", "companies"))
DAY = Noun("יום", "יומיים", "ימים", "יום", english=("day", "days"))
WEEK = Noun("שבוע", "שבועיים", "שבועות", english=("week", "weeks"))
MONTH = Noun("חודש", "חודשיים", "חודשים", english=("month", "months"))
YEAR = Noun("שנה", "שנתיים", "שנים", english=("year", "years"))


def ltr(text: str) -> str:
    """Return the text isolated as left-to-right, so that signs and ranges keep their order."""
    return f"{LTR_ISOLATE}{text}{END_ISOLATE}" if direction() == "rtl" else text


def rtl(text: str) -> str:
    """Return the text isolated as right-to-left, for places whose base direction is not ours."""
    return f"{RTL_ISOLATE}{text}{END_ISOLATE}"


def without_marks(text: str) -> str:
    """Return the text without isolation marks, for terminals."""
    return text.translate(_ISOLATES)


def number(value: float, digits: int = 0) -> str:
    """Return a number with thousands separators, `—` where there is none."""
    if math.isnan(value):
        return MISSING
    text = f"{value:,.{digits}f}"
    return ltr(text) if text.startswith("-") else text


def percent(share: float) -> str:
    """Return a share of 0..1 as a percentage: one decimal below ten, none above."""
    if math.isnan(share):
        return MISSING
    value = 100 * share
    if value == 0 or value >= 9.95:
        return f"{value:.0f}%"
    return f"{value:.1f}%"


def money(value: float) -> str:
    """Return whole shekels: `1,200 ₪`, in English `₪1,200`."""
    return f"₪{number(value)}" if language() == "en" else f"{number(value)} ₪"


def signed(value: float, digits: int = 1) -> str:
    """Return a number with its sign, isolated so that the sign stays in front."""
    if math.isnan(value):
        return MISSING
    if round(value, digits) == 0:
        return f"{0:.{digits}f}"
    return ltr(f"{value:+,.{digits}f}".replace("-", "\u2212"))


def interval(low: str, high: str) -> str:
    """Return two formatted ends as a range, `—` where either is missing."""
    if MISSING in (low, high):
        return MISSING
    apart = language() == "en" and " " in low + high
    return ltr(f"{low} – {high}" if apart else f"{low}–{high}")


def signed_interval(low: str, high: str) -> str:
    """Return two signed ends as a range.

    They need air, or the dash between them reads as a third sign.
    """
    return ltr(_("{low} … {high}").format(low=low, high=high))


def day(value: date) -> str:
    """Return a date as 14.11.2026, in English as 14 Nov 2026."""
    if language() == "en":
        return format_date(value, "d MMM y", locale="en_GB")
    return f"{value.day}.{value.month}.{value.year}"


def short_day(value: date) -> str:
    """Return a date as 14.11, in English as 14 Nov."""
    if language() == "en":
        return format_date(value, "d MMM", locale="en_GB")
    return f"{value.day}.{value.month}"


def week_dates(first: date) -> str:
    """Return the seven days of a week in words: `8–14 בנובמבר 2026`."""
    last = first + timedelta(days=6)
    if language() == "en":
        return format_interval(first, last, "yMMMd", locale="en_GB")
    end = f"ב{MONTHS[last.month - 1]} {last.year}"
    if first.month == last.month:
        return f"{ltr(f'{first.day}–{last.day}')} {end}"
    year = "" if first.year == last.year else f" {first.year}"
    return f"{first.day} ב{MONTHS[first.month - 1]}{year} עד {last.day} {end}"


def _span(days: int) -> str:
    for length, noun in ((365, YEAR), (60, MONTH), (14, WEEK)):
        if days >= length:
            unit = {YEAR: 365, MONTH: 30, WEEK: 7}[noun]
            return noun.count(days // unit)
    return DAY.count(days)


def ago(days: int) -> str:
    """Return how long ago: `היום`, `אתמול`, `לפני 3 ימים`, `לפני שבועיים`."""
    near = {0: _("היום"), 1: _("אתמול")}
    return near.get(days) or _("לפני {span}").format(span=_span(days))


def until(days: int) -> str:
    """Return when a date comes, `days` ahead (negative: behind): `מחר`, `בעוד 3 שבועות`."""
    if days < 0:
        return ago(-days)
    near = {0: _("היום"), 1: _("מחר")}
    return near.get(days) or _("בעוד {span}").format(span=_span(days))


def attach(prefix: str, phrase: str) -> str:
    """Return a one-letter prefix and its phrase: `בשתי פניות`, but `ב־12 פניות`.

    English has no such prefixes: its sentence has a word in their place.
    """
    if language() == "en":
        return phrase
    return f"{prefix}{phrase}" if "א" <= phrase[:1] <= "ת" else f"{prefix}־{phrase}"


def join(parts: list[str]) -> str:
    """Return the parts as a list: `א, ב וג`, `א ו־3`, `a, b and c`."""
    if len(parts) < 2:
        return "".join(parts)
    if language() == "en":
        return f"{', '.join(parts[:-1])} and {parts[-1]}"
    return f"{', '.join(parts[:-1])} {attach('ו', parts[-1])}"
