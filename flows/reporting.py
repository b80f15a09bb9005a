"""The weekly report, from the store to files; written whole or not at all."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

import pandas as pd
from sqlalchemy import Engine

from desk.i18n import language
from desk.report import render_html, write_xlsx
from desk.report_data import ModelFacts, ReportData
from flows.aggregating import calendar_of, is_aggregated
from flows.recording import recorded
from flows.steps import count_pending
from keshev.errors import StoreError
from keshev.settings import Settings
from labels.frames import Calendar
from nlp.modelfolder import ModelCard, ModelFolder
from store import contacts as contact_store
from store import predictions as prediction_store
from store import signals as signal_store
from store import themes as theme_store
from store.customers import read_customers
from store.files import replaced
from store.ownpredictions import read_figures
from store.session import transaction


@dataclass(frozen=True)
class Reported:
    """The week that was reported, and where."""

    week: date
    html: Path
    xlsx: Path


def gather(settings: Settings, engine: Engine, week: date | None = None) -> ReportData:
    """Return what the report of a week is made of.

    Without a week it is the newest one with a contact that has ended; a week that has only begun
    says nothing beside whole ones, so it is shown when asked for, or when there is no other.

    Raises:
        StoreError: when the store is empty, has no contact in that week, or its figures do not
            follow from its data and these settings.
    """
    files = ModelFolder(settings.model_dir)
    card, model_id = files.read_card(), files.fingerprint()
    calendar = calendar_of(settings)
    _refuse_stale(settings, engine)
    with transaction(engine) as connection:
        contacts = contact_store.read_contacts(connection)
        until = settings.observed_until
        as_of = pd.Timestamp(until or contacts["contacted_at"].max())
        seen = contacts[contacts["contacted_at"] <= as_of].reset_index(drop=True)
        return ReportData(
            week=_shown_week(seen, calendar, week, until or datetime.now(UTC)),
            signals=signal_store.read_signals(connection),
            contacts=seen,
            predictions=prediction_store.read_predictions(connection, model_id),
            customers=read_customers(connection),
            at_risk=signal_store.read_at_risk(connection),
            threads=signal_store.read_threads(connection, settings.thread_definition),
            themes=theme_store.read_themes(connection, model_id),
            theme_notes=theme_store.read_theme_notes(connection),
            quarantine=contact_store.read_quarantine(connection),
            files=contact_store.read_files(connection),
            model=_facts(card, model_id),
            window_days=settings.window_days,
            wide_window_days=settings.second_window_days,
            thread_definition=settings.thread_definition,
            churn_horizon_days=settings.churn_horizon_days,
            daily_calls=settings.daily_calls,
            called=settings.called,
            calendar=calendar,
            as_of=as_of.to_pydatetime(),
            own=tuple(read_figures(connection)),
        )


def _refuse_stale(settings: Settings, engine: Engine) -> None:
    """Raise when a report of the stored figures would say something untrue."""
    with transaction(engine) as connection:
        if contact_store.read_contacts(connection).empty:
            raise StoreError("the store has no contacts yet; run `keshev ingest EXPORTS` first")
    waiting = count_pending(settings, engine)
    if waiting:
        raise StoreError(f"{waiting} contacts are not classified yet; run `keshev classify`")
    if not is_aggregated(settings, engine):
        raise StoreError(
            "the stored figures are older than the data, or were made with other settings; run "
            "`keshev aggregate` (with the same --as-of, if any)"
        )


def _shown_week(
    contacts: pd.DataFrame, calendar: Calendar, asked: date | None, now: datetime
) -> date:
    weeks: list[date] = sorted(set(calendar.week_of(contacts["contacted_at"])))
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


def report_week(
    settings: Settings, engine: Engine, week: date | None = None
) -> tuple[ReportData, Reported]:
    """Write the report of a week (see `gather`) and return what it is made of, and where it lies.

    Raises:
        StoreError: as `gather` does.
    """
    with recorded(engine, "report") as run:
        data = gather(settings, engine, week)
        run.model_id = data.model.model_id
        return data, write_report(data, settings.report_dir)


def write_report(data: ReportData, folder: Path) -> Reported:
    """Write the report of `data` as HTML and XLSX into `folder`, named by the week.

    It is in the language that is spoken; an English one lies beside the Hebrew.
    """
    name = f"keshev-{data.week}" + ("" if language() == "he" else f".{language()}")
    html, xlsx = folder / f"{name}.html", folder / f"{name}.xlsx"
    text = render_html(data)
    writers: dict[Path, Callable[[Path], object]] = {
        html: lambda path: path.write_text(text, encoding="utf-8"),
        xlsx: lambda path: write_xlsx(data, path),
    }
    for target, write in writers.items():
        with replaced(target) as scratch:
            write(scratch)
    return Reported(data.week, html, xlsx)
