"""Personal data is masked, everything else stays: measured on invented notes, and by properties."""

import re
import threading
from collections import defaultdict
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from nlp.privacy import MASKER_VERSION, Finding, Masker
from nlp.privacy_numbers import card_is_valid, iban_is_valid, identity_is_valid
from nlp.privacy_spans import PLACEHOLDER, Kind

DATA = Path(__file__).parent / "data" / "personal_data.yaml"
NOTES = yaml.safe_load(DATA.read_text(encoding="utf-8"))
MARK = re.compile(r"<<([^:]+):(.*?)>>")
WORD_OF = {kind.value: kind for kind in Kind}
SLACK = 12  # characters that a finding may take with it, such as the cue of an address

FRAGMENTS = (
    *("ת.ז. ", "069142552", "050-7712043", "4580697129164169", "שם: ", "מר ", "כהן", "רח' הרצל 5"),
    *("דירה 3", "חשבון 123456", "סניף 612 ", "[טלפון]", "[ת.ז.]", "[שם", "]", "רכב ", "12-345-67"),
    *(
        "dana@walla.co.il",
        " ",
        ", ",
        "\n",
        "7",
        "49.90",
        "ביקש לבטל",
        "אשתו תמר",
        "\u05b0",
        "\u200f",
    ),
    *("\x00", "\ud800", "\ufffc", "המסתיים ב-", "1234", "+972", "א", "״", "–"),
)
MIXED = st.lists(st.sampled_from(FRAGMENTS), max_size=14).map("".join)


MASKER = Masker()  # hypothesis wants no fixture


@pytest.fixture(scope="module")
def masker() -> Masker:
    return MASKER


def read_marked(line: str) -> tuple[str, list[Finding]]:
    """Return a note without its marks, and what they mark."""
    text, expected, done = "", [], 0
    for match in MARK.finditer(line):
        text += line[done : match.start()]
        expected.append(Finding(len(text), len(text) + len(match[2]), WORD_OF[match[1]]))
        text += match[2]
        done = match.end()
    return text + line[done:], expected


def fits(found: Finding, expected: Finding) -> bool:
    """Return whether a finding covers a marked place, is of its kind, and takes little else."""
    slack = (found.end - found.start) - (expected.end - expected.start)
    covers = found.start <= expected.start and expected.end <= found.end
    return found.kind == expected.kind and covers and slack <= SLACK


def test_recall_and_precision_on_invented_notes(masker: Masker) -> None:
    """Hardly anything personal is left, hardly anything else is masked."""
    marked, hits, found_all = defaultdict(int), defaultdict(int), 0
    right = 0
    for line in NOTES["marked"].splitlines():
        text, expected = read_marked(line)
        found = masker.find(text)
        found_all += len(found)
        right += sum(any(fits(one, other) for other in expected) for one in found)
        for one in expected:
            marked[one.kind] += 1
            hits[one.kind] += any(fits(other, one) for other in found)
    found_all += sum(len(masker.find(note)) for note in NOTES["clean"].splitlines())
    assert set(marked) == set(Kind)
    assert sum(hits.values()) / sum(marked.values()) >= 0.97
    assert right / found_all >= 0.97
    assert all(hits[kind] / marked[kind] >= 0.85 for kind in Kind)


def test_the_measure_has_enough_notes_of_each_sort() -> None:
    """A small or one-sided set would measure nothing."""
    kinds = [match[1] for match in MARK.finditer(NOTES["marked"])]
    assert len(NOTES["marked"].splitlines()) >= 120
    assert len(NOTES["clean"].splitlines()) >= 120
    assert min(kinds.count(kind.value) for kind in Kind) >= 7


@pytest.mark.parametrize(
    ("note", "expected"),
    [
        ("ת.ז. 069142552, נייד 050-7712043", "ת.ז. [ת.ז.], נייד [טלפון]"),
        ("מר כהן ביקש לבטל", "מר [שם] ביקש לבטל"),
        ("הגברת אסתר המתינה", "הגברת [שם] המתינה"),
        ("סניף 034 חשבון 77120, בנק לאומי סירב.", "[חשבון], בנק לאומי סירב."),
        ("שם: דנה ביקשה להתנתק", "שם: [שם] ביקשה להתנתק"),
        ("גר ברח' הרצל 5 דירה 3, רחובות. מרוצה", "גר [כתובת]. מרוצה"),
        ('חשבון 149 ש"ח, *6050, פנייה 12345678', 'חשבון 149 ש"ח, *6050, פנייה 12345678'),
        ("נייד \u2068+972\u00a050\u2011771\u20112043\u2069 בערב", "נייד \u2068[טלפון]\u2069 בערב"),
        ("ת״ז 069142552 – אומת", "ת״ז [ת.ז.] – אומת"),
        ("[טלפון] ו[שם]", "[טלפון] ו[שם]"),
        ("", ""),
    ],
)
def test_masked_notes_read_well(masker: Masker, note: str, expected: str) -> None:
    """Placeholders stand exactly where the data stood; the rest is untouched to the letter."""
    assert next(masker.mask([note])) == expected


