"""Customers who were lost at the desk count as having left, where no roster says when."""

import sqlite3
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pandas as pd
import pytest
from sqlalchemy import Engine

from desk.report import render_html
from flows import aggregating
from flows.losses import losses_figure, losses_key, with_losses
from flows.reporting import gather
from keshev.settings import Settings
from labels.frames import Customers, empty_frame
from store.cases import Outcome, close, read_case, take
from store.desk_session import desk_reading, desk_writing, open_desk_store
from store.session import get_meta, open_store, transaction
from store.signals import read_at_risk, read_signals
from tests.flows.conftest import SampleRun
from tests.frames import customers_of

NOW = datetime(2026, 11, 15, 9, tzinfo=UTC)
DAY = date(2026, 11, 10)


def test_only_what_rosters_do_not_tell_is_filled_in() -> None:
    """The slow twin: customer by customer."""
    customers = customers_of(12)
    lost = {"לק-0000": DAY, "לק-0001": DAY, "אחר": DAY + timedelta(days=1)}
    found = with_losses(customers, lost)
    Customers.validate(found)
    pd.testing.assert_series_equal(found.dtypes, customers.dtypes)
    told = dict(zip(customers["customer_id"], customers["churned_at"], strict=True))
    assert told["לק-0000"] is not None
    expected = {name: told.get(name) or lost.get(name) for name in [*told, "אחר"]}
    assert dict(zip(found["customer_id"], found["churned_at"], strict=True)) == expected
    pd.testing.assert_frame_equal(
        found.iloc[:12].drop(columns="churned_at"), customers.drop(columns="churned_at")
    )


def test_without_rosters_the_desk_alone_tells() -> None:
    found = with_losses(empty_frame(Customers), {"b": DAY, "a": DAY})
    Customers.validate(found)
    assert found["customer_id"].tolist() == ["a", "b"]
    assert with_losses(customers_of(3), {}) is not None
    assert losses_key({}) == ""
    assert losses_key({"a": DAY}) != losses_key({"a": DAY + timedelta(days=1)})


def test_the_figure_counts_what_only_the_desk_told() -> None:
    customers = customers_of(12)
    known = pd.DataFrame(
        {"metric": ["contacts", "outcomes_known"], "value": [9.0, 4.0], "n": [9, 4]}
    )
    after = with_losses(customers, {"לק-0000": DAY, "לק-0001": DAY, "אחר": DAY})
    today = (DAY - date(1970, 1, 1)).days
    figure = losses_figure(known, customers, after, today)
    assert figure.to_numpy().tolist() == [["outcomes_desk", 2.0, 4]]
    assert losses_figure(known, customers, customers, today).empty
    assert losses_figure(known, customers, after, today - 1).empty  # nobody had left by then
    since = after["customer_since"].where(after["customer_id"] != "אחר", DAY + timedelta(days=1))
    back = losses_figure(known, customers, after.assign(customer_since=since), today)
    assert back["value"].tolist() == [1.0]  # who joined again afterwards did not leave


@pytest.fixture
def own(sample: SampleRun, tmp_path: Path) -> tuple[Settings, Engine]:
    """A copy of the sample's store."""
    settings = Settings(home=tmp_path, database_url="")
    with (
        closing(sqlite3.connect(sample.settings.home / "keshev.db")) as source,
        closing(sqlite3.connect(tmp_path / "keshev.db")) as target,
    ):
        source.backup(target)
    return settings, open_store(settings.database_url)


def test_a_loss_changes_the_figures_and_the_report_says_so(own: tuple[Settings, Engine]) -> None:
    settings, engine = own
    with transaction(engine) as connection:
        first = read_at_risk(connection).iloc[0]
        newest = first["last_contacted_at"].date()
        known = _value(read_signals(connection), "outcomes_known")
    assert not aggregating.aggregate(settings, engine).changed
    _lose(settings, str(first["customer_id"]), newest)

    assert aggregating.is_aggregated(settings, engine)  # a report may still be written
    assert not aggregating.knows_losses(settings, engine)
    assert aggregating.aggregate(settings, engine).changed
    assert not aggregating.aggregate(settings, engine).changed
    assert aggregating.knows_losses(settings, engine)
    with transaction(engine) as connection:
        signals, listed = read_signals(connection), read_at_risk(connection)
        assert get_meta(connection, "aggregated_lost")
    assert _value(signals, "outcomes_desk") == 1
    assert _value(signals, "outcomes_known") == known + 1
    assert first["customer_id"] not in set(listed["customer_id"])
    page = render_html(gather(settings, engine))
    assert "עזיבות שנרשמו בתור השימור ולא בקובצי הלקוחות: 1." in page
    engine.dispose()


def _lose(settings: Settings, customer: str, day: date) -> None:
    desk = open_desk_store(settings.database_url)
    with desk_writing(desk) as connection:
        assert take(connection, customer, "dana", NOW, hours=8, seen=None)
        assert close(connection, customer, "dana", NOW, Outcome("lost", day=day))
    with desk_reading(desk) as connection:
        assert read_case(connection, customer).outcome == "lost"
    desk.dispose()


def _value(signals: pd.DataFrame, metric: str) -> float:
    (value,) = signals.loc[signals["metric"] == metric, "value"]
    return float(value)
