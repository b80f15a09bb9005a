"""The flow `weekly`: exports in, report out."""

from dataclasses import dataclass

from prefect import flow

from flows.aggregating import Aggregated
from flows.notify import send_notices
from flows.parameters import (
    AsOf,
    Definition,
    Exports,
    Notices,
    Profiles,
    Week,
    WindowDays,
    settings_with,
)
from flows.reporting import Reported
from flows.steps import Classified, Ingested
from flows.tasks import aggregate_figures, classify_contacts, ingest_exports, write_weekly_report
from store.session import open_store, writing


@dataclass(frozen=True)
class Weekly:
    """What each step of the run did."""

    ingested: Ingested
    classified: Classified
    aggregated: Aggregated
    reported: Reported


@flow(log_prints=False)
def weekly(
    exports: Exports,
    profiles: Profiles = None,
    week: Week = None,
    window_days: WindowDays = None,
    thread_definition: Definition = None,
    as_of: AsOf = None,
    notices: Notices = False,
) -> Weekly:
    """Read the week's exports, classify their notes, compute the figures and write the report.

    With `notices`, what the settings name is sent after it.
    """
    settings = settings_with(window_days, thread_definition, as_of)
    with writing(open_store(settings.database_url)):
        ingested = ingest_exports(settings, exports, profiles)
        classified = classify_contacts(settings)
        aggregated = aggregate_figures(settings)
        reported = write_weekly_report(settings, week)
    if notices:
        send_notices(settings, week)
    return Weekly(ingested, classified, aggregated, reported)
