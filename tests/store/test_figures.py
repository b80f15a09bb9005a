"""Which settings the stored figures were counted with otherwise: those that changed, no other."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

from keshev.settings import Settings
from store.figures import Differing, aggregation_key, counted_with, differing, note_made
from store.session import set_meta, touch, transaction

UNTIL = datetime(2026, 11, 14, tzinfo=UTC)
OTHER: dict[str, tuple[Any, Any, Any]] = {
    "timezone": ("UTC", "Asia/Jerusalem", "UTC"),
    "week_start": ("monday", "sunday", "monday"),
    "window_days": (14, 7, 14),
    "wide_window_days": (28, 30, 28),
    "thread_definition": ("any", "text", "any"),
    "min_slice": (5, 20, 5),
    "net_queues": (frozenset({"ב", "א"}), [], ["א", "ב"]),
    "net_reasons": (frozenset({"politics"}), [], ["politics"]),
    "contact_cost": (30, None, 30.0),
    "error_cost": (2.5, 1.0, 2.5),
    "churn_horizon_days": (60, 28, 60),
    "daily_calls": (12, 30, 60),
    "repeat_call_satisfaction_loss": (0.2, 0.15, 0.2),
    "as_of": ("2026-11-01T00:00", None, "2026-11-01T00:00:00+02:00"),
}


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path)


def made(engine: Engine, settings: Settings, model_id: str = "he-1") -> None:
    """Note that figures were counted with these settings."""
    with transaction(engine) as connection:
        note_made(connection, aggregation_key(connection, settings, model_id), UNTIL)


def told(engine: Engine, settings: Settings, model_id: str = "he-1") -> tuple[Differing, ...]:
    with transaction(engine) as connection:
        return differing(connection, settings, model_id)


def test_every_setting_that_figures_follow_from_is_tried() -> None:
    assert set(OTHER) == set(counted_with(Settings()))


@pytest.mark.parametrize("name", OTHER)
def test_a_setting_that_differs_is_named_with_both_values(
    engine: Engine, settings: Settings, name: str
) -> None:
    value, counted, here = OTHER[name]
    made(engine, settings)
    assert not told(engine, settings)
    other = Settings(home=settings.home, **{name: value})
    assert told(engine, other) == (Differing(name, counted, here),)
    made(engine, other)
    assert not told(engine, other)


def test_an_end_of_observation_of_the_run_alone_is_no_difference(
    engine: Engine, settings: Settings
) -> None:
    made(engine, Settings(home=settings.home, as_of=UNTIL))
    assert not told(engine, settings)


def test_another_model_differs_and_newer_data_does_not(engine: Engine, settings: Settings) -> None:
    made(engine, settings)
    with transaction(engine) as connection:
        touch(connection)
    assert not told(engine, settings)
    assert told(engine, settings, "he-2") == (Differing("model_dir", "he-1", "he-2"),)


def test_without_figures_or_with_an_older_version_s_nothing_is_said(
    engine: Engine, settings: Settings
) -> None:
    assert not told(engine, settings)
    with transaction(engine) as connection:
        set_meta(connection, "aggregated", '[1, "7", "he-1", {}, "", "UTC", "sunday", 7]')
    assert not told(engine, settings)
