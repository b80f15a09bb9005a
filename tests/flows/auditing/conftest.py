"""An empty store for each audit, once in each kind of database."""

from pathlib import Path

import pytest

from keshev.settings import Settings


@pytest.fixture
def settings(tmp_path: Path, store_url: str) -> Settings:
    return Settings(home=tmp_path, database_url=store_url)
