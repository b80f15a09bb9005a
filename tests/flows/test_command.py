"""`keshev run` itself, as its user starts it: once, again, and after kill -9."""

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


def start(home: Path, exports: Path) -> "subprocess.Popen[str]":
    """Start `keshev run` with a store of its own."""
    environment = {**os.environ, "KESHEV_HOME": str(home), "KESHEV_CHUNK_SIZE": "16"}
    for name in ("PREFECT_API_URL", "PREFECT_HOME"):
        environment.pop(name, None)
    return subprocess.Popen(
        [sys.executable, "-m", "keshev.cli", "run", str(exports)],
        env=environment, cwd=ROOT, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip


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
    killed = start(home, few_exports)
    deadline = time.monotonic() + 240
    while classified(settings) < 32:
        assert killed.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.3)
    killed.send_signal(signal.SIGKILL)
    killed.communicate()
    said, _ = start(home, few_exports).communicate(timeout=240)
    assert "Report:" in said
    assert "Nothing changed" not in said
    assert exports_of(settings, tmp_path / "first") == undisturbed
    reports = {path: path.read_bytes() for path in settings.report_dir.iterdir()}
    said, _ = start(home, few_exports).communicate(timeout=240)
    assert "Nothing changed" in said
    assert exports_of(settings, tmp_path / "second") == undisturbed
    assert {path: path.read_bytes() for path in settings.report_dir.iterdir()} == reports
