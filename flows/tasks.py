"""The steps as Prefect tasks: coarse, and only what orchestration adds.

Nothing but paths, counts, weeks and ids goes in or out: Prefect keeps what it is given.
"""

from datetime import UTC, date, datetime
from pathlib import Path

from prefect import task
from prefect.artifacts import create_markdown_artifact, create_table_artifact

from desk.i18n import speaking
from desk.presenters import summary_heads, summary_rows
from flows import aggregating, steps
from flows.aggregating import Aggregated
from flows.notifying import notify_at_risk, notify_weekly
from flows.progress import report_progress
from flows.reporting import Reported, report_week
from flows.steps import Classified, Ingested
from keshev.errors import KeshevError, NotifyError
from keshev.notify_settings import read_notify_settings
from keshev.settings import Settings
from store.profiles import read_profiles
from store.session import open_store


def _worth_retrying(_task: object, _run: object, state: object) -> bool:
    """Return False for a user's error: the same file will be as wrong in ten seconds."""
    error = getattr(state, "data", None)
    return not isinstance(getattr(error, "exception", error), KeshevError)


def _may_pass(_task: object, _run: object, state: object) -> bool:
    """Return True where a mail server or service refused: it may take it in a minute."""
    error = getattr(state, "data", None)
    return isinstance(getattr(error, "exception", error), NotifyError)


@task(name="ingest exports", tags=["store"], retries=1, retry_condition_fn=_worth_retrying)
def ingest_exports(settings: Settings, exports: list[Path], profiles: Path | None) -> Ingested:
    """Read export files into the store; an artifact shows what became of their rows."""
    engine = open_store(settings.database_url)
    found = read_profiles(profiles, exports)
    result = steps.ingest(settings, engine, exports, found, report_progress)
    rows = [
        {
            "file": counts.name,
            "read": counts.read,
            "stored": counts.stored,
            "known": counts.known,
            "duplicates": counts.duplicates,
            "quarantined": counts.quarantined,
        }
        for counts in result.files
    ]
    create_table_artifact(
        rows or [{"file": "nothing new"}], key="keshev-ingest", description="Rows of each export"
    )
    return result


@task(name="classify contacts", tags=["model"], retries=1, retry_condition_fn=_worth_retrying)
def classify_contacts(settings: Settings) -> Classified:
    """Classify what has no prediction; an artifact shows how many notes and which model."""
    result = steps.classify(settings, open_store(settings.database_url), report_progress)
    create_table_artifact(
        [{"contacts": result.contacts, "model": result.model_id}],
        key="keshev-classify",
        description="Notes classified in this run",
    )
    return result


@task(name="aggregate figures", tags=["store"], retries=1, retry_condition_fn=_worth_retrying)
def aggregate_figures(settings: Settings) -> Aggregated:
    """Compute the figures; an artifact shows how many."""
    result = aggregating.aggregate(settings, open_store(settings.database_url), report_progress)
    create_table_artifact(
        [{"signals": result.signals, "at_risk": result.at_risk, "changed": result.changed}],
        key="keshev-aggregate",
        description="Figures in the store",
    )
    return result


@task(name="write report", tags=["report"], retries=1, retry_condition_fn=_worth_retrying)
def write_weekly_report(settings: Settings, week: date | None) -> Reported:
    """Write the report's files; an artifact shows the week's summary, aggregates only."""
    with speaking(settings.language):
        data, result = report_week(settings, open_store(settings.database_url), week)
        rows = [summary_heads(), ("---", "---", "---"), *summary_rows(data)]
    create_markdown_artifact(
        "\n".join(f"| {name} | {value} | {before} |" for name, value, before in rows),
        key="keshev-week",
        description=f"The week of {result.week}",
    )
    return result


@task(
    name="mail report",
    tags=["notices"],
    retries=2,
    retry_delay_seconds=[60, 300],
    retry_condition_fn=_may_pass,
)
def mail_report(settings: Settings, week: date | None) -> int:
    """Mail the week's report to whom it was not sent yet; return the number of letters."""
    engine = open_store(settings.database_url)
    notices = read_notify_settings()  # read here: a password is no parameter
    with speaking(settings.language):
        return notify_weekly(settings, notices, engine, week, datetime.now(UTC)).messages


@task(
    name="tell of customers at risk",
    tags=["notices"],
    retries=2,
    retry_delay_seconds=[60, 300],
    retry_condition_fn=_may_pass,
)
def tell_at_risk(settings: Settings) -> int:
    """Send the customers at risk who were not sent yet; return the number of messages."""
    engine = open_store(settings.database_url)
    with speaking(settings.language):
        return notify_at_risk(settings, read_notify_settings(), engine, datetime.now(UTC)).messages
