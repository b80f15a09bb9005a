"""A browser at the desk: signed in by the form, listening for every word on the console."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Literal

from playwright.sync_api import Browser, BrowserContext, Page, Request

from tests.desk.web.conftest import PASSWORD

CHROMIUM = "/usr/bin/chromium"
OFFLINE = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking"]


@dataclass
class Visitor:
    """A person's browser; `heard` is what its console and its network said that was wrong."""

    page: Page
    address: str
    heard: list[str] = field(default_factory=list)

    def go(self, path: str) -> None:
        """Open a page of the desk."""
        self.page.goto(self.address + path)

    def listen(self) -> None:
        """Begin to hear errors."""
        self.page.on("console", self._console)
        self.page.on("pageerror", lambda error: self.heard.append(str(error)))
        self.page.on("requestfailed", self._failed)

    def _failed(self, request: Request) -> None:
        if request.failure != "net::ERR_ABORTED":  # a page was left before all of it had come
            self.heard.append(f"failed {request.url}: {request.failure}")

    def _console(self, message: object) -> None:
        kind, text = getattr(message, "type", ""), getattr(message, "text", "")
        if kind in ("error", "warning"):
            self.heard.append(text)


@contextmanager
def visiting(
    browser: Browser,
    address: str,
    name: str,
    *,
    width: int = 1280,
    colours: Literal["light", "dark"] = "light",
    language: str = "he",
) -> Iterator[Visitor]:
    """Yield the browser of a person who signed in by the form."""
    context: BrowserContext = browser.new_context(
        viewport={"width": width, "height": 900}, color_scheme=colours, reduced_motion="reduce"
    )
    visitor = Visitor(context.new_page(), address)
    visitor.listen()
    visitor.go("/signin")
    visitor.page.fill("input[name=name]", name)
    visitor.page.fill("input[name=password]", PASSWORD)
    visitor.page.press("input[name=password]", "Enter")
    visitor.page.wait_for_url(lambda url: "/signin" not in url)
    if language != "he":
        cookie = {"name": "keshev_language", "value": language, "url": address}
        context.add_cookies([cookie])
    try:
        yield visitor
    finally:
        context.close()
