"""Contacts read together: what is missing is made, once, whatever order the files came in."""

from pathlib import Path

import pandas as pd
import pytest
from sqlalchemy import Engine, delete

from flows import aggregating, steps
from flows.relating import relate, same_matter
from keshev.settings import Settings
from nlp.modelfolder import ModelFolder
from signals.threads import candidates, counted_contacts
from store import tables
from store.contacts import read_contacts
from store.pairs import read_pairs
from store.profiles import read_profiles
from store.session import open_store, set_meta, transaction
from store.signals import read_threads
from tests.flows.conftest import SampleRun, run_steps


def pairs_of(settings: Settings, engine: Engine) -> pd.DataFrame:
    with transaction(engine) as connection:
        return read_pairs(connection, ModelFolder(settings.model_dir).fingerprint())


def silent(done: int, total: int, what: str) -> None:
    """Show nothing."""


def test_every_candidate_is_read_once(sample: SampleRun) -> None:
    """No pair is missing, none is read again, and threads by text join some and not all."""
    with transaction(sample.engine) as connection:
        counted = counted_contacts(read_contacts(connection))
        threads = read_threads(connection)
        threshold = same_matter(connection, sample.settings).threshold
    found = pairs_of(sample.settings, sample.engine)
    assert len(found) == len(candidates(counted, sample.settings.wide_window_days))
    assert relate(sample.settings, sample.engine, silent) == 0
    assert 0.1 < (found["p_same"] >= threshold).mean() < 0.9
    many = threads.groupby("definition")["thread_id"].nunique()
    assert many["any"] < many["text"] < len(counted)


def test_a_stopped_run_goes_on_where_it_was(sample: SampleRun, tmp_path: Path) -> None:
    """Pairs that are there stay; those that are not are made as before."""
    run = run_steps(Settings(home=tmp_path, database_url=""))
    before = pairs_of(run.settings, run.engine)
    lost = sorted(before["contact_id"].unique())[::3]
    with transaction(run.engine) as connection:
        connection.execute(delete(tables.pairs).where(tables.pairs.c.contact_id.in_(lost)))
        set_meta(connection, "related", "")
    assert 0 < relate(run.settings, run.engine, silent) < len(before)
    pd.testing.assert_frame_equal(pairs_of(run.settings, run.engine), before)


def test_weeks_one_by_one_give_what_all_at_once_give(few_exports: Path, tmp_path: Path) -> None:
    """Rows that arrive late join the threads that they would have joined in one sorted load."""
    once = Settings(home=tmp_path / "once", database_url="")
    late = Settings(home=tmp_path / "late", database_url="")
    run_steps(once, few_exports)
    engine = open_store(late.database_url)
    profiles = read_profiles(None, [few_exports])
    for path in sorted(few_exports.iterdir(), reverse=True):
        steps.ingest(late, engine, [path], profiles)
        steps.classify(late, engine)
        aggregating.aggregate(late, engine)
    frames = []
    for settings in (once, late):
        with transaction(open_store(settings.database_url)) as connection:
            frames.append(read_threads(connection))
    pd.testing.assert_frame_equal(*frames)


@pytest.mark.parametrize("days", [1, 60])
def test_another_window_needs_no_other_model(sample: SampleRun, days: int) -> None:
    """A wider window asks for the pairs that it lacks; a narrower one for none."""
    settings = sample.settings.model_copy(update={"window_days": days})
    made = relate(settings, sample.engine, silent)
    assert (made > 0) == (days > sample.settings.wide_window_days)
