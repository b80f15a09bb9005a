"""Review in a browser: a note is labelled by keyboard alone, and without script as a form."""

from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from fastapi import FastAPI
from playwright.sync_api import Browser, Page, expect, sync_playwright

from flows.owning import apply_own
from store.desk_session import desk_reading
from store.ownreasons import read_reasons
from store.review_queue import Part
from store.reviews import BOOLS
from tests.desk.web.browsing import CHROMIUM, OFFLINE, visiting
from tests.desk.web.conftest import Clients, desk_of
from tests.desk.web.test_every_page import RULES
from tests.desk.web.test_own_reasons import FORM
from tests.desk.web.test_review import label, order, reviews


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=OFFLINE)
        yield opened
        opened.close()


def note(page: Page) -> str:
    return page.locator("input[name=note]").input_value()


def press_and_wait(page: Page, key: str) -> None:
    """Press a key that leads to another page."""
    with page.expect_navigation():
        page.keyboard.press(key)


def test_a_note_is_labelled_by_keyboard_undone_and_skipped(
    app: FastAPI, browser: Browser, served: str
) -> None:
    names = order(app, Part.RANDOM)[:2]
    with visiting(browser, served, "analyst") as visitor:
        visitor.go("/review?part=random")
        page = visitor.page
        for key in ("Digit3", "Numpad8", "KeyP", "KeyC", "KeyB", "KeyW", "KeyW"):
            page.keyboard.press(key)
        press_and_wait(page, "Enter")
        row = reviews(app).iloc[0]
        assert {name for name in BOOLS if row[name]} == {"trust", "neglect", "repeat"}
        assert (row["churn_intent"], row["resolution"]) == ("explicit", "resolved")
        assert note(page) == names[1]
        press_and_wait(page, "KeyU")
        assert reviews(app).empty
        assert note(page) == names[0]
        press_and_wait(page, "KeyS")
        assert note(page) == names[1]
        assert visitor.heard == []


def test_keys_can_be_put_off_and_stay_off(browser: Browser, served: str) -> None:
    with visiting(browser, served, "analyst") as visitor:
        visitor.go("/review?part=random")
        page = visitor.page
        page.uncheck("#keys")
        visitor.go("/review?part=random")
        expect(page.locator("#keys")).not_to_be_checked()
        expect(page.locator("kbd").first).to_be_hidden()
        page.keyboard.press("Digit3")
        expect(page.locator("input[value=trust]")).not_to_be_checked()


def test_it_works_as_a_form_without_script(
    app: FastAPI, browser: Browser, served: str, client: Clients
) -> None:
    cookies = client("analyst").cookies
    context = browser.new_context(java_script_enabled=False)
    context.add_cookies(
        [{"name": one.name, "value": str(one.value), "url": served} for one in cookies.jar]
    )
    page = context.new_page()
    page.goto(f"{served}/review?part=random")
    page.check("input[value=budget]")
    page.click("button.primary")
    assert list(reviews(app)["budget"]) == [True]
    expect(page.locator("#keys")).to_be_hidden()
    context.close()


def test_axe_finds_nothing_where_there_is_something_to_show(
    app: FastAPI, browser: Browser, served: str, client: Clients
) -> None:
    """A dispute to settle, a reason of one's own with a figure, a note of it to confirm."""
    desk, one = desk_of(app), order(app, Part.RANDOM)[0]
    label(app, "analyst", one, "trust")
    label(app, "admin", one, "neglect")
    client("analyst").post("/reasons", data=FORM)
    apply_own(desk.settings, desk.data)
    with desk_reading(desk.people) as connection:
        reason_id = read_reasons(connection)[0].reason_id
    with visiting(browser, served, "analyst", width=360) as visitor:
        for path in ("/review/agreement", "/reasons", f"/reasons/{reason_id}/check", "/review"):
            visitor.go(path)
            for summary in visitor.page.locator("article summary").all():
                summary.click()
            for colours in ("light", "dark"):
                visitor.page.emulate_media(color_scheme=colours)
                results = Axe().run(visitor.page, options=RULES)
                assert results.violations_count == 0, f"{path}\n{results.generate_report()}"
            wide = visitor.page.evaluate("document.documentElement.scrollWidth")
            assert wide <= 360, path
        assert visitor.heard == []
