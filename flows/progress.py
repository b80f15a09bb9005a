"""How far a step is, for whoever watches: the command line sets a reporter, Prefect has none.

A context variable, because Prefect's flow parameters must be plain values.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

Progress = Callable[[int, int, str], None]


def silent(done: int, total: int, what: str) -> None:
    """Show no progress."""


_reporter: ContextVar[Progress] = ContextVar("keshev_progress", default=silent)


def report_progress(done: int, total: int, what: str) -> None:
    """Tell the reporter of this context."""
    _reporter.get()(done, total, what)


@contextmanager
def watched_by(reporter: Progress) -> Iterator[None]:
    """Send the progress of what runs inside to `reporter`."""
    token = _reporter.set(reporter)
    try:
        yield
    finally:
        _reporter.reset(token)
