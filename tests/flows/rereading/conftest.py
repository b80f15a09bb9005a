"""An empty shop, once in each kind of database, and one to compare it with."""

from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import Engine

from store.session import open_store
from tests.flows.rereading.shop import Shop


@pytest.fixture
def shop(tmp_path: Path, engine: Engine) -> Shop:
    return Shop(tmp_path, engine)


@pytest.fixture
def fresh(tmp_path: Path) -> Callable[[], Shop]:
    def make() -> Shop:
        (tmp_path / "fresh").mkdir()
        return Shop(tmp_path / "fresh", open_store(f"sqlite:///{tmp_path / 'fresh.db'}"))

    return make
