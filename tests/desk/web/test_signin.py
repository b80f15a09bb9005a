"""Signing in and out: by the form, as a browser does it."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import update

from desk.app import create_app
from desk.deps import COOKIE
from desk.forms import inside
from keshev.settings import Settings
from store.audit_log import read_log
from store.desk_session import desk_reading, desk_writing
from store.desk_tables import sessions, users
from tests.desk.web.conftest import HERE, PASSWORD, Clients, desk_of


def attempt(client: TestClient, name: str, password: str, **fields: str) -> int:
    page = client.get("/signin")
    (token,) = re.findall(r'name="token" value="([^"]+)"', page.text)
    form = {"name": name, "password": password, "token": token, **fields}
    answer = client.post("/signin", data=form)
    if answer.status_code == 303:
        client.headers["location"] = answer.headers["location"]
    return answer.status_code


def test_the_right_password_lets_in_and_signing_out_ends_it(client: Clients) -> None:
    browser = client("")
    assert browser.get("/people").headers["location"] == "/signin?next=/people"
    assert attempt(browser, "admin", PASSWORD, next="/people") == 303
    assert browser.headers["location"] == "/people"
    page = browser.get("/people")
    assert page.status_code == 200
    assert "רון אבני" in page.text
    kept = browser.cookies[COOKIE]
    (csrf,) = re.findall(r'name="csrf" content="([^"]+)"', page.text)
    assert browser.post("/signout", data={"csrf": csrf}).status_code == 303
    browser.cookies.set(COOKIE, kept)
    assert browser.get("/people").status_code == 303, "the session itself must be over"


def test_a_wrong_name_and_a_wrong_password_look_the_same(client: Clients) -> None:
    browser = client("")
    texts = []
    for name in ("admin", "nobody", "a\x00b"):
        page = browser.get("/signin")
        (token,) = re.findall(r'name="token" value="([^"]+)"', page.text)
        answer = browser.post(
            "/signin", data={"name": name, "password": "wrong wrong", "token": token}
        )
        assert answer.status_code == 401
        texts.append(re.sub(r'value="[^"]*"', "", answer.text))
    assert len(set(texts)) == 1
    assert "השם או הסיסמה אינם נכונים" in texts[0]


def test_after_five_failures_even_the_right_password_waits(client: Clients) -> None:
    browser = client("")
    assert [attempt(browser, "admin", "wrong wrong") for _ in range(6)] == [401] * 5 + [429]
    assert attempt(browser, "admin", PASSWORD) == 429
    assert attempt(browser, "desk", PASSWORD) == 303, "others are not kept out"


def test_a_form_that_is_not_ours_is_refused(client: Clients) -> None:
    for token in ("guess", " ", "+"):
        form = {"name": "admin", "password": PASSWORD, "token": token}
        assert client("").post("/signin", data=form).status_code in (403, 422), token


def test_who_is_blocked_is_out_at_once(app: FastAPI, client: Clients) -> None:
    person = client("manager")
    admin = client("admin")
    assert person.get("/").status_code == 303
    assert admin.post("/people/manager/active", data={"active": "false"}).status_code == 303
    assert person.get("/").headers["location"] == "/signin"
    assert attempt(client(""), "manager", PASSWORD) == 401


def test_sessions_end(app: FastAPI, client: Clients) -> None:
    desk = desk_of(app)
    for column, age in (("seen_at", timedelta(hours=1)), ("created_at", timedelta(hours=12))):
        person = client("admin")
        assert person.get("/people").status_code == 200
        with desk_writing(desk.people) as connection:
            connection.execute(update(sessions).values({column: datetime.now(UTC) - age}))
        assert person.get("/people").status_code == 303, column


def test_the_store_holds_neither_passwords_nor_tokens(app: FastAPI, client: Clients) -> None:
    browser = client("")
    attempt(browser, "admin", PASSWORD)
    desk = desk_of(app)
    with desk_reading(desk.people) as connection:
        rows = [*connection.execute(users.select()), *connection.execute(sessions.select())]
    stored = repr(rows)
    assert PASSWORD not in stored
    assert browser.cookies[COOKIE] not in stored
    assert "$argon2id$" in stored


def test_the_log_says_who_came_and_who_failed(app: FastAPI, client: Clients) -> None:
    browser = client("")
    attempt(browser, "admin", "wrong wrong")
    attempt(browser, "admin", PASSWORD)
    with desk_reading(desk_of(app).people) as connection:
        seen = [(entry.user_name, entry.action) for entry in read_log(connection)]
    assert seen == [("admin", "signin"), ("admin", "signin_failed")]


def test_with_no_user_yet_the_desk_says_how_to_make_one(settings: Settings) -> None:
    app = create_app(settings)
    with TestClient(app, base_url=HERE) as browser:
        for path in ("/", "/people", "/signin"):
            answer = browser.get(path)
            assert answer.status_code == 503
            assert "keshev user add NAME --role admin" in answer.text
            assert "<nav" not in answer.text


def test_the_way_back_never_leads_elsewhere() -> None:
    elsewhere = ("//evil.example", "https://evil.example", "/\\evil.example", "x", "", "/a\nb")
    assert {inside(path) for path in elsewhere} == {"/"}
    assert inside("/week/2026-11-08?cut=queue") == "/week/2026-11-08?cut=queue"


def test_the_language_is_kept_until_the_next_time(client: Clients) -> None:
    first, later = client("manager"), client("")
    assert first.post("/preferences", data={"language": "en"}).status_code == 303
    assert attempt(later, "manager", PASSWORD) == 303
    assert 'lang="en"' in later.get("/nothing").text


def test_many_at_once_are_no_more_tries(client: Clients) -> None:
    """Of twenty guesses in the same moment five are looked at."""
    browser = client("")
    page = browser.get("/signin")
    (token,) = re.findall(r'name="token" value="([^"]+)"', page.text)
    form = {"name": "admin", "password": "wrong wrong", "token": token}
    browsers = [client("") for _ in range(20)]
    for one in browsers:
        one.cookies.update(browser.cookies)

    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(lambda one: one.post("/signin", data=form).status_code, browsers))
    assert answers.count(401) == 5
    assert answers.count(429) == 15


def test_right_passwords_are_not_counted(client: Clients) -> None:
    assert [attempt(client(""), "desk", PASSWORD) for _ in range(7)] == [303] * 7


@pytest.mark.parametrize("name", ["a/b", "..", "a b", "a\u202eb", "a\\b"])
def test_names_that_no_address_can_hold_are_refused(client: Clients, name: str) -> None:
    answer = client("admin").post("/people", data={"name": name, "role": "desk"})
    assert answer.status_code == 422
