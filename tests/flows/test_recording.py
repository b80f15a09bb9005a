"""What ran is recorded: with its counts, with the class of what stopped it, or without an end."""

import subprocess
import sys
from pathlib import Path

import pytest

from flows import steps
from flows.recording import recorded
from keshev.errors import KeshevError
from keshev.settings import Settings
from store.desk_session import desk_reading, desk_store_of
from store.profiles import read_profiles
from store.runs import Run, read_runs
from store.session import open_store
from tests.flows.conftest import SampleRun

KILLED = """
import os, sys
from flows.recording import recorded
from store.session import open_store
with recorded(open_store(sys.argv[1]), "aggregate"):
    os._exit(9)
"""


def runs_of(url: str) -> list[Run]:
    engine = open_store(url)
    desk = desk_store_of(engine)
    with desk_reading(desk) as connection:
        found = read_runs(connection, limit=10_000)
    desk.dispose()
    engine.dispose()
    return found


def test_a_whole_run_leaves_its_steps(sample: SampleRun) -> None:
    """Each with an end, the model and the counts that the steps themselves return."""
    # The newest come first, so each step's oldest stays: others may have run on the sample since.
    first = {run.step: run for run in runs_of(sample.settings.database_url)}
    assert {run.state for run in first.values()} == {"ok"}
    counts = first["ingest"].counts
    for name in steps.ROWS:
        assert counts[name] == sum(getattr(one, name) for one in sample.ingested.files)
    whole = counts["stored"] + counts["known"] + counts["duplicates"] + counts["quarantined"]
    assert counts["read"] == whole
    assert first["classify"].counts == {"classified": sample.classified}
    assert first["classify"].model_id == first["aggregate"].model_id
    assert first["aggregate"].counts["figures"] > 0
    assert all(run.ended_at and run.ended_at >= run.started_at for run in first.values())


def test_of_an_error_only_its_class_is_kept(store_url: str) -> None:
    """Its words may name a file, a customer or what somebody wrote."""
    engine = open_store(store_url)

    def fails() -> None:
        with recorded(engine, "ingest") as run:
            run.counts = {"read": 3}
            raise KeshevError("דנה כהן התקשרה")

    with pytest.raises(KeshevError):
        fails()
    engine.dispose()
    (failed,) = runs_of(store_url)
    assert (failed.state, failed.error, dict(failed.counts)) == (
        "failed",
        "KeshevError",
        {"read": 3},
    )
    assert failed.ended_at is not None
    assert "דנה" not in str(failed)


def test_a_killed_step_has_no_end(sqlite_url: str) -> None:
    """It is there all the same."""
    open_store(sqlite_url).dispose()
    ended = subprocess.run([sys.executable, "-c", KILLED, sqlite_url], check=False)
    assert ended.returncode == 9
    (killed,) = runs_of(sqlite_url)
    assert (killed.step, killed.state, killed.ended_at) == ("aggregate", "running", None)


def test_reading_again_is_a_run_that_read_nothing(few_exports: Path, tmp_path: Path) -> None:
    settings = Settings(home=tmp_path, database_url="")
    engine = open_store(settings.database_url)
    profiles = read_profiles(None, [few_exports])
    for _ in range(2):
        steps.ingest(settings, engine, [few_exports], profiles)
    engine.dispose()
    again, first = runs_of(settings.database_url)
    assert first.counts["read"] > 0
    assert set(again.counts.values()) == {0}
