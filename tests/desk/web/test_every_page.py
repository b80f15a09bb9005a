"""Every page that links lead to, in both languages: axe, the console, the width, the dark."""

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, sync_playwright

from tests.desk.web.browsing import CHROMIUM, OFFLINE, Visitor, visiting

RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
MOST = 60  # pages of one kind are opened once; this bounds a mistake
FILES = re.compile(r"\.(html|xlsx|csv|svg)$")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=OFFLINE)
        yield opened
        opened.close()


def kind(path: str) -> str:
    """Return what kind of page an address is of: its path without ids and days."""
    parts = urlsplit(path).path.split("/")
    return "/".join(part if re.fullmatch(r"[a-z_-]*", part) else "…" for part in parts)


def pages(visitor: Visitor) -> list[str]:
    """Return the address of one page of each kind that links lead to from the first one."""
    found: dict[str, str] = {}
    waiting = ["/"]
    while waiting and len(found) < MOST:
        visitor.go(waiting.pop(0))
        links = visitor.page.eval_on_selector_all(
            "a[href]", "links => links.map(link => link.getAttribute('href'))"
        )
        here = visitor.page.url.removeprefix(visitor.address)
        found.setdefault(kind(here), here)
        for link in links:
            if (
                link.startswith("/")
                and kind(link) not in found
                and not FILES.search(urlsplit(link).path)
            ):
                found[kind(link)] = link
                waiting.append(link)
    assert len(found) < MOST
    return list(found.values())


@pytest.mark.parametrize("language", ["he", "en"])
def test_axe_finds_nothing_and_the_console_is_silent(
    browser: Browser, served: str, language: str
) -> None:
    axe = Axe()
    with visiting(browser, served, "admin", language=language) as visitor:
        found = pages(visitor)
        assert len(found) > 3
        for path in found:
            visitor.go(path)
            assert visitor.page.locator("html").get_attribute("lang") == language
            for colours in ("light", "dark"):
                visitor.page.emulate_media(color_scheme=colours)
                results = axe.run(visitor.page, options=RULES)
                assert results.violations_count == 0, f"{path}\n{results.generate_report()}"
        assert visitor.heard == []


@pytest.mark.parametrize("width", [360, 2560])
def test_nothing_scrolls_sideways(browser: Browser, served: str, width: int) -> None:
    with visiting(browser, served, "admin", width=width) as visitor:
        for path in pages(visitor):
            visitor.go(path)
            inner, outer = visitor.page.evaluate(
                "[document.documentElement.scrollWidth, window.innerWidth]"
            )
            assert inner <= outer, path


def test_every_page_has_one_heading_and_a_title(browser: Browser, served: str) -> None:
    with visiting(browser, served, "admin") as visitor:
        titles = set()
        for path in pages(visitor):
            visitor.go(path)
            assert visitor.page.locator("h1").count() == 1, path
            titles.add(visitor.page.title())
        assert all(title.endswith(" · קשב") for title in titles)
        assert len(titles) > 3
