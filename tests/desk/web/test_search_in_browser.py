"""Search in a browser: by keyboard, right to left, with and without script, and for axe."""

from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from fastapi import FastAPI
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.desk.web.browsing import CHROMIUM, OFFLINE, visiting
from tests.desk.web.test_every_page import RULES

# The order in which the letters of each note stand on its line, with its marks and without them.
ORDERS = """notes => notes.map(note => {
  const order = element => {
    element.style.whiteSpace = "nowrap";
    const walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
    const lefts = [];
    while (walker.nextNode()) {
      const node = walker.currentNode;
      for (let at = 0; at < node.length; at++) {
        const range = document.createRange();
        range.setStart(node, at);
        range.setEnd(node, at + 1);
        const { left, width } = range.getBoundingClientRect();
        if (width > 0 && node.data[at].trim()) lefts.push([left, lefts.length]);
        else lefts.push([NaN, lefts.length]);
      }
    }
    return lefts.filter(one => !isNaN(one[0])).sort((a, b) => a[0] - b[0]).map(one => one[1]);
  };
  const plain = note.cloneNode(false);
  plain.textContent = note.textContent;
  note.after(plain);
  const orders = [order(note), order(plain)];
  plain.remove();
  return [note.querySelectorAll("mark").length, ...orders];
})"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=OFFLINE)
        yield opened
        opened.close()


@pytest.fixture
def ready(app: FastAPI, served: str) -> Iterator[str]:
    """The address of a desk whose search is prepared."""
    snapshot = app.state.searcher.snapshot(60)
    app.state.searcher.vector_of("לקוח", snapshot, 60)
    yield served
    app.state.searcher.close()


def ask(page: Page, text: str) -> None:
    page.fill("#text", text)
    page.press("#text", "Enter")
    expect(page.locator("#results .note, #results .empty").first).to_be_visible()


@pytest.mark.parametrize("text", ["טכנאי", "240 שח", "eSIM wifi", 'הו"ק', "גרסה 4.2"])
def test_marks_move_no_letter(browser: Browser, ready: str, text: str) -> None:
    """Digits, English and signs stand in a marked note where they stand in a plain one."""
    with visiting(browser, ready, "manager", width=2560) as visitor:
        visitor.go("/search")
        ask(visitor.page, text)
        orders = visitor.page.eval_on_selector_all("#results .note .said", ORDERS)
        assert sum(marks for marks, _, _ in orders) > 0
        for _, with_marks, without in orders:
            assert with_marks == without


def test_a_search_by_keyboard_alone(browser: Browser, ready: str) -> None:
    """The key / goes to the box; a filter that was chosen keeps the focus, and stays open."""
    with visiting(browser, ready, "desk") as visitor:
        page = visitor.page
        visitor.heard.clear()  # of the page that signing in led to
        visitor.go("/search")
        page.locator("h1").click()
        page.keyboard.press("/")
        assert page.evaluate("document.activeElement.id") == "text"
        page.keyboard.type("טכנאי")
        page.keyboard.press("Enter")
        expect(page.locator("#said")).to_contain_text("פניות עם המילים")
        before = page.inner_text("#said")
        page.locator(".filters summary").press("Enter")
        page.focus("#channel")
        page.keyboard.press("ArrowDown")
        expect(page.locator("#said")).not_to_have_text(before)
        assert page.evaluate("document.activeElement.id") == "channel"
        assert page.locator(".filters").get_attribute("open") is not None
        assert page.url.endswith("/search")
        assert visitor.heard == []


def test_it_works_without_script(browser: Browser, ready: str) -> None:
    """A plain form, plain links, and pages by buttons."""
    with visiting(browser, ready, "manager") as visitor:
        cookies = visitor.page.context.cookies()
    context = browser.new_context(java_script_enabled=False)
    context.add_cookies(cookies)
    page = context.new_page()
    page.goto(f"{ready}/search")
    page.fill("#text", "לקוח")
    page.click("#search button[type=submit]")
    first = page.locator(".note .said").first.inner_text()
    page.locator(".pager button").last.click()
    assert page.locator(".note .said").first.inner_text() != first
    assert page.input_value("#text") == "לקוח"
    page.locator(".more").first.click()
    assert page.locator(".liked").count() == 1
    context.close()


@pytest.mark.parametrize("language", ["he", "en"])
def test_axe_finds_nothing_in_results(browser: Browser, ready: str, language: str) -> None:
    """Results, a filter that leaves nothing, more like this: in light, dark and on a phone."""
    axe = Axe()
    with visiting(browser, ready, "manager", language=language) as visitor:
        page = visitor.page
        visitor.heard.clear()  # of the page that signing in led to

        def look() -> None:
            for colours in ("light", "dark"):
                page.emulate_media(color_scheme=colours)
                found = axe.run(page, options=RULES)
                assert found.violations_count == 0, found.generate_report()

        visitor.go("/search")
        ask(page, "טכנאי לא הגיע")
        page.locator(".filters summary").click()
        look()
        page.set_viewport_size({"width": 360, "height": 800})
        look()
        inner, outer = page.evaluate("[document.documentElement.scrollWidth, window.innerWidth]")
        assert inner <= outer
        page.locator(".more").first.click()
        expect(page.locator(".liked")).to_be_visible()
        look()
        visitor.go("/search")
        page.check("#mode-words")
        page.locator(".filters summary").click()
        page.fill("#customer_id", "אין כזה")
        page.fill("#text", "טכנאי")
        page.press("#text", "Enter")
        expect(page.locator(".offers")).to_be_visible()
        look()
        assert visitor.heard == []
