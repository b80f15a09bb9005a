"""The use case that makes all figures: threads, signals, themes and the at-risk list."""

from dataclasses import dataclass

import pandas as pd
from sqlalchemy import Engine

from flows.progress import Progress, silent
from flows.relating import relate, same_matter
from flows.theming import themes_of
from keshev.settings import Settings
from nlp.modelfolder import ModelFolder
from signals.aggregate import aggregate as compute
from signals.slices import tidy
from store import contacts as contact_store
from store import predictions as prediction_store
from store import signals as signal_store
from store.audits import read_audits
from store.customers import read_customers
from store.figures import aggregation_key, calendar_of, held_out_of, is_made, note_made
from store.session import transaction, writing


@dataclass(frozen=True)
class Aggregated:
    """How many figures there are; `changed` is False when nothing had to be computed again."""

    signals: int
    at_risk: int
    changed: bool


def aggregate(settings: Settings, engine: Engine, progress: Progress = silent) -> Aggregated:
    """Compute all figures again, unless they already follow from the data and the settings.

    Contacts of one customer are read together first, where that was not done.
    """
    model_id = ModelFolder(settings.model_dir).fingerprint()
    with writing(engine):
        relate(settings, engine, progress)
        with transaction(engine) as connection:
            key = aggregation_key(connection, settings, model_id)
            if is_made(connection, key):
                signals = signal_store.read_signals(connection)
                return Aggregated(len(signals), len(signal_store.read_at_risk(connection)), False)
            contacts = contact_store.read_contacts(connection)
            predictions = prediction_store.read_predictions(connection, model_id)
            calendar = calendar_of(settings)
            until = pd.Timestamp(settings.observed_until) if settings.observed_until else None
            result = compute(
                contacts,
                predictions,
                read_customers(connection),
                calendar=calendar,
                window_days=settings.window_days,
                wide_window_days=settings.second_window_days,
                net_queues=settings.net_queues,
                net_reasons=frozenset(map(str, settings.net_reasons)),
                contact_cost=settings.contact_cost,
                error_cost=settings.error_cost,
                as_of=until,
                min_slice=settings.min_slice,
                satisfaction_loss=settings.repeat_call_satisfaction_loss,
                definition=settings.thread_definition,
                churn_horizon_days=settings.churn_horizon_days,
                called=settings.called,
                matter=same_matter(connection, settings),
                held_out=held_out_of(settings),
                audits=read_audits(connection),
            )
            themed = themes_of(connection, model_id, contacts, predictions, calendar, until)
            signals = tidy([result.signals, themed])
            signal_store.replace_figures(connection, result.threads, signals, result.at_risk)
            note_made(connection, key, until or contacts["contacted_at"].max())
    return Aggregated(len(signals), len(result.at_risk), True)
