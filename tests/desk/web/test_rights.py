"""No page is open by accident: every route that the application has is asked without its right."""

import re

import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute, iter_route_contexts

from desk.rights import Right, Role
from tests.desk.web.conftest import Clients

# What is open to everybody, and why: signing in, its way back, watching programs, the own browser.
OPEN = {"/signin", "/signin/oidc", "/signin/oidc/back", "/health", "/preferences"}
OF_ANYBODY = {"/", "/signout"}


def routes(app: FastAPI) -> list[tuple[str, str, APIRoute]]:
    """Return method and filled-in path of every route of the application."""
    contexts = [context.original_route for context in iter_route_contexts(app.routes)]
    found = [route for route in contexts if isinstance(route, APIRoute)]
    assert found
    return [
        (method, re.sub(r"{[^}]*}", "2026-11-08", route.path), route)
        for route in found
        for method in sorted(route.methods)
    ]


def test_nobody_gets_anything_without_signing_in(app: FastAPI, client: Clients) -> None:
    nobody = client("")
    for method, path, route in routes(app):
        if route.path not in OPEN:
            answer = nobody.request(method, path)
            assert answer.status_code in (303, 401), (method, path)
            assert answer.status_code == 401 or answer.headers["location"].startswith("/signin")


@pytest.mark.parametrize("role", list(Role))
def test_every_route_is_refused_without_its_right(
    app: FastAPI, client: Clients, role: Role
) -> None:
    person = client(role)
    refused = 0
    for method, path, route in routes(app):
        if route.path in OPEN | OF_ANYBODY:
            continue
        needed = rights_of(route)
        assert needed, f"{route.path} asks for no right"
        if not needed <= role.rights:
            refused += 1
            assert person.request(method, path).status_code == 403, (method, path)
    assert (refused > 0) == (role is not Role.ADMIN)


def rights_of(route: APIRoute) -> set[Right]:
    """Return the rights that a route's dependencies ask for."""
    calls = [dependency.call for dependency in route.dependant.dependencies]
    return {call.right for call in calls if hasattr(call, "right")}


def test_what_changes_something_needs_the_session_s_token(app: FastAPI, client: Clients) -> None:
    person = client("admin")
    del person.headers["X-CSRF-Token"]
    changing = [item for item in routes(app) if item[0] != "GET" and item[2].path not in OPEN]
    assert changing
    for method, path, _ in changing:
        answer = person.request(method, path, data={"csrf": "wrong"})
        assert answer.status_code == 403, (method, path)


def test_another_site_s_form_is_refused(client: Clients) -> None:
    answer = client("admin").post("/signout", headers={"Sec-Fetch-Site": "cross-site"})
    assert answer.status_code == 403
