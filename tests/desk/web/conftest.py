"""The desk over the sample exports: a store made once, copied for each test that may change it.

`client("manager")` is a program that is signed in as that role; `app` is the application itself,
and `served` its address as a browser opens it.
"""

import shutil
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
import uvicorn
from fastapi import FastAPI
from fastapi.testclient import TestClient

from desk.app import create_app
from desk.deps import COOKIE, Desk
from keshev.settings import Settings
from store.desk_session import desk_writing
from store.sessions import open_session
from store.users import User, add_user
from tests.flows.conftest import run_steps

HERE = "http://127.0.0.1"
PASSWORD = "correct horse battery"
PEOPLE = {
    "desk": "נועה לוי",
    "manager": "דנה כהן",
    "analyst": "יובל מזרחי",
    "admin": "רון אבני",
}
Clients = Callable[[str], TestClient]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep these tests on one worker, so that the sample is classified once."""
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.xdist_group("desk"))


@pytest.fixture(scope="session")
def sample_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a store that holds the sample exports, classified and counted. Read only."""
    home = tmp_path_factory.mktemp("desk-sample")
    run_steps(Settings(home=home, database_url="")).engine.dispose()
    return home


@pytest.fixture
def settings(sample_home: Path, tmp_path: Path) -> Settings:
    """Settings whose home is a copy of the sample's."""
    home = tmp_path / "home"
    shutil.copytree(sample_home, home)
    return Settings(home=home, database_url="")


@pytest.fixture
def app(settings: Settings) -> Iterator[FastAPI]:
    """The desk of the sample, with one user of each role, named as the role is."""
    made = create_app(settings)
    desk = desk_of(made)
    digest = desk.passwords.digest(PASSWORD)
    with desk_writing(desk.people) as connection:
        for role, full_name in PEOPLE.items():
            user = User(role, full_name, role, digest, True, "he", datetime.now(UTC))
            add_user(connection, user)
    yield made
    desk.kept.close()
    desk.data.dispose()
    desk.people.dispose()


def desk_of(app: FastAPI) -> Desk:
    """Return the running desk of an application."""
    desk: Desk = app.state.desk
    return desk


@pytest.fixture
def client(app: FastAPI) -> Iterator[Clients]:
    """Return programs that are signed in as a role, nobody's with an empty name.

    They carry the token of forms in their headers, as htmx does.
    """
    with ExitStack() as at_end:

        def made(name: str) -> TestClient:
            client = TestClient(app, base_url=HERE, follow_redirects=False)
            at_end.callback(client.close)
            if name:
                sign_in(client, desk_of(app), name)
            return client

        yield made


def sign_in(client: TestClient, desk: Desk, name: str) -> None:
    """Sign a program in, as the form does it."""
    from store.desk_session import desk_reading
    from store.sessions import find_session

    now = datetime.now(UTC)
    with desk_writing(desk.people) as connection:
        token = open_session(connection, name, now)
    with desk_reading(desk.people) as connection:
        session = find_session(connection, token, now, desk.limits)
    assert session is not None
    client.cookies.set(COOKIE, token)
    client.headers["X-CSRF-Token"] = session.csrf


@contextmanager
def serving(app: FastAPI) -> Iterator[str]:
    """Serve an application on this machine, as `keshev desk` does; yield its address."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        server = uvicorn.Server(uvicorn.Config(app, log_level="warning", access_log=False))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [found]})
        thread.start()
        while not server.started:
            assert thread.is_alive()
            time.sleep(0.02)
        try:
            yield f"{HERE}:{found.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join()


@pytest.fixture
def served(app: FastAPI) -> Iterator[str]:
    """The address of the desk, as a browser opens it."""
    with serving(app) as address:
        yield address
