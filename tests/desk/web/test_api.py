"""Nothing that anybody sends makes the desk fail: schemathesis against the OpenAPI description."""

from datetime import UTC, datetime
from typing import Any

import pytest
import schemathesis
from fastapi import FastAPI
from hypothesis import HealthCheck, given, settings
from schemathesis import Case
from schemathesis.checks import not_a_server_error

from desk.deps import COOKIE
from store.desk_session import desk_reading, desk_writing
from store.sessions import find_session, open_session
from tests.desk.web.conftest import desk_of

ENDING = "/signout"  # would end the session that the other requests need
EXAMPLES = 20  # of each operation


@pytest.fixture
def admin(app: FastAPI) -> dict[str, Any]:
    """What the requests of an administrator carry."""
    desk, now = desk_of(app), datetime.now(UTC)
    with desk_writing(desk.people) as connection:
        token = open_session(connection, "admin", now)
    with desk_reading(desk.people) as connection:
        session = find_session(connection, token, now, desk.limits)
    assert session is not None
    return {"cookies": {COOKIE: token}, "headers": {"X-CSRF-Token": session.csrf}}


def test_no_request_makes_the_desk_fail(app: FastAPI, served: str, admin: dict[str, Any]) -> None:
    api = schemathesis.openapi.from_dict(app.openapi())
    api.config.update(base_url=served)
    asked = 0
    for found in api.exclude(path=ENDING).get_all_operations():
        operation = found.ok()

        @settings(
            max_examples=EXAMPLES,
            derandomize=True,
            database=None,
            suppress_health_check=list(HealthCheck),
        )
        @given(operation.as_strategy())
        def nothing_fails(case: Case[Any]) -> None:
            nonlocal asked
            asked += 1
            case.call_and_validate(checks=[not_a_server_error], **admin)

        nothing_fails()
    assert asked > EXAMPLES
