"""The search page: what people type is found, marked, and kept nowhere."""

import logging
import re
from collections.abc import Iterator

import pytest
from fastapi import FastAPI
from sqlalchemy import text

from desk.rights import Role
from store.desk_session import desk_reading
from store.session import transaction
from tests.desk.web.conftest import Clients, desk_of

SECRET = "זיגוטלבלתימצוי"


@pytest.fixture
def app(app: FastAPI) -> Iterator[FastAPI]:
    """The desk, whose search thread ends with the test."""
    snapshot = app.state.searcher.snapshot(60)
    app.state.searcher.vector_of("לקוח", snapshot, 60)
    yield app
    app.state.searcher.close()


def notes_in(page: str) -> list[str]:
    """Return the found notes of a page, without tags."""
    found = re.findall(r'<p class="said" dir="\w+">(.*?)</p>', page, re.S)
    return [re.sub("<[^>]+>", "", one) for one in found]


def logged(app: FastAPI) -> list[tuple[str, str]]:
    with desk_reading(desk_of(app).people) as connection:
        rows = connection.execute(text("SELECT action, object FROM audit_log ORDER BY number"))
        return [(row.action, row.object) for row in rows]


def test_words_are_found_and_marked_whole(client: Clients) -> None:
    """Shorthand finds its long form and prefixes belong to the mark."""
    page = client("desk").post("/search", data={"text": 'הו"ק', "mode": "words"})
    assert page.status_code == 200
    marked = re.findall(r'<mark class="hit[^>]*>(.*?)</mark>', page.text)
    assert any("הוראת קבע" in one for one in marked)
    assert any(one.startswith("ל") for one in marked)
    assert len(notes_in(page.text)) <= 20
    assert 'href="/cases/' in page.text


def test_meaning_finds_without_the_words(client: Clients) -> None:
    page = client("desk").post("/search", data={"text": "נקמה מתוקה", "mode": "both"})
    assert notes_in(page.text)
    assert re.search("הקרובות ביותר במשמעות|קרובות במשמעות", page.text)


@pytest.mark.parametrize("role", list(Role))
def test_only_who_may_open_cases_gets_links_to_them(client: Clients, role: Role) -> None:
    page = client(role).post("/search", data={"text": "החזר"})
    assert ("/cases/" in page.text) == (role is not Role.ANALYST)


def test_filters_alone_show_the_newest_first(client: Clients) -> None:
    person = client("manager")
    page = person.get("/search", params={"channel": "chat"})
    moments = re.findall(r'datetime="([^"]+)"', page.text)
    assert len(moments) == 20
    assert moments == sorted(moments, reverse=True)
    second = person.get("/search", params={"channel": "chat", "page": 2})
    assert set(notes_in(page.text)).isdisjoint(notes_in(second.text))


def test_more_like_this_leaves_the_note_itself_out(client: Clients) -> None:
    person = client("desk")
    first = person.post("/search", data={"text": "טכנאי", "mode": "words"})
    link = re.findall(r'href="(/search\?like=[^"]+)"', first.text)[0]
    page = person.get(link)
    own, *others = notes_in(page.text)
    assert others
    assert own not in others
    assert person.get("/search", params={"like": "אין כזו"}).status_code == 200


def test_nothing_found_offers_to_drop_a_filter(client: Clients) -> None:
    data = {"text": "טכנאי", "mode": "words", "customer_id": "אין כזה"}
    page = client("desk").post("/search", data=data)
    assert "לא נמצאו פניות" in page.text
    assert re.search("בלי ״לקוח״: [0-9]+ פניות", page.text)


def test_the_words_are_kept_nowhere(
    app: FastAPI, client: Clients, caplog: pytest.LogCaptureFixture
) -> None:
    """No log, no address, no table of the desk: the audit log has a count."""
    caplog.set_level(logging.DEBUG)
    person = client("manager")
    page = person.post("/search", data={"text": SECRET, "mode": "words"})
    assert SECRET in page.text  # in the box, to be changed
    assert not [link for link in re.findall(r'href="([^"]+)"', page.text) if SECRET in link]
    assert logged(app)[-1] == ("search", "0")
    kept = caplog.text + str(logged(app))
    assert SECRET not in kept
    with desk_reading(desk_of(app).people) as connection:
        assert SECRET not in str(connection.execute(text("SELECT * FROM audit_log")).all())


@pytest.mark.parametrize(
    "typed",
    [
        '"',
        '""" OR 1=1 --',
        "NEAR(a b) AND NOT col:x*",
        "-",
        '-"החזר"',
        "% _ \\ ' ; DROP TABLE contacts",
        "<script>alert(1)</script>",
        "(" * 200,
        "😀 \u202e abc",
        "א " * 99,
    ],
)
@pytest.mark.parametrize("mode", ["both", "words", "meaning"])
def test_any_text_is_harmless(client: Clients, typed: str, mode: str) -> None:
    page = client("desk").post("/search", data={"text": typed, "mode": mode})
    assert page.status_code == 200
    assert "<script>alert" not in page.text


@pytest.mark.parametrize(
    "wrong",
    [{"page": "0"}, {"page": "51"}, {"first": "x"}, {"first": "0001-01-01"}, {"reason": "no"}],
)
def test_what_no_form_sends_is_refused(client: Clients, wrong: dict[str, str]) -> None:
    assert client("desk").get("/search", params=wrong).status_code == 422


def test_empty_fields_ask_for_nothing(client: Clients) -> None:
    names = ("text", "like", "week", "first", "last", "queue", "reason", "unclear", "customer_id")
    page = client("desk").post("/search", data=dict.fromkeys(names, ""))
    assert page.status_code == 200
    assert "מהחדשה לישנה" in page.text


def test_a_correction_is_found_and_the_old_words_are_not(app: FastAPI, client: Clients) -> None:
    """The next index brings it, without a restart."""
    desk, person = desk_of(app), client("desk")
    with transaction(desk.data) as connection:
        connection.execute(text("DELETE FROM note_words WHERE words LIKE '%טכנאי%'"))
        connection.execute(
            text("UPDATE meta SET value = CAST(value AS INTEGER) + 1 WHERE key = 'notes_indexed'")
        )
    for _ in range(200):
        page = person.post("/search", data={"text": "טכנאי", "mode": "words"})
        if app.state.searcher.snapshot(1).state == 2:
            break
    page = person.post("/search", data={"text": '"טכנאי"', "mode": "words"})
    assert not any("טכנאי" in re.split(r"\W+", note) for note in notes_in(page.text))


def test_before_the_first_snapshot_people_are_told_to_wait(
    app: FastAPI, client: Clients, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(app.state.searcher, "snapshot", lambda: None)
    page = client("desk").post("/search", data={"text": "החזר"})
    assert "מכינים את החיפוש" in page.text
    assert 'value="החזר"' in page.text
    assert 'hx-get="/search"' in client("desk").get("/search").text
