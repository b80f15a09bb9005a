"""The same run again, a run after a kill, a corrected export, and two runs at once."""

import os
import shutil
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from flows import steps
from keshev.errors import StoreError
from keshev.settings import Settings
from nlp.modelfolder import ModelFolder
from store.contacts import read_contacts
from store.predictions import count_pending, read_predictions
from store.profiles import read_profiles
from store.session import open_store, transaction, writing
from tests.flows.conftest import EXPORTS, SampleRun, exports_of, run_steps


def test_a_second_run_changes_nothing(sample: SampleRun, tmp_path: Path) -> None:
    """It says so, and every export and the report are the same bytes."""
    before = exports_of(sample.settings, tmp_path / "before")
    html, xlsx = sample.reported.html.read_bytes(), sample.reported.xlsx.read_bytes()
    profiles = read_profiles(None, [EXPORTS])
    assert steps.is_current(sample.settings, sample.engine, [EXPORTS], profiles)
    again = run_steps(sample.settings)
    assert again.ingested.files == ()
    assert again.classified == 0
    assert exports_of(sample.settings, tmp_path / "after") == before
    assert again.reported.html.read_bytes() == html
    assert again.reported.xlsx.read_bytes() == xlsx


KILLED = """
import sys
from pathlib import Path
from flows import steps
from keshev.settings import Settings
from store.profiles import read_profiles
from store.session import open_store
settings = Settings(home=Path(sys.argv[1]), database_url="", chunk_size=16)
engine = open_store(settings.database_url)
exports = [Path(sys.argv[2])]
steps.ingest(settings, engine, exports, read_profiles(None, exports))
print("classifying", flush=True)
steps.classify(settings, engine, lambda done, total, what: print(done, flush=True))
"""


def test_a_killed_run_goes_on_where_it_was(
    few_exports: Path, undisturbed: dict[str, bytes], tmp_path: Path
) -> None:
    """After kill -9 in the middle of classifying, the next run gives an undisturbed run's bytes."""
    home = tmp_path / "home"
    with subprocess.Popen(
        [sys.executable, "-c", KILLED, str(home), str(few_exports)], stdout=subprocess.PIPE
    ) as process:
        assert process.stdout
        for line in process.stdout:
            if line.strip().isdigit() and int(line) >= 48:
                os.kill(process.pid, signal.SIGKILL)
                break
    settings = Settings(home=home, database_url="", chunk_size=16)
    engine = open_store(settings.database_url)
    model_id = ModelFolder(settings.model_dir).fingerprint()
    with transaction(engine) as connection:
        waiting = count_pending(connection, model_id)
        assert 0 < waiting < len(read_contacts(connection))
    run = run_steps(Settings(home=home, database_url=""), few_exports)
    assert run.classified == waiting
    assert exports_of(run.settings, tmp_path / "out") == undisturbed


def test_a_run_killed_while_reading_leaves_whole_files_only(
    few_exports: Path, undisturbed: dict[str, bytes], tmp_path: Path
) -> None:
    """Wherever a kill falls while files are read, the next run gives the same bytes."""
    home = tmp_path / "home"
    for delay in (2.0, 3.0):
        with subprocess.Popen(
            [sys.executable, "-c", KILLED, str(home), str(few_exports)], stdout=subprocess.DEVNULL
        ) as process:
            time.sleep(delay)
            process.kill()
    run = run_steps(Settings(home=home, database_url=""), few_exports)
    assert exports_of(run.settings, tmp_path / "out") == undisturbed


def test_a_corrected_export_updates_its_rows_only(few_exports: Path, tmp_path: Path) -> None:
    """One corrected text is classified again, all other rows are known, nothing stands twice."""
    exports = tmp_path / "exports"
    shutil.copytree(few_exports.parent, tmp_path, dirs_exist_ok=True)
    settings = Settings(home=tmp_path / "home", database_url="")
    first = run_steps(settings, exports)
    path = exports / "chats_2026-09.jsonl"
    lines = path.read_text(encoding="utf-8").splitlines()
    fixed = lines[3].replace('"text": "', '"text": "תיקון: ')
    assert fixed != lines[3]
    path.write_text("\n".join([*lines[:3], fixed, *lines[4:]]) + "\n", encoding="utf-8")
    second = run_steps(settings, exports)
    (counts,) = second.ingested.files
    assert (counts.stored, counts.known) == (
        1,
        counts.read - 1 - counts.duplicates - counts.quarantined,
    )
    assert second.classified == 1
    with transaction(second.engine) as connection:
        contacts = read_contacts(connection)
        model_id = ModelFolder(settings.model_dir).fingerprint()
        assert len(read_predictions(connection, model_id)) == len(contacts) == first.classified
    assert contacts["text"].str.startswith("תיקון:").sum() == 1


def test_two_runs_at_once_are_refused(few_exports: Path, tmp_path: Path) -> None:
    """The second one is told to wait, and the store is as it was."""
    settings = Settings(home=tmp_path, database_url="")
    engine = open_store(settings.database_url)
    profiles = read_profiles(None, [few_exports])
    with ThreadPoolExecutor(1) as other, writing(engine):
        second = other.submit(steps.ingest, settings, engine, [few_exports], profiles)
        with pytest.raises(StoreError, match="another Keshev run"):
            second.result()
    with transaction(engine) as connection:
        assert read_contacts(connection).empty
