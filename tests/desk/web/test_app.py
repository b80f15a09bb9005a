"""What every answer of the desk has, and what people see when something is wrong."""

import logging
import re

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from tests.desk.web.conftest import HERE, Clients

HEBREW = re.compile("[\u0590-\u05ff]")


def test_every_answer_carries_the_headers(client: Clients) -> None:
    person = client("admin")
    for path in ("/people", "/signin", "/nothing", "/static/desk.css", "/health"):
        headers = person.get(path).headers
        policy = headers["content-security-policy"]
        assert "script-src 'self';" in policy
        assert "frame-ancestors 'none'" in policy
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "same-origin"


def test_pages_are_kept_by_nobody_and_files_for_long(client: Clients) -> None:
    person = client("admin")
    page = person.get("/people")
    assert page.headers["cache-control"] == "no-store"
    for address in re.findall(r'"(/static/[^"]+)"', page.text):
        answer = person.get(address)
        assert answer.status_code == 200, address
        assert "immutable" in answer.headers["cache-control"]


def test_another_host_s_name_is_refused(app: FastAPI) -> None:
    with TestClient(app, base_url="http://evil.example") as browser:
        assert browser.get("/health").status_code == 400


def test_a_request_beyond_all_forms_is_refused(client: Clients) -> None:
    assert client("admin").post("/people", content=b"x" * (2**20 + 1)).status_code == 413


def test_what_is_not_there_is_said_in_both_languages(client: Clients) -> None:
    person = client("admin")
    page = person.get("/nothing")
    assert page.status_code == 404
    assert 'dir="rtl"' in page.text
    assert "העמוד לא נמצא" in page.text
    assert person.post("/preferences", data={"language": "en"}).status_code == 303
    page = person.get("/nothing")
    assert 'dir="ltr"' in page.text


def test_htmx_gets_a_notice_and_not_a_page(client: Clients) -> None:
    text = client("admin").get("/nothing", headers={"HX-Request": "true"}).text
    assert text.startswith('<div class="notice bad" role="alert">')


def test_a_fault_is_told_by_number_and_logged_without_values(
    app: FastAPI, client: Clients, caplog: pytest.LogCaptureFixture
) -> None:
    words = "דברי לקוח"

    @app.get("/fault")
    def fault() -> None:
        raise RuntimeError(words)

    with caplog.at_level(logging.ERROR, logger="keshev.desk"):
        answer = client("").get("/fault")
    assert answer.status_code == 500
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    (number,) = re.findall(r"fault (\w+): RuntimeError", caplog.text)
    assert number in answer.text
    assert words not in caplog.text + answer.text


def test_colours_are_kept(client: Clients) -> None:
    person = client("admin")
    answer = person.post("/preferences", data={"theme": "dark", "back": "/people"})
    assert answer.headers["location"] == "/people"
    assert 'data-theme="dark"' in person.get("/people").text
    assert person.post("/preferences", data={"theme": "pink"}).status_code == 422


def test_the_desk_is_healthy(client: Clients) -> None:
    assert client("").get("/health").json() == {"state": "ok"}


@pytest.mark.parametrize("path", ["/people?x=1", "/people/log?page=0", "/people/log?page=x"])
def test_wrong_addresses_are_no_faults(client: Clients, path: str) -> None:
    assert client("admin").get(path).status_code in (200, 422)


def test_localhost_is_this_machine_too(app: FastAPI) -> None:
    with TestClient(app, base_url=HERE.replace("127.0.0.1", "localhost")) as browser:
        assert browser.get("/health").status_code == 200


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Content-Type": "multipart/form-data; boundary=B; charset=punycode"}, 415),
        ({"Content-Type": "application/x-www-form-urlencoded; charset=utf-7"}, 415),
        ({"Content-Type": "application/json"}, 415),
        ({"Transfer-Encoding": "chunked", "Content-Length": "5"}, 411),
    ],
)
def test_only_plain_forms_are_read(client: Clients, headers: dict[str, str], status: int) -> None:
    """Other kinds are decoded by codecs that the sender chooses, or have no end."""
    answer = client("").post("/signin", content=b"name=x", headers=headers)
    assert answer.status_code == status


def test_a_broken_way_back_leads_to_the_first_page(client: Clients) -> None:
    assert client("").get("/signin?next=//[").status_code == 200
