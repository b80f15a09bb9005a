"""The week's page: its figures are the report's, and each opens the notes that make it up."""

import re
from datetime import date
from html import unescape

import pytest
from fastapi import FastAPI
from playwright.sync_api import sync_playwright

from desk.drawing import DARK
from desk.i18n import speaking
from desk.presenters.behind import differs, notes_url
from desk.rendering import STATIC
from desk.weeks import Weeks
from flows.reporting import gather, write_report
from keshev.settings import Settings
from store.audit_log import read_log
from store.behind import Behind, count_behind
from store.desk_session import desk_reading
from store.session import get_meta, open_store, touch, transaction
from tests.desk.web.browsing import CHROMIUM, OFFLINE, visiting
from tests.desk.web.conftest import Clients, desk_of

NEWEST, BEFORE = date(2026, 11, 8), date(2026, 11, 1)


def settled(app: FastAPI) -> None:
    """Wait until what is kept has been finished."""
    desk_of(app).kept._worker.submit(lambda: None).result()


def text_of(page: str) -> str:
    """Return what is read of a page, without tags."""
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", page)))


def test_the_newest_week_that_ended_is_shown(app: FastAPI, client: Clients) -> None:
    """At once without charts; a moment later with all of them."""
    manager = client("manager")
    first = manager.get("/week")
    assert first.status_code == 200
    assert "<svg" not in first.text
    assert "התרשימים בהכנה" in first.text
    settled(app)
    page = manager.get("/week").text
    assert page.count("<svg") > 15
    assert "התרשימים בהכנה" not in page
    assert "8–14 בנובמבר 2026" in text_of(page).replace("\u2066", "").replace("\u2069", "")


def test_every_figure_counts_the_notes_that_it_opens(app: FastAPI) -> None:
    """Of every week, in either language; where a share is not a count, the notes say why."""
    weeks = Weeks(desk_of(app))
    checked = 0
    for week in weeks.weeks:
        with speaking("en" if week == NEWEST else "he"):
            view, _fresh = weeks.view(week)
        with transaction(desk_of(app).data) as connection:
            for link in view.links:
                asked = link.asked
                count = count_behind(connection, asked, weeks.counting(asked.week, asked.weeks))
                checked += 1
                if link.count is None:
                    assert differs(asked, corrected=True), link.url
                else:
                    assert count == link.count, link.url
    assert checked > 300 * len(weeks.weeks)


def test_the_page_links_to_its_figures_notes(app: FastAPI, client: Clients) -> None:
    """Every address on the page opens, and says the number that led to it.

    Not so the links to matters: they stand under rates, means and a 90th percentile, which may be
    a whole number and counts no notes. How many notes they open is held by the test above.
    """
    manager = client("manager")
    page = manager.get(f"/week/{NEWEST}").text
    found = re.findall(r'<a class="behind" href="(/notes[^"]*)"[^>]*>([^<]*)</a>', page)
    matters = notes_url(Behind(NEWEST, opens="thread"))
    linked = [(unescape(url), text.strip()) for url, text in found]
    counted = [(url, text) for url, text in linked if text.isdecimal() and url != matters]
    assert len(counted) > 15
    for url, text in counted[::6]:
        notes = manager.get(url)
        assert notes.status_code == 200
        title = re.search(r"<h1>([^<]*)</h1>", notes.text)
        assert title is not None
        shown = len(re.findall(r'class="note"', notes.text))
        assert shown == min(int(text), 25)
        assert text in title[1] or int(text) < 3


def test_notes_are_paged_and_their_evidence_is_marked(client: Clients) -> None:
    manager = client("manager")
    asked = Behind(NEWEST)
    first, last = (manager.get(f"{notes_url(asked)}&page={page}").text for page in (1, 4))
    assert len(re.findall('class="note"', first)) == 25
    assert 'rel="next"' in first
    assert 'rel="next"' not in last
    assert "<mark" in manager.get(notes_url(Behind(NEWEST, reason="failure"))).text
    beyond = manager.get(f"{notes_url(asked)}&page=99").text
    assert "אין עמוד כזה" in beyond
    assert "אין השבוע טקסטים כאלה" in manager.get(notes_url(Behind(NEWEST, queue="אין"))).text


def test_who_opened_notes_is_written_down_without_what_was_typed(
    app: FastAPI, client: Clients
) -> None:
    manager = client("manager")
    manager.get(notes_url(Behind(NEWEST, reason="service", queue="דנה כהן")))
    manager.get("/week")
    manager.get("/week", headers={"HX-Request": "true"})  # the same page, with its charts
    manager.get(f"/week/{BEFORE}/report.xlsx")
    with desk_reading(desk_of(app).people) as connection:
        entries = [(one.action, one.object) for one in read_log(connection, user_name="manager")]
    assert sorted(entries) == [
        ("notes.opened", "week=2026-11-08 reason=service queue page=1"),
        ("report.downloaded", "2026-11-01 xlsx"),
        ("week.opened", "2026-11-08"),
    ]


def test_whoever_may_not_read_notes_sees_none_on_the_page(client: Clients) -> None:
    """The desk's role has neither right; nobody's words stand on a page beyond their right."""
    assert client("desk").get("/week").status_code == 403
    assert client("desk").get(notes_url(Behind(NEWEST))).status_code == 403
    assert client("analyst").get(notes_url(Behind(NEWEST))).status_code == 200