@given(MIXED)
@settings(max_examples=50)
def test_masking_twice_changes_nothing_more(text: str) -> None:
    """An export that was masked before, or twice, stays the same."""
    once = next(MASKER.mask([text]))
    assert next(MASKER.mask([once])) == once


@given(st.one_of(MIXED, st.text(max_size=60)))
@settings(max_examples=50)
def test_findings_are_ordered_apart_and_are_what_is_masked(text: str) -> None:
    """`find` and `mask` say the same; what is between the findings stays."""
    found = MASKER.find(text)
    masked, done = "", 0
    for one in found:
        assert done <= one.start < one.end <= len(text)
        masked += text[done : one.start] + one.kind.placeholder
        done = one.end
    assert next(MASKER.mask([text])) == masked + text[done:]


@given(st.lists(st.sampled_from("0123456789"), min_size=8, max_size=8), st.sampled_from("אבג .,:"))
@settings(max_examples=50)
def test_any_valid_identity_number_is_masked(digits: list[str], before: str) -> None:
    """Every valid number, not only the listed ones: no digit of it is left."""
    body = "".join(digits)
    number = next(body + last for last in "0123456789" if _sum_by_hand(body + last) % 10 == 0)
    if number == "000000000":
        return
    assert number not in next(MASKER.mask([f"הלקוח{before} {number} אומת"]))


def _sum_by_hand(number: str) -> int:
    """Return the check sum as the registry describes it: the slow twin of the rule."""
    total = 0
    for at, digit in enumerate(number):
        product = int(digit) * (1 if at % 2 == 0 else 2)
        total += product if product < 10 else 1 + product - 10
    return total


def test_check_digits_of_known_numbers() -> None:
    """Published examples of each check, and the same with one digit wrong."""
    assert identity_is_valid("123456782")
    assert not identity_is_valid("123456789")
    assert not identity_is_valid("000000000")
    assert card_is_valid("4111111111111111")
    assert not card_is_valid("4111111111111112")
    assert iban_is_valid("IL62 0108 0000 0009 9999 999")
    assert not iban_is_valid("IL630108000000099999999")


def test_placeholders_have_no_digits_and_are_known_again() -> None:
    """A placeholder must never look like personal data itself."""
    for kind in Kind:
        assert PLACEHOLDER.fullmatch(kind.placeholder)
        assert not re.search(r"\d", kind.placeholder)


def test_names_and_towns_are_masked_with_points_and_marks_inside(masker: Masker) -> None:
    """Points and marks of direction inside do not hide a number or a name."""
    assert next(masker.mask(["מר כֹּהֵן"])) == "מר [שם]"
    assert next(masker.mask(["נייד 050\u200f-7712\u200e043"])) == "נייד [טלפון]"


@pytest.mark.parametrize("piece", ["7", "א", "050-", "שם: ", "אא-", "[שם]", "\n", "a@", "רח' "])
def test_what_follows_a_huge_piece_is_masked(masker: Masker, piece: str) -> None:
    """100,000 characters without an end, as a broken export has them, hide nothing behind them."""
    huge = piece * (100_000 // len(piece))
    assert next(masker.mask([huge + " נייד 050-7712043"])).endswith(" [טלפון]")


def test_texts_come_back_in_order_whatever_the_batch(masker: Masker) -> None:
    """A mask that shifts rows would give one customer another's words."""
    texts = [f"פנייה {at} נייד 050-77120{at % 90 + 10}" for at in range(1100)]
    assert list(masker.mask(iter(texts))) == [f"פנייה {at} נייד [טלפון]" for at in range(1100)]


def test_one_masker_serves_several_threads(masker: Masker) -> None:
    """Flows run tasks in threads; spaCy's memory zone allows one at a time."""
    results: dict[int, list[str]] = {}

    def work(name: int) -> None:
        results[name] = list(masker.mask(["מר כהן 050-7712043"] * 50))

    threads = [threading.Thread(target=work, args=(name,)) for name in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(results[name] == ["מר [שם] [טלפון]"] * 50 for name in range(4))


@pytest.mark.parametrize("zero", ["\u0660", "\u06f0", "\uff10", "\u0966", "\U0001d7ce"])
def test_digits_of_other_scripts_are_digits(masker: Masker, zero: str) -> None:
    """Phones and identity numbers are found in whatever digits they are written."""
    other = str.maketrans({str(n): chr(ord(zero) + n) for n in range(10)})
    texts = ["התקשר מ-0521234567 בערב", "ת.ז. 123456782", "050-7712043, לחזור"]
    found = list(masker.mask([text.translate(other) for text in texts]))
    assert found == list(masker.mask(texts))
    assert all("[" in text for text in found)


def test_the_rules_have_a_version() -> None:
    """The store notes which rules masked a text."""
    assert MASKER_VERSION.isdecimal()
