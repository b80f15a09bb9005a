"""The record of what ran."""

from datetime import UTC, datetime

from store.desk_session import desk_reading, desk_writing, open_desk_store
from store.runs import begin_run, count_runs, end_run, read_runs

NOON = datetime(2026, 11, 22, 10, tzinfo=UTC)
LATER = datetime(2026, 11, 22, 11, tzinfo=UTC)


def test_runs_are_read_as_they_were_recorded(store_url: str) -> None:
    """The newest first, page by page; one without an end is still running, or was killed."""
    desk = open_desk_store(store_url)
    with desk_writing(desk) as connection:
        first = begin_run(connection, "ingest", NOON)
        end_run(connection, first, LATER, state="ok", counts={"read": 7, "stored": 0})
        second = begin_run(connection, "classify", NOON)
        end_run(connection, second, LATER, state="failed", error="StoreError", model_id="m1")
        begin_run(connection, "aggregate", LATER)
    with desk_reading(desk) as connection:
        newest, failed, done = read_runs(connection, limit=5)
        assert read_runs(connection, limit=1, offset=1) == [failed]
        assert count_runs(connection) == 3
    assert (newest.state, newest.ended_at, newest.counts) == ("running", None, {})
    assert (failed.state, failed.error, failed.model_id) == ("failed", "StoreError", "m1")
    assert (done.started_at, done.ended_at) == (NOON, LATER)
    assert dict(done.counts) == {"read": 7, "stored": 0}
    desk.dispose()
