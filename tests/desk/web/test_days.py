"""Three people's days at the desk, each from sign-in to sign-out, in a real browser.

With KESHEV_WRITE_PICTURES=1 (`make picture`) they leave the pictures that the README shows.
"""

import os
import re
import threading
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from keshev.settings import ROOT
from tests.desk.web.browsing import CHROMIUM, OFFLINE, Visitor, visiting
from tests.desk.web.conftest import PEOPLE

PICTURES = ROOT / "docs"
expect.set_options(timeout=30_000)  # two busy cores are slow, and that is no fault
LEAST = 20_000  # bytes: an empty page makes a smaller picture


@pytest.fixture
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=OFFLINE)
        yield opened
        opened.close()


def picture(page: Page, name: str, folder: Path) -> None:
    """Take a picture of what a person sees; keep it where that is asked for."""
    kept = PICTURES if os.environ.get("KESHEV_WRITE_PICTURES") else folder
    page.screenshot(path=str(kept / f"{name}.png"))
    assert (kept / f"{name}.png").stat().st_size > LEAST


def sign_out(visitor: Visitor) -> None:
    """Leave by the menu, and see that nothing is open any more."""
    visitor.page.locator("details.menu > summary").click()
    visitor.page.get_by_role("button", name="יציאה").click()
    expect(visitor.page).to_have_url(f"{visitor.address}/signin")
    visitor.go("/")
    expect(visitor.page).to_have_url(f"{visitor.address}/signin")


def test_the_retention_desk_s_day(browser: Browser, served: str, tmp_path: Path) -> None:
    with visiting(browser, served, "desk") as visitor:
        page = visitor.page
        expect(page.get_by_role("heading", level=1)).to_have_text("לקוחות בסיכון")
        picture(page, "desk-queue", tmp_path)
        first = page.locator('a[href^="/cases/"]').first.get_attribute("href")
        page.get_by_role("button", name="לקיחה לטיפול").first.click()
        assert first is not None
        expect(page).to_have_url(re.compile(re.escape(first)))
        expect(page.get_by_role("heading", name="מה לעשות בשיחה")).to_be_visible()
        page.get_by_label("נשאר", exact=True).check()
        page.locator("fieldset.saved input").first.check()
        page.get_by_label("הערה").fill("נסגר בשיחה, 3 חודשים ב־50% הנחה")
        page.get_by_role("button", name="שמירה ומעבר ללקוח הבא").click()
        expect(page.get_by_role("status").first).to_contain_text("נרשם")
        assert first not in page.url
        visitor.go("/queue?state=closed")
        expect(page.locator(f'a[href="{first}"]').first).to_be_visible()
        sign_out(visitor)
        assert visitor.heard == []


def test_the_service_manager_s_day(browser: Browser, served: str, tmp_path: Path) -> None:
    with visiting(browser, served, "manager") as visitor:
        page = visitor.page
        page.get_by_role("link", name="השבוע", exact=True).click()
        expect(page.get_by_role("heading", level=1)).to_contain_text("2026")
        expect(page.locator("svg").first).to_be_visible(timeout=60_000)  # charts come after
        picture(page, "desk-week", tmp_path)
        page.locator('main a[href^="/notes?"]').first.click()
        expect(page.locator(".said").first).to_be_visible()
        page.go_back()
        page.get_by_role("link", name="מול השבוע הקודם").click()
        expect(page).to_have_url(re.compile("/against/"))
        page.go_back()
        with page.expect_download() as download:
            page.get_by_role("link", name="הדוח כ־Excel").click()
        assert download.value.suggested_filename.endswith(".xlsx")
        assert Path(download.value.path()).stat().st_size > LEAST
        sign_out(visitor)
        assert visitor.heard == []


def test_the_analyst_s_day(browser: Browser, served: str, tmp_path: Path) -> None:
    with visiting(browser, served, "analyst") as visitor:
        page = visitor.page
        page.get_by_role("link", name="בדיקת תיוג").click()
        said = page.locator(".said").inner_text()
        picture(page, "desk-review", tmp_path)
        page.keyboard.press("Enter")
        expect(page.locator(".said")).not_to_have_text(said)
        page.get_by_role("link", name="חיפוש").click()
        page.locator("#text").fill("ביטול בגלל המחיר")
        page.keyboard.press("Enter")
        expect(page.locator("mark").first).to_be_visible(timeout=60_000)
        page.get_by_role("link", name="איכות").click()
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        for path in ("/quality/model", "/quality/drift", "/quality/quarantine"):
            visitor.go(path)
            expect(page.get_by_role("heading", level=1)).to_be_visible()
        sign_out(visitor)
        assert visitor.heard == []


def test_two_agents_never_get_the_same_case(browser: Browser, served: str) -> None:
    """Both see the button; both click at once; one gets the case, one is told who has it."""
    with (
        visiting(browser, served, "desk") as one,
        visiting(browser, served, "manager") as other,
    ):
        forms = []
        for visitor in (one, other):
            visitor.go("/queue")
            form = visitor.page.locator('form[action$="/take"]').first
            fields = form.locator("input").evaluate_all(
                "fields => Object.fromEntries(fields.map(field => [field.name, field.value]))"
            )
            cookies = {item["name"]: item["value"] for item in visitor.page.context.cookies()}
            forms.append((form.get_attribute("action"), fields, cookies))
        assert forms[0][0] == forms[1][0]
        answers = at_once(served, forms)
        assert sorted(status for status, _ in answers) == [303, 409]
        (told,) = [text for status, text in answers if status == 409]
        assert any(f"בטיפול של {PEOPLE[role]}" in told for role in ("desk", "manager"))


def at_once(
    address: str, forms: "list[tuple[str | None, dict[str, str], dict[str, str]]]"
) -> list[tuple[int, str]]:
    """Send forms of several browsers in the same moment; return status and page of each."""
    ready, answers = threading.Barrier(len(forms)), []

    def send(path: str, fields: dict[str, str], cookies: dict[str, str]) -> None:
        with httpx.Client(base_url=address, cookies=cookies, timeout=60) as client:
            ready.wait()
            answer = client.post(path, data=fields)
            answers.append((answer.status_code, answer.text))

    threads = [threading.Thread(target=send, args=(path or "", *rest)) for path, *rest in forms]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers
