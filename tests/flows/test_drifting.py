"""Drift from the store: which notes are looked at, and what they are compared with."""

import shutil
from pathlib import Path

import pandas as pd
import pytest

from flows import drifting
from flows.aggregating import is_aggregated
from flows.drifting import drift_of
from labels.frames import Calendar
from labels.measures import MEASURES
from nlp.modelfolder import ModelFolder
from nlp.reference import read_reference
from store.contacts import read_contacts
from store.predictions import read_predictions
from store.session import transaction
from store.signals import read_signals
from tests.flows.conftest import SampleRun

Frames = tuple[pd.DataFrame, pd.DataFrame]


@pytest.fixture(scope="module")
def frames(sample: SampleRun) -> Frames:
    model_id = ModelFolder(sample.settings.model_dir).fingerprint()
    with transaction(sample.engine) as connection:
        return read_contacts(connection), read_predictions(connection, model_id)


def folder_without_reference(sample: SampleRun, target: Path) -> ModelFolder:
    shutil.copytree(sample.settings.model_dir, target)
    (target / "reference.json").unlink()
    return ModelFolder(target)


def test_the_figures_of_a_run_have_every_measure_of_every_week(sample: SampleRun) -> None:
    with transaction(sample.engine) as connection:
        signals = read_signals(connection)
    found = signals[signals["metric"] == "drift_share"]
    whole = found.groupby(["week", "slice"])["value"].sum().dropna()
    assert whole.to_numpy() == pytest.approx(1.0, abs=1e-5)
    assert set(found["slice"]) == {f"drift={one.name}" for one in MEASURES}


def test_the_released_model_has_its_reference(sample: SampleRun) -> None:
    """Of the model that stands beside it: its inputs are all of the train split's notes."""
    reference = read_reference(sample.settings.model_dir)
    assert reference is not None
    assert sum(reference.counts["length"]) == sum(reference.counts["language"]) > 20_000
    assert sum(reference.counts["p_budget"]) == sum(reference.counts["unclear"]) > 900


def test_without_a_reference_there_is_no_drift(
    sample: SampleRun, frames: Frames, tmp_path: Path
) -> None:
    """And figures that were made without one are stale as soon as there is one."""
    files = folder_without_reference(sample, tmp_path / "model")
    assert drift_of(files, *frames, Calendar(), None).empty
    settings = sample.settings.model_copy(update={"model_dir": files.path})
    assert is_aggregated(sample.settings, sample.engine)
    assert not is_aggregated(settings, sample.engine)


def test_a_large_week_is_sampled_the_same_way_each_time(
    sample: SampleRun, frames: Frames, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever the order of the rows, and nothing after the end of observation."""
    contacts, predictions = frames
    monkeypatch.setattr(drifting, "SAMPLED", 40)
    files = ModelFolder(sample.settings.model_dir)
    until = contacts["contacted_at"].sort_values().iloc[len(contacts) // 2]
    first = drift_of(files, contacts, predictions, Calendar(), until)
    mixed = contacts.sample(frac=1, random_state=3)
    again = drift_of(files, mixed, predictions, Calendar(), until)
    pd.testing.assert_frame_equal(first, again)
    assert first["n"].max() == 40
    assert first["week"].max() <= Calendar().week_of_moment(until)


def test_a_note_without_a_prediction_is_not_looked_at(sample: SampleRun, frames: Frames) -> None:
    contacts, predictions = frames
    files = ModelFolder(sample.settings.model_dir)
    some = predictions.iloc[::2]
    found = drift_of(files, contacts, some, Calendar(), None)
    counted = found[(found["metric"] == "drift_p") & (found["slice"] == "drift=at_risk")]
    inbound = contacts[(contacts["direction"] == "in") | (contacts["channel"] == "survey")]
    assert counted["n"].sum() == inbound["contact_id"].isin(some["contact_id"]).sum()
