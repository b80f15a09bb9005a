"""Evidence stands where its letters stand: marking moves nothing in right-to-left text."""

import json
from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from fastapi import FastAPI
from playwright.sync_api import Browser, sync_playwright
from sqlalchemy import select, update

from store import tables
from store.session import transaction
from tests.desk.web.browsing import CHROMIUM, OFFLINE, visiting
from tests.desk.web.conftest import desk_of
from tests.desk.web.test_every_page import RULES

NOTES = (
    ("הלקוח ביקש לבטל את המנוי, התקשר 3 פעמים", "התקשר 3 פעמים"),
    ("לק' ביקש לבטל eSIM 5G מ-1.12, שילם 49.90 במקום 29.90", "eSIM 5G מ-1.12"),
    ("cust says app v8 login fail אתמול עבד היום לא", "login fail אתמול"),
    ("חויב -120 ש״ח (פעמיים!) ב-03/11, מעבר ל-Fiber 1000/100", "-120 ש״ח (פעמיים!)"),
    ("no refund until 12.11, escalated to tier 2", "until 12.11"),
)
# Where the marked letters are, and where the same letters are in the same text without a mark.
PLACES = """said => {
  const mark = said.querySelector("mark");
  mark.style.padding = "0";
  const boxes = range => [...range.getClientRects()].map(box => [box.left, box.right, box.top]);
  const inside = document.createRange(); inside.selectNodeContents(mark);
  const before = document.createRange(); before.setStart(said, 0); before.setEndBefore(mark);
  const start = before.toString().length, length = mark.textContent.length;
  const marked = boxes(inside);
  said.textContent = said.textContent;
  const plain = document.createRange();
  plain.setStart(said.firstChild, start); plain.setEnd(said.firstChild, start + length);
  return [plain.toString(), marked, boxes(plain)];
}"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=OFFLINE)
        yield opened
        opened.close()


def put(app: FastAPI) -> None:
    """Give the first customers of the list these notes, with the evidence at its place."""
    query = select(tables.at_risk.c.row).order_by(tables.at_risk.c.rank).limit(len(NOTES))
    with transaction(desk_of(app).data) as connection:
        rows = [json.loads(row) for (row,) in connection.execute(query)]
        for row, (text, piece) in zip(rows, NOTES, strict=True):
            place = [text.index(piece), text.index(piece) + len(piece)]
            contact, made = tables.contacts, tables.predictions
            name = row["last_contact_id"]
            connection.execute(
                update(contact).where(contact.c.contact_id == name).values(text=text)
            )
            connection.execute(
                update(made)
                .where(made.c.contact_id == name)
                .values(evidence=json.dumps({"failure": place}))
            )


@pytest.mark.parametrize("width", [360, 1280])
def test_a_mark_covers_its_letters_and_moves_none(
    app: FastAPI, served: str, browser: Browser, width: int
) -> None:
    put(app)
    with visiting(browser, served, "desk", width=width) as visitor:
        visitor.go("/queue")
        for number, (text, piece) in enumerate(NOTES):
            said = visitor.page.locator(".queue .said").nth(number)
            assert said.text_content() == text
            assert said.locator("mark").text_content() == piece
            found, marked, plain = said.evaluate(PLACES)
            assert found == piece
            assert _edges(marked) == pytest.approx(_edges(plain), abs=1.0), text


def _edges(boxes: list[list[float]]) -> list[float]:
    """Return, line by line, where the boxes of a line begin and end."""
    lines: dict[int, list[float]] = {}
    for left, right, top in boxes:
        lines.setdefault(round(top / 4), []).extend((left, right))
    return [edge for line in sorted(lines) for edge in (min(lines[line]), max(lines[line]))]


def test_a_case_is_worked_by_keyboard_alone(served: str, browser: Browser) -> None:
    """Take, choose the outcome, save, and stand at the next customer."""
    with visiting(browser, served, "desk") as visitor:
        page = visitor.page
        visitor.go("/queue")
        page.locator(".queue button").first.focus()
        page.keyboard.press("Enter")
        page.wait_for_url("**/cases/*")
        first = page.url
        assert page.locator("fieldset.saved").is_hidden()
        page.locator("input[name=outcome]").first.focus()
        page.keyboard.press("Space")
        assert page.locator("fieldset.saved").is_visible()
        page.keyboard.press("Tab")
        page.keyboard.press("Space")
        page.keyboard.press("Tab")
        page.keyboard.type("דיברנו")
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        page.wait_for_url("**after=saved")
        assert page.url.split("?")[0] != first
        assert "נרשם: נשאר." in page.locator("main").inner_text()
        assert visitor.heard == []


@pytest.mark.parametrize("language", ["he", "en"])
def test_axe_finds_nothing_on_a_case_whose_form_is_open(
    served: str, browser: Browser, language: str
) -> None:
    """The pages that links lead to show no form: nobody has taken a case there."""
    with visiting(browser, served, "desk", width=360, language=language) as visitor:
        page = visitor.page
        visitor.go("/queue")
        page.locator(".queue button").first.click()
        page.wait_for_url("**/cases/*")
        page.locator("details > summary").last.click()
        for kind in ("saved", "lost", "later", "wrong_reason"):
            page.check(f"input[value={kind}]")
            results = Axe().run(page, options=RULES)
            assert results.violations_count == 0, results.generate_report()
            assert page.evaluate("document.documentElement.scrollWidth") <= 360
        assert visitor.heard == []
