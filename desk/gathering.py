"""From the store to what a week is told from: the rows of that week, and no others.

A year may hold a million contacts; a week's report needs those of the week, the last contact of
each customer at risk, and the journeys that were long.
"""

from datetime import UTC, date, datetime, timedelta

import pandas as pd
from sqlalchemy import Connection, Engine

from desk.presenters.figures import WEEKS_SHOWN
from desk.presenters.ranking import AMONG
from desk.report_data import ModelFacts, ReportData
from keshev.errors import StoreError
from keshev.settings import Settings
from labels.frames import Calendar
from nlp.modelfolder import ModelCard, ModelFolder
from store import contacts as contact_store
from store import signals as signal_store
from store import themes as theme_store
from store.customers import read_companies
from store.figures import Made, calendar_of, made_of
from store.ownpredictions import read_figures
from store.predictions import read_some_predictions
from store.session import transaction

NO_CONTACTS = "the store has no contacts yet; run `keshev ingest EXPORTS` first"


def gather(
    settings: Settings, engine: Engine, week: date | None = None, *, brief: bool = False
) -> ReportData:
    """Return what is stored of a week, whether or not newer data waits to be counted.

    Without a week it is the newest one with a contact that has ended; a week that has only begun
    says nothing beside whole ones, so it is shown when asked for, or when there is no other.

    A brief one is for a page that has no long lists: see `ReportData`.

    Raises:
        StoreError: when there are no figures yet, or none of that week.
    """
    with transaction(engine) as connection:
        made, until = observed(settings, connection)
        calendar = calendar_of(settings)
        now = settings.observed_until or datetime.now(UTC)
        shown = shown_week(signal_store.read_weeks(connection), calendar, week, now)
        return _gathered(settings, connection, made, until, shown, brief=brief)


def observed(settings: Settings, connection: Connection) -> tuple[Made, datetime]:
    """Return what the stored figures follow from, and the end of their observation.

    Raises:
        StoreError: when there are none yet.
    """
    newest = contact_store.newest_contact(connection)
    if newest is None:
        raise StoreError(NO_CONTACTS)
    made = made_of(connection)
    if made is None:
        raise StoreError("there are no figures yet; run `keshev aggregate`")
    return made, settings.observed_until or made.until or newest


def shown_week(weeks: list[date], calendar: Calendar, asked: date | None, now: datetime) -> date:
    """Return the asked week's first day, or that of the newest of the weeks that ended.

    Raises:
        StoreError: when there is no such week.
    """
    if not weeks:
        raise StoreError("no contacts before the end of observation; choose a later --as-of")
    if asked is None:
        ended = [week for week in weeks if calendar.bounds(week)[1] <= pd.Timestamp(now)]
        return (ended or weeks)[-1]
    shown = calendar.week_of_moment(calendar.bounds(asked)[0])
    if shown not in weeks:
        known = ", ".join(str(week) for week in weeks[-10:])
        raise StoreError(f"no contacts in the week of {shown}; weeks with contacts: {known}")
    return shown


def _gathered(
    settings: Settings,
    connection: Connection,
    made: Made,
    until: datetime,
    week: date,
    *,
    brief: bool,
) -> ReportData:
    calendar = calendar_of(settings)
    begin, end = (moment.to_pydatetime() for moment in calendar.bounds(week))
    read_at_risk = signal_store.read_names_at_risk if brief else signal_store.read_at_risk
    at_risk = read_at_risk(connection)
    threads = signal_store.read_ordeals(connection, settings.thread_definition, begin, end)
    beside = {*at_risk.get("last_contact_id", ()), *threads["contact_id"]}
    first = week - timedelta(weeks=WEEKS_SHOWN - 1)
    return ReportData(
        week=week,
        signals=signal_store.read_some_signals(connection, first, week, AMONG),
        contacts=contact_store.read_some_contacts(connection, begin, end, until, beside),
        has_customers=contact_store.has_customers(connection, until),
        predictions=read_some_predictions(connection, made.model_id, begin, end, beside),
        customers=read_companies(connection),
        at_risk=at_risk,
        threads=threads,
        themes=theme_store.read_themes(connection, made.model_id),
        theme_notes=theme_store.read_some_theme_notes(connection, begin, end),
        quarantine=contact_store.read_quarantine(connection),
        files=contact_store.read_files(connection),
        model=_facts(ModelFolder(settings.model_dir).read_card(), made.model_id),
        window_days=settings.window_days,
        wide_window_days=settings.second_window_days,
        thread_definition=settings.thread_definition,
        satisfaction_loss=settings.repeat_call_satisfaction_loss,
        churn_horizon_days=settings.churn_horizon_days,
        daily_calls=settings.daily_calls,
        called=settings.called,
        calendar=calendar,
        as_of=pd.Timestamp(until).to_pydatetime(),
        own=tuple(read_figures(connection)),
        brief=brief,
    )


def _facts(card: ModelCard, model_id: str) -> ModelFacts:
    return ModelFacts(
        model_id=model_id,
        base=card.base,
        codebook_version=card.codebook_version,
        trained_on_notes=card.trained_on,
        figures={name: value for name, value in card.figures.items() if isinstance(value, float)},
        licence=card.licence,
        corrects=bool(card.held_out),
    )
