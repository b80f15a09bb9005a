"""The report in a real browser, in both languages: offline, and no sideways scrolling."""

import itertools
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from desk.i18n import LANGUAGES, speaking
from desk.report import render_html
from tests.desk.fixtures import report_data

CHROMIUM = "/usr/bin/chromium"
OFFLINE = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking"]


@pytest.fixture(scope="module", params=LANGUAGES)
def report(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("report") / "report.html"
    with speaking(request.param):
        path.write_text(render_html(report_data()), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=OFFLINE)
        yield opened
        opened.close()


def opened(browser: Browser, report: Path, width: int) -> tuple[Page, list[str]]:
    """Return the page at a width, and all it said or asked for."""
    page = browser.new_page(viewport={"width": width, "height": 900})
    heard: list[str] = []
    page.on("console", lambda message: heard.append(message.text))
    page.on("pageerror", lambda error: heard.append(str(error)))
    page.on("request", lambda request: heard.append(request.url))
    page.goto(report.as_uri())
    return page, heard


@pytest.mark.parametrize("width", [360, 768, 1280, 2560])
def test_nothing_is_fetched_and_nothing_overflows(
    browser: Browser, report: Path, width: int
) -> None:
    """The one file is all that is asked for, without a word on the console, at any width."""
    page, heard = opened(browser, report, width)
    assert heard == [report.as_uri()]
    sizes = page.evaluate("[document.documentElement.scrollWidth, window.innerWidth]")
    assert sizes[0] <= sizes[1]
    page.close()


MARKS = """[...document.querySelectorAll('mark')].map(mark => {
  const box = mark.getClientRects()[0];
  const note = mark.parentElement;
  return {note: [...document.querySelectorAll('*')].indexOf(note), top: Math.round(box.top),
          left: box.left, right: box.right, direction: getComputedStyle(note).direction};
})"""


def test_evidence_marks_lie_in_reading_order(browser: Browser, report: Path) -> None:
    """Of two marks on one line of a Hebrew note, the first lies to the right of the second."""
    page, _ = opened(browser, report, 1280)
    marks = page.evaluate(MARKS)
    page.close()
    assert marks
    assert all(mark["right"] > mark["left"] for mark in marks)
    pairs = [
        (first, second)
        for first, second in itertools.pairwise(marks)
        if (first["note"], first["top"]) == (second["note"], second["top"])
    ]
    assert pairs
    for first, second in pairs:
        assert first["direction"] == "rtl"
        assert first["left"] >= second["right"] - 1
