"""One run over the sample exports, made once a session and looked at by many tests."""

from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import Engine

from flows import steps
from flows.reporting import Reported, gather, write_report
from flows.steps import Ingested
from keshev.settings import ROOT, Settings
from store.profiles import read_profiles
from store.session import open_store

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
    steps.aggregate(settings, engine)
    reported = write_report(gather(settings, engine), settings.report_dir)
    return SampleRun(settings, engine, ingested, classified, reported)


@pytest.fixture(scope="session")
def sample(tmp_path_factory: pytest.TempPathFactory) -> SampleRun:
    return run_steps(Settings(home=tmp_path_factory.mktemp("sample"), database_url=""))
