"""Numbers, dates and counted nouns as an Israeli reader expects them."""

import math
from collections.abc import Callable
from datetime import date

import pytest

from desk import hebrew
from desk.i18n import speaking


@pytest.mark.parametrize(
    ("n", "text"), [(0, "0 פניות"), (1, "פנייה אחת"), (2, "שתי פניות"), (1200, "1,200 פניות")]
)
def test_counted_nouns_are_hebrew(n: int, text: str) -> None:
    """One and two are words of their own, the rest a number with separators."""
    assert hebrew.CONTACT.count(n) == text


@pytest.mark.parametrize(
    ("days", "text"),
    [
        (0, "היום"),
        (1, "אתמול"),
        (2, "לפני יומיים"),
        (3, "לפני 3 ימים"),
        (14, "לפני שבועיים"),
        (22, "לפני 3 שבועות"),
        (60, "לפני חודשיים"),
        (365, "לפני שנה"),
    ],
)
def test_days_ago_are_said_as_people_say_them(days: int, text: str) -> None:
    """Duals and the unit follow the distance."""
    assert hebrew.ago(days) == text


def test_until_looks_both_ways() -> None:
    """A contract that has ended is said to be behind."""
    assert (hebrew.until(1), hebrew.until(14), hebrew.until(-3)) == (
        "מחר",
        "בעוד שבועיים",
        "לפני 3 ימים",
    )


@pytest.mark.parametrize(
    ("first", "text"),
    [
        (date(2026, 11, 8), "8–14 בנובמבר 2026"),
        (date(2026, 11, 29), "29 בנובמבר עד 5 בדצמבר 2026"),
        (date(2026, 12, 27), "27 בדצמבר 2026 עד 2 בינואר 2027"),
    ],
)
def test_a_week_is_named_by_its_seven_days(first: date, text: str) -> None:
    """The last day is six days on, over the edge of a month or a year too."""
    assert hebrew.without_marks(hebrew.week_dates(first)) == text


def test_signs_and_ranges_are_isolated() -> None:
    """Without isolation a minus jumps behind its number, and a range is read backwards."""
    assert hebrew.signed(-3.24) == "\u2066\u22123.2\u2069"
    assert hebrew.interval("62%", "79%") == "\u206662%–79%\u2069"
    assert hebrew.signed(-0.01) == "0.0"


@pytest.mark.parametrize(
    ("share", "text"),
    [(0.0, "0%"), (0.078, "7.8%"), (0.0996, "10%"), (0.254, "25%"), (1.0, "100%")],
)
def test_percentages_have_a_decimal_only_where_it_tells(share: float, text: str) -> None:
    """Small shares keep a decimal, larger ones do not."""
    assert hebrew.percent(share) == text
    assert hebrew.percent(math.nan) == "—"


def test_prefixes_take_a_hyphen_before_digits_only() -> None:
    """`בשתי פניות`, but `ב־12 פניות`."""
    assert hebrew.attach("ב", "שתי פניות") == "בשתי פניות"
    assert hebrew.attach("ב", "12 פניות") == "ב־12 פניות"
    assert hebrew.join(["הוט", "בזק", "012"]) == "הוט, בזק ו־012"


@pytest.mark.parametrize(
    ("said", "text"),
    [
        (lambda: hebrew.CONTACT.count(1), "1 contact"),
        (lambda: hebrew.CONTACT.count(1200), "1,200 contacts"),
        (lambda: hebrew.DAY.plural, "days"),
        (lambda: hebrew.signed(-3.04), "\u22123.0"),
        (lambda: hebrew.signed_interval("\u22123", "+5"), "\u22123 to +5"),
        (lambda: hebrew.interval("3%", "5%"), "3%–5%"),
        (lambda: hebrew.money(1200), "₪1,200"),
        (lambda: hebrew.day(date(2026, 9, 1)), "1 Sept 2026"),
        (lambda: hebrew.interval(hebrew.day(date(2026, 9, 1)), "2 Sep"), "1 Sept 2026 – 2 Sep"),
        (lambda: hebrew.short_day(date(2026, 9, 1)), "1 Sept"),
        (lambda: hebrew.week_dates(date(2026, 11, 8)), "8–14 Nov 2026"),
        (lambda: hebrew.week_dates(date(2026, 12, 27)), "27 Dec 2026 – 2 Jan 2027"),
        (lambda: hebrew.ago(0), "today"),
        (lambda: hebrew.ago(365), "1 year ago"),
        (lambda: hebrew.until(14), "in 2 weeks"),
        (lambda: hebrew.until(-1), "yesterday"),
        (lambda: hebrew.attach("ב", "2 contacts"), "2 contacts"),
        (lambda: hebrew.join(["a", "b", "c"]), "a, b and c"),
    ],
)
def test_english_says_the_same(said: Callable[[], str], text: str) -> None:
    """No isolation marks, no prefixes, and dates whose month is a word."""
    with speaking("en"):
        assert said().replace("\u2009", " ") == text
