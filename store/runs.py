"""Reads and writes of the steps that ran: what, when, with which counts, and how it ended."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import Connection, func, insert, select, update

from store.desk_tables_quality import COUNTS, runs

Step = Literal["ingest", "classify", "aggregate", "report"]
State = Literal["running", "ok", "failed"]


@dataclass(frozen=True)
class Run:
    """One step that ran; `counts` holds those that it has, `error` a class of error."""

    number: int
    step: str
    started_at: datetime
    ended_at: datetime | None
    state: str
    error: str | None
    model_id: str | None
    counts: Mapping[str, int]


def begin_run(connection: Connection, step: Step, now: datetime) -> int:
    """Record that a step begins and return the run's number."""
    made = insert(runs).values(step=step, started_at=now, state="running")
    return int(connection.execute(made.returning(runs.c.number)).scalar_one())


def end_run(
    connection: Connection,
    number: int,
    now: datetime,
    *,
    state: State,
    error: str | None = None,
    model_id: str | None = None,
    counts: Mapping[str, int] | None = None,
) -> None:
    """Record how a run ended."""
    values = {"ended_at": now, "state": state, "error": error, "model_id": model_id}
    ended = update(runs).where(runs.c.number == number)
    connection.execute(ended.values(**values, **(counts or {})))


def count_runs(connection: Connection) -> int:
    """Return how many steps are recorded."""
    return int(connection.execute(select(func.count()).select_from(runs)).scalar_one())


def read_runs(connection: Connection, limit: int, offset: int = 0) -> list[Run]:
    """Return the newest runs, the newest first."""
    query = select(runs).order_by(runs.c.number.desc()).limit(limit).offset(offset)
    return [
        Run(
            row.number,
            row.step,
            row.started_at,
            row.ended_at,
            row.state,
            row.error,
            row.model_id,
            {name: found for name in COUNTS if (found := getattr(row, name)) is not None},
        )
        for row in connection.execute(query)
    ]
