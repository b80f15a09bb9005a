"""What the stored figures follow from, and whether they still do."""

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pandas as pd
from sqlalchemy import Connection, Engine

from keshev.settings import Settings
from labels.frames import Calendar
from nlp.modelfolder import ModelFolder
from signals.quantification import HeldOut
from store.session import get_meta, set_meta, transaction

FIGURES = 4  # rises when the same data and settings give other figures than before
MADE, UNTIL = "aggregated", "figures_until"
_REVISION, _MODEL, _SETTINGS = 1, 2, 5  # places within the key


@dataclass(frozen=True)
class Made:
    """The stored figures: `key` is another when they are, `until` the end of observation."""

    key: str
    until: datetime | None

    @property
    def model_id(self) -> str:
        """Return the model whose predictions were counted."""
        return str(json.loads(self.key)[_MODEL])


@dataclass(frozen=True, slots=True)
class Differing:
    """A setting by its name, as the stored figures were `counted` with it, and as it is `here`.

    Of `model_dir` these are the models' ids.
    """

    name: str
    counted: Any
    here: Any


def calendar_of(settings: Settings) -> Calendar:
    """Return the calendar of the settings."""
    return Calendar(settings.timezone, settings.week_start)


def held_out_of(settings: Settings) -> dict[str, HeldOut]:
    """Return how the model errs on contacts and on surveys, as its card says."""
    counts = ModelFolder(settings.model_dir).read_card().held_out
    return {kind: HeldOut.of(found) for kind, found in counts.items()}


def reference_id(files: ModelFolder) -> str:
    """Return what the weeks are compared with, as a digest; empty where the folder has nothing."""
    if not files.reference.is_file():
        return ""
    return hashlib.sha256(files.reference.read_bytes()).hexdigest()[:16]


def aggregation_key(connection: Connection, settings: Settings, model_id: str) -> str:
    """Return what the figures follow from: the data's revision, the model, the settings."""
    return json.dumps(
        [
            FIGURES,
            get_meta(connection, "revision") or "0",
            model_id,
            ModelFolder(settings.model_dir).read_card().held_out,
            reference_id(ModelFolder(settings.model_dir)),
            counted_with(settings),
        ]
    )


def counted_with(settings: Settings) -> dict[str, Any]:
    """Return the settings that figures follow from, by their names, as JSON has them.

    `wide_window_days` is the second window, which is never narrower than the first; `daily_calls`
    how many customers are called in a week.
    """
    until = settings.observed_until
    return {
        "timezone": settings.timezone,
        "week_start": settings.week_start,
        "window_days": settings.window_days,
        "wide_window_days": settings.second_window_days,
        "thread_definition": settings.thread_definition,
        "min_slice": settings.min_slice,
        "net_queues": sorted(settings.net_queues),
        "net_reasons": sorted(map(str, settings.net_reasons)),
        "contact_cost": settings.contact_cost,
        "error_cost": settings.error_cost,
        "churn_horizon_days": settings.churn_horizon_days,
        "daily_calls": settings.called,
        "repeat_call_satisfaction_loss": settings.repeat_call_satisfaction_loss,
        "as_of": None if until is None else until.isoformat(),
    }


def differing(connection: Connection, settings: Settings, model_id: str) -> tuple[Differing, ...]:
    """Return the settings that the stored figures were counted with otherwise.

    Nothing where there are no figures yet, or those of an older version: a run counts them anew. An
    end of observation that only the run had is no difference: its figures say until when they are.
    """
    key = get_meta(connection, MADE)
    parts: list[Any] = [None] if key is None else json.loads(key)
    if parts[0] != FIGURES:
        return ()
    here, counted = counted_with(settings), parts[_SETTINGS]
    names = [name for name, value in here.items() if value != counted[name]]
    found = [
        Differing(name, counted[name], here[name])
        for name in names
        if name != "as_of" or here[name] is not None
    ]
    if parts[_MODEL] != model_id:
        found.append(Differing("model_dir", parts[_MODEL], model_id))
    return tuple(found)


def is_made(connection: Connection, key: str) -> bool:
    """Return whether the stored figures follow from this."""
    return get_meta(connection, MADE) == key


def note_made(connection: Connection, key: str, until: datetime) -> None:
    """Note what the figures that are stored now follow from, and until when they were observed."""
    set_meta(connection, MADE, key)
    set_meta(connection, UNTIL, "" if pd.isna(until) else until.isoformat())


def made_of(connection: Connection) -> Made | None:
    """Return what the stored figures follow from, None where there are none yet."""
    key, until = get_meta(connection, MADE), get_meta(connection, UNTIL)
    if key is None:
        return None
    return Made(key, datetime.fromisoformat(until) if until else None)


def is_newest(connection: Connection) -> bool:
    """Return whether no contact, customer or prediction changed since the figures were made.

    Unlike `is_aggregated` this does not ask with which settings they were made.
    """
    key = get_meta(connection, MADE)
    return key is not None and json.loads(key)[_REVISION] == (
        get_meta(connection, "revision") or "0"
    )


def is_aggregated(settings: Settings, engine: Engine) -> bool:
    """Return whether the stored figures follow from the stored data and these settings.

    What the desk writes meanwhile makes no figure untrue: the next run counts it.
    """
    model_id = ModelFolder(settings.model_dir).fingerprint()
    with transaction(engine) as connection:
        return is_made(connection, aggregation_key(connection, settings, model_id))
