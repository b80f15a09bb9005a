"""`keshev run` itself, as its user starts it: once, again, and after kill -9."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from keshev.settings import ROOT, Settings
from nlp.modelfolder import ModelFolder
from store.predictions import read_predictions
from store.session import open_store, transaction
from tests.flows.conftest import exports_of


def start(home: Path, exports: Path, log: Path) -> "subprocess.Popen[bytes]":
    """Start `keshev run` with a store of its own; what it says goes to a file.

    Not to a pipe: Prefect's temporary server outlives a kill -9 and would hold it open.
    """
    environment = {**os.environ, "KESHEV_HOME": str(home), "KESHEV_CHUNK_SIZE": "16"}
    for name in ("PREFECT_API_URL", "PREFECT_HOME"):
        environment.pop(name, None)
    with log.open("wb") as said:
        return subprocess.Popen(
            [sys.executable, "-m", "keshev.cli", "run", str(exports)],
            env=environment, cwd=ROOT, stdout=said, stderr=said, start_new_session=True,
        )  # fmt: skip


def run(home: Path, exports: Path, log: Path) -> str:
    """Run the command to its end and return what it said."""
    assert start(home, exports, log).wait(timeout=240) == 0
    return log.read_text(encoding="utf-8")


def classified(settings: Settings) -> int:
    """Return how many notes have a prediction by now."""
    if not (settings.home / "keshev.db").is_file():
        return 0
    model_id = ModelFolder(settings.model_dir).fingerprint()
    with transaction(open_store(settings.database_url)) as connection:
        return len(read_predictions(connection, model_id))


def test_run_kill_run_and_run_again(
    few_exports: Path, undisturbed: dict[str, bytes], tmp_path: Path
) -> None:
    """Killed while it classifies, then run twice: an undisturbed run's bytes, then 'unchanged'."""
    home = tmp_path / "home"
    settings = Settings(home=home, database_url="")
    killed = start(home, few_exports, tmp_path / "killed")
    try:
        deadline = time.monotonic() + 240
        while classified(settings) < 32:
            assert killed.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.3)
        killed.kill()
        killed.wait(timeout=30)
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(killed.pid, signal.SIGKILL)  # the server that it left behind
    said = run(home, few_exports, tmp_path / "second")
    assert "Report:" in said
    assert "Nothing changed" not in said
    assert exports_of(settings, tmp_path / "first-exports") == undisturbed
    reports = {path: path.read_bytes() for path in settings.report_dir.iterdir()}
    assert "Nothing changed" in run(home, few_exports, tmp_path / "third")
    assert exports_of(settings, tmp_path / "second-exports") == undisturbed
    assert {path: path.read_bytes() for path in settings.report_dir.iterdir()} == reports
