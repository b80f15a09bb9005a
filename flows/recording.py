"""What ran is recorded in the desk store, step by step, whether it ends well or not."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime

from sqlalchemy import Engine

from store.desk_session import desk_store_of, desk_writing
from store.runs import State, Step, begin_run, end_run


@dataclass
class Recorded:
    """What is known of a step while it runs; what stands here at its end is recorded."""

    model_id: str | None = None
    counts: dict[str, int] = field(default_factory=dict)


@contextmanager
def recorded(engine: Engine, step: Step) -> Iterator[Recorded]:
    """Record a step of a run over the data store of `engine`: its begin, counts and end.

    It is kept in the desk store: a step that is killed leaves its begin, and a report can be
    recorded while another run holds the data store. Of an error only its class is kept.
    """
    desk = desk_store_of(engine)
    found = Recorded()
    try:
        with desk_writing(desk) as connection:
            number = begin_run(connection, step, datetime.now(UTC))

        def end(state: State, error: str | None = None) -> None:
            with desk_writing(desk) as connection:
                end_run(
                    connection,
                    number,
                    datetime.now(UTC),
                    state=state,
                    error=error,
                    model_id=found.model_id,
                    counts=found.counts,
                )

        try:
            yield found
        except BaseException as error:
            end("failed", type(error).__name__)
            raise
        end("ok")
    finally:
        desk.dispose()