@pytest.mark.parametrize("kind", ["queue", "channel", "team", "segment", "at_risk"])
def test_reasons_are_broken_down_one_way_at_a_time(client: Clients, kind: str) -> None:
    page = client("manager").get(f"/week/{NEWEST}?by={kind}").text
    (chosen,) = re.findall(r'href="/week/[^"]*by=(\w+)#breakdown" aria-current="true"', page)
    assert chosen == kind
    assert page.count('<table class="heat">') == 1


def test_addresses_lead_to_weeks_or_say_which_there_are(client: Clients) -> None:
    manager = client("manager")
    assert manager.get("/week/2026-11-11").headers["location"] == f"/week/{NEWEST}"
    chosen = manager.get(f"/week?day={NEWEST}&against={BEFORE}")
    assert chosen.headers["location"] == f"/week/{NEWEST}/against/{BEFORE}"
    for path in ("/week/2031-01-01", "/week/0001-01-01", "/notes?week=9999-12-31"):
        page = manager.get(path)
        assert page.status_code == 404
        assert f"/week/{NEWEST}" in page.text
    assert manager.get("/week/yesterday").status_code == 422
    for wrong in ("theme=x", "page=0", "reason=weather", "queue=%00", "weeks=9"):
        assert manager.get(f"/notes?week={NEWEST}&{wrong}").status_code == 422, wrong


def test_two_weeks_stand_side_by_side(app: FastAPI, client: Clients) -> None:
    """Turned around, each difference changes its sign and keeps its verdict."""
    weeks = Weeks(desk_of(app))
    there, back = weeks.compare(NEWEST, BEFORE)[0], weeks.compare(BEFORE, NEWEST)[0]
    assert there.like
    turned = {row.name: row for row in back.rows}
    for row in there.rows:
        assert row.change.value == pytest.approx(-turned[row.name].change.value)
        assert row.significant == turned[row.name].significant
    page = client("manager").get(f"/week/{NEWEST}/against/{BEFORE}")
    assert page.status_code == 200
    assert page.text.count("<tr") == 1 + 5 + 1 + 12


def test_the_report_is_downloaded_as_it_is_written(
    app: FastAPI, client: Clients, settings: Settings
) -> None:
    """The same bytes as `keshev report`."""
    written = write_report(gather(settings, desk_of(app).data, BEFORE), settings.report_dir)
    manager = client("manager")
    for path in (written.html, written.xlsx):
        answer = manager.get(f"/week/{BEFORE}/report{path.suffix}")
        assert answer.content == path.read_bytes()
        assert path.name in answer.headers["content-disposition"]
    assert manager.get("/week/2031-01-01/report.xlsx").status_code == 404


def test_while_newer_data_is_counted_the_stored_figures_are_shown(
    app: FastAPI, client: Clients
) -> None:
    """Calmly, with the end of what was counted; not a word of it once all is counted."""
    manager = client("manager")
    assert "עוד נספרים" not in manager.get("/week").text
    with transaction(desk_of(app).data) as connection:
        touch(connection)
    page = text_of(manager.get("/week").text)
    assert "נתונים חדשים עוד נספרים. מוצג כאן מה שנספר עד 14.11.2026 21:40" in page
    assert "עוד נספרים" in manager.get(notes_url(Behind(NEWEST))).text


def test_without_figures_the_page_says_what_to_run(app: FastAPI, client: Clients) -> None:
    desk = desk_of(app)
    empty = open_store(f"sqlite:///{desk.settings.home / 'empty.db'}")
    object.__setattr__(desk, "data", empty)
    for path in ("/week", f"/week/{NEWEST}", f"/week/{NEWEST}/report.html"):
        page = client("manager").get(path)
        assert page.status_code == 200
        assert "keshev run" in page.text
    with transaction(empty) as connection:
        assert get_meta(connection, "aggregated") is None
    empty.dispose()


def test_charts_take_the_page_s_colours() -> None:
    """A colour of a chart without a rule would vanish in the dark."""
    css = (STATIC / "pages" / "week.css").read_text(encoding="utf-8")
    for colour in DARK:
        for part in ("fill", "stroke"):
            assert re.search(rf'\.chart \[{part}="{colour}"\] {{ {part}: var\(--', css), colour


def test_the_printed_page_fits_a4(app: FastAPI, served: str) -> None:
    """Nothing is wider than the paper less its margins; what only a screen needs is gone."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=OFFLINE)
        with visiting(browser, served, "manager", width=703) as visitor:  # 186 mm at 96 dpi
            visitor.page.emulate_media(media="print")
            visitor.go(f"/week/{NEWEST}")
            visitor.page.wait_for_selector("figure.chart", state="attached", timeout=60_000)
            inner = visitor.page.evaluate("document.documentElement.scrollWidth")
            assert inner <= 703
            assert not visitor.page.locator("form.picker").is_visible()
            pdf = visitor.page.pdf(prefer_css_page_size=True)
            assert 3 <= len(re.findall(rb"/Type\s*/Page\b", pdf)) <= 14
        browser.close()
