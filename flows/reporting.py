"""The weekly report, from the store to files; written whole or not at all."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pandas as pd
from sqlalchemy import Engine

from desk.report import render_html, write_xlsx
from desk.report_data import ModelFacts, ReportData
from flows.steps import calendar_of, newest_week
from keshev.errors import StoreError
from keshev.settings import Settings
from nlp.modelfolder import ModelFolder
from store import contacts as contact_store
from store import predictions as prediction_store
from store import signals as signal_store
from store.files import replaced
from store.session import transaction


@dataclass(frozen=True)
class Reported:
    """The week that was reported, and where."""

    week: date
    html: Path
    xlsx: Path


def gather(settings: Settings, engine: Engine, week: date | None = None) -> ReportData:
    """Return what the report of a week is made of; the newest week with a contact by default.

    Raises:
        StoreError: when the store is empty or has no contact in that week.
    """
    files = ModelFolder(settings.model_dir)
    card, model_id = files.read_card(), files.fingerprint()
    calendar = calendar_of(settings)
    shown = week or newest_week(settings, engine)
    if shown is None:
        raise StoreError("the store has no contacts yet; run `keshev ingest EXPORTS` first")
    shown = calendar.week_of_moment(calendar.bounds(shown)[0])
    with transaction(engine) as connection:
        contacts = contact_store.read_contacts(connection)
        weeks: set[date] = (
            set(calendar.week_of(contacts["contacted_at"])) if len(contacts) else set()
        )
        if shown not in weeks:
            known = ", ".join(str(day) for day in sorted(weeks)[-10:])
            raise StoreError(f"no contacts in the week of {shown}; weeks with contacts: {known}")
        as_of = pd.Timestamp(settings.observed_until or contacts["contacted_at"].max())
        return ReportData(
            week=shown,
            signals=signal_store.read_signals(connection),
            contacts=contacts,
            predictions=prediction_store.read_predictions(connection, model_id),
            customers=contact_store.read_customers(connection),
            at_risk=signal_store.read_at_risk(connection),
            quarantine=contact_store.read_quarantine(connection),
            files=contact_store.read_files(connection),
            model=ModelFacts(
                model_id=model_id,
                base=card.base,
                codebook_version=card.codebook_version,
                trained_on_notes=card.trained_on,
                figures={
                    name: value for name, value in card.figures.items() if isinstance(value, float)
                },
                licence=card.licence,
            ),
            window_days=settings.window_days,
            thread_definition=settings.thread_definition,
            calendar=calendar,
            as_of=as_of.to_pydatetime(),
        )


def write_report(data: ReportData, folder: Path) -> Reported:
    """Write the report of `data` as HTML and XLSX into `folder`, named by the week."""
    html = folder / f"keshev-{data.week}.html"
    xlsx = folder / f"keshev-{data.week}.xlsx"
    text = render_html(data)
    writers: dict[Path, Callable[[Path], object]] = {
        html: lambda path: path.write_text(text, encoding="utf-8"),
        xlsx: lambda path: write_xlsx(data, path),
    }
    for target, write in writers.items():
        with replaced(target) as scratch:
            write(scratch)
    return Reported(data.week, html, xlsx)
