"""The page: whole, inert, right to left, the same bytes each time."""

import os
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest

from desk import charts
from desk.presenters import present
from desk.report import render_html
from tests.desk.fixtures import HOSTILE, empty_data, report_data, survey_data

GOLDEN = Path(__file__).with_name("golden")
VOID = {"meta", "link", "br", "img", "hr", "input"}


class Page(HTMLParser):
    """Reads a page: its tags with attributes, its texts by line, and whether all tags close."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.lines: list[str] = []
        self.open: list[str] = []
        self.unbalanced: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.unbalanced.append(tag)

    def handle_data(self, data: str) -> None:
        if data.strip() and "style" not in self.open and "svg" not in self.open:
            mark = "**" if "mark" in self.open else ""
            self.lines.append(f"{mark}{data.strip()}{mark}")

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attrs for name, attrs in self.tags if name == tag]


@pytest.fixture(scope="module")
def html() -> str:
    return render_html(report_data())


@pytest.fixture(scope="module")
def page(html: str) -> Page:
    return Page(html)


def test_the_same_data_gives_the_same_bytes(html: str) -> None:
    """The renderer's running numbers must not show: a second page in one process is equal."""
    assert render_html(report_data()) == html


def test_the_text_is_as_read_and_approved(page: Page) -> None:
    """Golden: every visible text in order, evidence between asterisks."""
    text = "\n".join(page.lines) + "\n"
    path = GOLDEN / "report.txt"
    if os.environ.get("KESHEV_WRITE_GOLDEN"):
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8")


def test_the_page_loads_nothing_and_runs_nothing(html: str, page: Page) -> None:
    """It opens with no network: no address to load from, no script, no event handler."""
    assert not page.all("script")
    assert not page.all("link")
    assert not page.all("img")
    assert not [
        a for _, a in page.tags if any(n.startswith("on") or n in ("src", "href") for n in a)
    ]
    assert set(re.findall(r"https?://[^\s\"'<)]+", html)) <= {
        "http://www.w3.org/2000/svg",
        "http://www.w3.org/1999/xlink",
    }
    assert "@import" not in html


def test_the_page_is_hebrew_right_to_left_and_well_formed(page: Page) -> None:
    """Direction and language stand on the root, and every tag closes in its place."""
    assert page.all("html") == [{"lang": "he", "dir": "rtl"}]
    assert not page.unbalanced
    assert not page.open


def test_charts_have_a_hebrew_name_and_their_own_ids(page: Page, html: str) -> None:
    """A screen reader hears a title; nothing in one chart refers into another."""
    svgs = page.all("svg")
    assert len(svgs) >= 20
    for svg in svgs:
        assert svg["role"] == "img"
        assert re.search("[א-ת]|NPS|FCR", svg["aria-label"] or "")
        assert svg["direction"] == "ltr"
    ids = [attrs["id"] for _, attrs in page.tags if "id" in attrs]
    assert len(ids) == len(set(ids))
    assert "url(#" not in html


def test_hebrew_labels_in_charts_are_isolated(page: Page) -> None:
    """The reasons' names stand in the chart inside right-to-left isolation marks."""
    svg = charts.reasons_bars(present(report_data()).reasons, "בדיקה")
    labels = re.findall(r">(\u2067[^<]*)<", svg)
    assert len(labels) == 12
    assert all(label.endswith("\u2069") for label in labels)


def test_tables_have_captions_and_scopes(page: Page) -> None:
    """Each table is captioned and each heading says what it heads."""
    assert len(page.all("table")) == len(page.all("caption")) >= 7
    assert all(th.get("scope") in ("col", "row") for th in page.all("th"))


def test_hostile_texts_are_inert() -> None:
    """A note, a queue, an id or a file name with markup is text, nothing else."""
    data = report_data()
    hostile = replace(
        data,
        contacts=data.contacts.assign(text=HOSTILE, queue=HOSTILE),
        predictions=data.predictions.assign(evidence='{"failure": [0, 8]}'),
        customers=data.customers.assign(company=HOSTILE),
        at_risk=data.at_risk.assign(customer_id=HOSTILE),
        themes=data.themes.assign(terms=HOSTILE),
        signals=data.signals.assign(
            slice=data.signals["slice"].str.replace("חיובים", HOSTILE, regex=False)
        ),
        quarantine=data.quarantine.assign(file=HOSTILE),
        files=data.files.assign(name=HOSTILE, profile=HOSTILE),
    )
    html = render_html(hostile)
    assert "<script" not in html
    assert html.count("&lt;script&gt;") > 10
    assert ">&lt;script&gt;</mark>alert(" in html


def test_evidence_is_marked_in_place(html: str) -> None:
    """The mark holds exactly the evidence, digits and English inside it."""
    assert ">בפרטנר נותנים 1000 מגה ב-99</mark>" in html
    assert ">no dial tone since 10:00</mark>" in html


@pytest.mark.parametrize("data", [survey_data(), empty_data()], ids=["survey", "empty"])
def test_thin_data_still_gives_a_whole_page(data: object) -> None:
    """Missing sections are sentences, not holes; nothing prints as nan or None."""
    html = render_html(data)
    page = Page(html)
    assert not page.unbalanced
    assert not re.search(r"\b(nan|None|NaT|inf)\b", "\n".join(page.lines))
    assert 'class="missing"' in html


def test_only_thirty_customers_are_shown_and_the_rest_are_pointed_to() -> None:
    """The page stays short; it says where all of them are."""
    data = report_data()
    many = data.at_risk.loc[data.at_risk.index.repeat(8)].reset_index(drop=True)
    html = render_html(replace(data, at_risk=many, signals=data.signals.iloc[:0]))
    assert html.count('class="score"') == 30
    assert "כל 40 בגיליון ״בסיכון״ שבקובץ ה־Excel" in html


def test_dark_screens_turn_every_colour_of_the_charts(html: str) -> None:
    """A colour of a chart without a dark rule would vanish on a dark screen."""
    used = set()
    for svg in re.findall(r"<svg.*?</svg>", html, flags=re.S):
        used |= set(re.findall(r'(fill|stroke)="(#[0-9a-f]{3,6})"', svg))
    ruled = set(re.findall(r'\.chart \[(fill|stroke)="(#[0-9a-f]{6})"\]', html))
    assert used
    assert used <= ruled
