"""Signing in by a real (small) OpenID Connect provider: only people who have an account here."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from pydantic import SecretStr

from desk.app import create_app
from desk.deps import COOKIE
from keshev.settings import Settings
from store.desk_session import desk_writing
from store.users import User, add_user
from tests.desk.web.conftest import desk_of, serving
from tests.desk.web.provider import CLIENT, SECRET, provider


@pytest.fixture
def claims() -> dict[str, Any]:
    """What the provider says of who signs in; tests change it."""
    return {"email": "dana@example.com", "email_verified": True}


@pytest.fixture
def browser(settings: Settings, claims: dict[str, Any]) -> Iterator[httpx.Client]:
    """A browser at a desk that knows dana@example.com, who has no password."""
    with serving(provider(claims)) as issuer:
        with_provider = settings.model_copy(
            update={
                "oidc_issuer": issuer,
                "oidc_client_id": CLIENT,
                "oidc_client_secret": SecretStr(SECRET),
            }
        )
        app = create_app(with_provider)
        desk = desk_of(app)
        with desk_writing(desk.people) as connection:
            dana = User("dana@example.com", "דנה", "manager", None, True, "he", datetime.now(UTC))
            add_user(connection, dana)
        with serving(app) as address:
            # Where the provider sends people back is the desk's own setting.
            object.__setattr__(with_provider, "desk_url", address)
            with httpx.Client(base_url=address, follow_redirects=True, timeout=30) as client:
                yield client


def test_who_has_an_account_comes_in(browser: httpx.Client) -> None:
    assert "/signin/oidc" in browser.get("/signin").text
    browser.get("/signin/oidc")
    assert browser.cookies[COOKIE]
    assert "דנה" in browser.get("/nothing").text


@pytest.mark.parametrize(
    "said",
    [
        {"email": "stranger@example.com"},
        {"email": None},
        {"email_verified": False},
        {"email_verified": "false"},
        {"email_verified": None},
        {"aud": "another desk"},
        {"nonce": "of another sign-in"},
        {"exp": 1},
        {"iss": "https://evil.example"},
    ],
)
def test_nobody_else_does(
    browser: httpx.Client, claims: dict[str, Any], said: dict[str, Any]
) -> None:
    claims.update(said)
    answer = browser.get("/signin/oidc")
    assert answer.status_code in (403, 503)
    assert COOKIE not in browser.cookies


def test_an_answer_that_was_not_asked_for_is_refused(browser: httpx.Client) -> None:
    answer = browser.get("/signin/oidc/back", params={"code": "x", "state": "guess"})
    assert answer.status_code == 503
    assert COOKIE not in browser.cookies


def test_an_account_without_password_has_none(browser: httpx.Client) -> None:
    page = browser.get("/signin")
    token = page.text.split('name="token" value="')[1].split('"')[0]
    for password in ("", "None", "null"):
        form = {"name": "dana@example.com", "password": password, "token": token}
        assert browser.post("/signin", data=form).status_code in (401, 403, 422)


def test_without_the_setting_there_is_no_such_page(served: str) -> None:
    assert httpx.get(f"{served}/signin/oidc").status_code == 404
