"""One run over the sample exports, made once a session and looked at by many tests."""

import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import Engine

from flows import aggregating, steps
from flows.reporting import Reported, gather, write_report
from flows.steps import Ingested
from keshev.settings import ROOT, Settings
from nlp.modelfolder import ModelFolder
from store.profiles import read_profiles
from store.session import open_store, transaction
from store.tables_out import TABLES, read_table, write_table

EXPORTS = ROOT / "data" / "exports"


@dataclass(frozen=True)
class SampleRun:
    """A finished run and where it lies."""

    settings: Settings
    engine: Engine
    ingested: Ingested
    classified: int
    reported: Reported


def run_steps(settings: Settings, exports: Path = EXPORTS) -> SampleRun:
    """Run all steps as the weekly flow does, without Prefect."""
    engine = open_store(settings.database_url)
    ingested = steps.ingest(settings, engine, [exports], read_profiles(None, [exports]))
    classified = steps.classify(settings, engine).contacts
    aggregating.aggregate(settings, engine)
    reported = write_report(gather(settings, engine), settings.report_dir)
    return SampleRun(settings, engine, ingested, classified, reported)


@pytest.fixture(scope="session")
def sample(tmp_path_factory: pytest.TempPathFactory) -> SampleRun:
    return run_steps(Settings(home=tmp_path_factory.mktemp("sample"), database_url=""))


FEW = ("chats_2026-09.jsonl", "notes_2026-11.csv", "surveys.xlsx", "customers.csv")


@pytest.fixture(scope="session")
def few_exports(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A smaller folder of exports with the sample's profiles."""
    folder = tmp_path_factory.mktemp("few") / "exports"
    folder.mkdir()
    for name in FEW:
        shutil.copy(EXPORTS / name, folder / name)
    shutil.copytree(EXPORTS.parent / "profiles", folder.parent / "profiles")
    return folder


def exports_of(run_settings: Settings, folder: Path) -> dict[str, bytes]:
    """Return the bytes of every table in every format."""
    engine = open_store(run_settings.database_url)
    model_id = ModelFolder(run_settings.model_dir).fingerprint()
    written: dict[str, bytes] = {}
    with transaction(engine) as connection:
        for name in TABLES:
            frame = read_table(connection, name, model_id)
            for ending in (".csv", ".parquet", ".jsonl"):
                path = folder / f"{name}{ending}"
                write_table(frame, path)
                written[path.name] = path.read_bytes()
    engine.dispose()  # PostgreSQL's connections must not outlive their test
    return written


@pytest.fixture(scope="session")
def undisturbed(few_exports: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    home = tmp_path_factory.mktemp("undisturbed")
    run = run_steps(Settings(home=home, database_url=""), few_exports)
    return exports_of(run.settings, home / "out")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep these tests on one worker, so that the long runs are made once and not once a worker."""
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.xdist_group("flows"))
