"""The use case that makes all figures: threads, signals, themes and the at-risk list."""

from dataclasses import dataclass

import pandas as pd
from sqlalchemy import Connection, Engine

from flows.drifting import drift_of
from flows.losses import losses_figure, losses_key, lost_at_desk, with_losses
from flows.progress import Progress, silent
from flows.recording import recorded
from flows.relating import relate, same_matter
from flows.theming import themes_of
from keshev.errors import StoreError
from keshev.settings import Settings
from nlp.modelfolder import ModelFolder
from signals.aggregate import aggregate as compute
from signals.own import own_shares
from signals.risk import local_day
from signals.slices import tidy
from store import contacts as contact_store
from store import predictions as prediction_store
from store import signals as signal_store
from store.audits import read_audits
from store.customers import read_customers
from store.figures import aggregation_key, calendar_of, held_out_of, is_aggregated, note_made
from store.ownpredictions import read_own
from store.session import get_meta, set_meta, transaction, writing

NOT_CLASSIFIED = "{} contacts are not classified yet; run `keshev classify`"


@dataclass(frozen=True)
class Aggregated:
    """How many figures there are; `changed` is False when nothing had to be computed again."""

    signals: int
    at_risk: int
    changed: bool


def knows_losses(settings: Settings, engine: Engine) -> bool:
    """Return whether the stored figures count every customer who was lost at the desk."""
    key = losses_key(lost_at_desk(settings))
    with transaction(engine) as connection:
        return (get_meta(connection, "aggregated_lost") or "") == key


def aggregate(settings: Settings, engine: Engine, progress: Progress = silent) -> Aggregated:
    """Compute all figures again, unless they already follow from the data and the settings.

    Contacts of one customer are read together first, where that was not done. Customers who were
    lost at the desk count as having left where no roster says when.

    Raises:
        StoreError: while contacts wait to be classified: figures of a part would look like those of
            the whole.
    """
    model_id = ModelFolder(settings.model_dir).fingerprint()
    with writing(engine):
        with transaction(engine) as connection:
            if waiting := prediction_store.count_pending(connection, model_id):
                raise StoreError(NOT_CLASSIFIED.format(waiting))
        relate(settings, engine, progress)
        if is_aggregated(settings, engine) and knows_losses(settings, engine):
            with transaction(engine) as connection:
                signals = signal_store.read_signals(connection)
                return Aggregated(len(signals), len(signal_store.read_at_risk(connection)), False)
        with recorded(engine, "aggregate") as run, transaction(engine) as connection:
            run.model_id = model_id
            made = _compute(connection, settings, model_id)
            run.counts = {"figures": made.signals}
    return made


def _compute(connection: Connection, settings: Settings, model_id: str) -> Aggregated:
    """Compute and store all figures within the caller's transaction."""
    files = ModelFolder(settings.model_dir)
    contacts = contact_store.read_contacts(connection)
    predictions = prediction_store.read_predictions(connection, model_id)
    calendar = calendar_of(settings)
    until = pd.Timestamp(settings.observed_until) if settings.observed_until else None
    lost, told = lost_at_desk(settings), read_customers(connection)
    customers = with_losses(told, lost)
    result = compute(
        contacts,
        predictions,
        customers,
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
    drifted = drift_of(files, contacts, predictions, calendar, until)
    newest = until or contacts["contacted_at"].max()
    today = local_day(newest, calendar) if len(contacts) else 0
    of_desk = losses_figure(result.signals, told, customers, today)
    seen = contacts if until is None else contacts[contacts["contacted_at"] <= until]
    own = own_shares(seen, read_own(connection), calendar)
    signals = tidy([result.signals, themed, drifted, of_desk, own])
    signal_store.replace_figures(connection, result.threads, signals, result.at_risk)
    key = aggregation_key(connection, settings, model_id)
    note_made(connection, key, newest)
    set_meta(connection, "aggregated_lost", losses_key(lost))
    return Aggregated(len(signals), len(result.at_risk), True)
