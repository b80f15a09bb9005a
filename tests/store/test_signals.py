"""The figures: written as a whole, read as they were."""

import pandas as pd
import pytest
from sqlalchemy import Engine

from keshev.errors import StoreError
from labels.frames import Signals, Threads, empty_frame
from store.session import transaction
from store.signals import read_at_risk, read_signals, read_threads, replace_figures
from tests.frames import at_risk_of, signals_of, threads_of

Figures = tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]
IDS = ("notes:3", "notes:1", "notes:2", "notes:4")


def replace(engine: Engine, *figures: pd.DataFrame) -> None:
    with transaction(engine) as connection:
        replace_figures(connection, *figures)


def read(engine: Engine) -> Figures:
    with transaction(engine) as connection:
        return read_threads(connection), read_signals(connection), read_at_risk(connection)


def assert_same(read_now: Figures, expected: Figures) -> None:
    for one, other in zip(read_now, expected, strict=True):
        pd.testing.assert_frame_equal(one, other)


def in_order(threads: pd.DataFrame) -> pd.DataFrame:
    return threads.sort_values(["definition", "thread_id", "position"], ignore_index=True)


def test_figures_come_back_as_they_were(engine: Engine) -> None:
    """Values to the last bit, weeks and contract ends as days, moments in UTC, NaN as NaN."""
    threads, signals, at_risk = threads_of(IDS), signals_of(), at_risk_of(7)
    replace(engine, threads, signals, at_risk)
    assert_same(read(engine), (in_order(threads), signals, at_risk))
    Threads.validate(read(engine)[0])
    Signals.validate(read(engine)[1])


def test_new_figures_take_the_place_of_all_old_ones(engine: Engine) -> None:
    """A customer who is no longer at risk is gone from the list."""
    replace(engine, threads_of(IDS), signals_of(), at_risk_of(7))
    fewer = (threads_of(IDS[:2]), signals_of().iloc[1:2].reset_index(drop=True), at_risk_of(2))
    replace(engine, *fewer)
    assert_same(read(engine), (in_order(fewer[0]), *fewer[1:]))


def test_no_figures_still_have_columns_and_types(engine: Engine) -> None:
    """The report of a store without customers reads the same frames."""
    nothing = (empty_frame(Threads), empty_frame(Signals), at_risk_of(1).iloc[:0])
    for write in (lambda: None, lambda: replace(engine, *nothing)):
        write()
        for one, other in zip(read(engine), nothing, strict=True):
            assert one.empty
            pd.testing.assert_series_equal(one.dtypes, other.dtypes)


def test_figures_that_cannot_be_written_leave_the_old_ones(engine: Engine) -> None:
    """Nobody reads a week of which half is new."""
    replace(engine, threads_of(IDS), signals_of(), at_risk_of(3))
    before = read(engine)
    twice = pd.concat([threads_of(IDS[:2]), threads_of(IDS[:2])])
    with pytest.raises(StoreError, match="Nothing of the current step was stored"):
        replace(engine, twice, signals_of().iloc[:1], at_risk_of(1))
    assert_same(read(engine), before)
