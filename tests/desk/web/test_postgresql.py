"""The desk of a team: on PostgreSQL every page answers as it does on SQLite."""

import shutil
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from desk.app import create_app
from keshev.settings import ROOT, Settings
from store.desk_session import desk_writing
from store.users import User, add_user
from tests.desk.web.casework import taken
from tests.desk.web.conftest import HERE, desk_of, sign_in
from tests.flows.conftest import run_steps

PAGES = (
    "/queue",
    "/queue?state=closed",
    "/week",
    "/week/2026-11-08?by=queue",
    "/week/2026-11-08/against/2026-11-01",
    "/notes?week=2026-11-08",
    "/search?queue=x",
    "/review",
    "/review?part=random",
    "/review/agreement",
    "/reasons",
    "/quality",
    "/quality/drift",
    "/quality/quarantine",
    "/quality/model",
    "/quality/notices",
    "/people",
    "/people/log",
)


@pytest.fixture
def person(postgresql_url: str, tmp_path: Path) -> Iterator[TestClient]:
    """An administrator at a desk whose stores are in PostgreSQL, over a few exports."""
    exports = tmp_path / "exports"
    exports.mkdir()
    for name in ("notes_2026-11.csv", "chats_2026-11.jsonl", "customers.csv"):
        shutil.copy(ROOT / "data" / "exports" / name, exports / name)
    shutil.copytree(ROOT / "data" / "profiles", tmp_path / "profiles")
    settings = Settings(home=tmp_path, database_url=postgresql_url)
    run_steps(settings, exports).engine.dispose()
    app = create_app(settings)
    desk = desk_of(app)
    with desk_writing(desk.people) as connection:
        user = User("admin", "רון אבני", "admin", None, True, "he", datetime.now(UTC))
        add_user(connection, user)
    with TestClient(app, base_url=HERE, follow_redirects=False) as client:
        sign_in(client, desk, "admin")
        yield client


@pytest.mark.postgresql
def test_every_page_answers_and_a_case_is_worked(person: TestClient) -> None:
    for path in PAGES:
        assert person.get(path).status_code == 200, path
    case = taken(person)
    said = {"outcome": "saved", "offer": "plan"}
    assert person.post(f"{case}/outcome", data=said).status_code == 303
    until = time.monotonic() + 60  # the first search may find the index still being read
    while "<mark" not in (found := person.post("/search", data={"text": "ביטול"})).text:
        assert found.status_code == 200
        assert time.monotonic() < until
        time.sleep(0.2)
