"""The sample's store, copied for each test, and a mail server."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from keshev.settings import Settings
from store.session import open_store
from tests.flows.conftest import SampleRun
from tests.flows.servers import Mailbox, mail_server


@pytest.fixture
def settings(sample: SampleRun, tmp_path: Path) -> Settings:
    home = tmp_path / "home"
    shutil.copytree(sample.settings.home, home)
    (home / "keshev-desk.db").unlink()
    return Settings(home=home, database_url="", desk_url="https://desk.example.com")


@pytest.fixture
def engine(settings: Settings) -> Iterator[Engine]:
    opened = open_store(settings.database_url)
    yield opened
    opened.dispose()


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    with mail_server() as found:
        yield found
