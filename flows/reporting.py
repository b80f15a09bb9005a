"""The weekly report, from the store to files; written whole or not at all."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from sqlalchemy import Engine

from desk.gathering import NO_CONTACTS
from desk.gathering import gather as gather_stored
from desk.i18n import language
from desk.report import render_html, write_xlsx
from desk.report_data import ReportData
from flows.aggregating import NOT_CLASSIFIED
from flows.recording import recorded
from flows.steps import count_pending
from keshev.errors import StoreError
from keshev.settings import Settings
from store.contacts import newest_contact
from store.figures import is_aggregated
from store.files import replaced
from store.session import transaction


@dataclass(frozen=True)
class Reported:
    """The week that was reported, and where."""

    week: date
    html: Path
    xlsx: Path


def gather(settings: Settings, engine: Engine, week: date | None = None) -> ReportData:
    """Return what the report of a week is made of, as `desk.gathering` has it.

    Raises:
        StoreError: when the store is empty, has no contact in that week, or its figures do not
            follow from its data and these settings.
    """
    _refuse_stale(settings, engine)
    return gather_stored(settings, engine, week)


def _refuse_stale(settings: Settings, engine: Engine) -> None:
    """Raise when a report of the stored figures would say something untrue."""
    with transaction(engine) as connection:
        if newest_contact(connection) is None:
            raise StoreError(NO_CONTACTS)
    waiting = count_pending(settings, engine)
    if waiting:
        raise StoreError(NOT_CLASSIFIED.format(waiting))
    if not is_aggregated(settings, engine):
        raise StoreError(
            "the stored figures are older than the data, or were made with other settings; run "
            "`keshev aggregate` (with the same --as-of, if any)"
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
