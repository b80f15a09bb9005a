"""The commands that run flows: `run`, its four steps one by one, and `deploy`."""

from typing import Annotated

import typer

from keshev.options import (
    AsOfOption,
    ExportsArgument,
    JsonOption,
    LanguageOption,
    ProfilesOption,
    WeekOption,
    day_of,
    err,
    give_way,
    out,
    print_json,
    settings_as_of,
)
from keshev.settings import read_settings


def run(
    exports: ExportsArgument,
    profiles: ProfilesOption = None,
    week: WeekOption = None,
    as_of: AsOfOption = None,
    as_json: JsonOption = False,
) -> None:
    """Read exports, classify their notes, compute the figures, write the week's report.

    Example: `keshev run data/exports`
    """
    from flows.runs import run_week
    from keshev.terminal import progress_bar, show_files, show_summary

    give_way()
    with progress_bar(err, hidden=as_json) as reporter:
        result = run_week(settings_as_of(as_of), exports, profiles, day_of(week), reporter)
    if as_json:
        print_json(result.as_json())
        return
    show_files(out, result.files)
    show_summary(out, result.week, result.summary)
    if not result.changed:
        out.print("Nothing changed since the last run: every export was known.")
        out.print("דבר לא השתנה מאז ההרצה הקודמת: כל הקבצים כבר נקראו.")
    out.print(f"Report: {result.html}", soft_wrap=True)
    out.print(f"Tables: {result.xlsx}", soft_wrap=True)


def ingest(
    exports: ExportsArgument, profiles: ProfilesOption = None, as_json: JsonOption = False
) -> None:
    """Read exports into the store: personal data masked, every row accounted for.

    Example: `keshev ingest data/exports --profiles data/profiles`
    """
    from flows import steps
    from keshev.terminal import progress_bar, show_files
    from store.profiles import read_profiles
    from store.session import open_store

    give_way()
    settings = read_settings()
    engine = open_store(settings.database_url)
    found = read_profiles(profiles, exports)
    with progress_bar(err, hidden=as_json) as reporter:
        result = steps.ingest(settings, engine, exports, found, reporter)
    if as_json:
        print_json(result)
        return
    show_files(out, result.files)
    if result.unchanged:
        out.print(f"{len(result.unchanged)} files were read before and are unchanged.")


def classify(as_json: JsonOption = False) -> None:
    """Classify every contact that has no prediction of the present model.

    Example: `keshev classify`
    """
    from flows import steps
    from keshev.terminal import progress_bar
    from store.session import open_store

    give_way()
    settings = read_settings()
    engine = open_store(settings.database_url)
    with progress_bar(err, hidden=as_json) as reporter:
        result = steps.classify(settings, engine, reporter)
    if as_json:
        print_json(result)
    else:
        out.print(f"{result.contacts} contacts classified by model {result.model_id}.")


def aggregate(as_of: AsOfOption = None, as_json: JsonOption = False) -> None:
    """Compute all figures: shares, resolution, repeats, customers at risk.

    Example: `keshev aggregate`
    """
    from flows import aggregating
    from keshev.terminal import progress_bar
    from store.session import open_store

    give_way()
    settings = settings_as_of(as_of)
    with progress_bar(err, hidden=as_json) as reporter:
        result = aggregating.aggregate(settings, open_store(settings.database_url), reporter)
    if as_json:
        print_json(result)
        return
    state = "computed" if result.changed else "unchanged"
    out.print(f"{result.signals} figures, {result.at_risk} customers at risk: {state}.")


def report(
    week: WeekOption = None,
    as_of: AsOfOption = None,
    language: LanguageOption = None,
    as_json: JsonOption = False,
) -> None:
    """Write the report of a week as HTML and XLSX, in Hebrew or English.

    Example: `keshev report --week 2026-11-08`
    """
    from desk.i18n import speaking
    from desk.presenters import summary_rows
    from flows.reporting import report_week
    from keshev.terminal import show_summary
    from store.session import open_store

    settings = settings_as_of(as_of, language)
    with speaking(settings.language):
        data, result = report_week(settings, open_store(settings.database_url), day_of(week))
        if as_json:
            print_json(result)
            return
        show_summary(out, result.week, summary_rows(data))
    out.print(f"Report: {result.html}", soft_wrap=True)
    out.print(f"Tables: {result.xlsx}", soft_wrap=True)


def deploy(
    exports: ExportsArgument,
    profiles: ProfilesOption = None,
    cron: Annotated[str, typer.Option(help="When `weekly` runs.")] = "0 6 * * 0",
    port: Annotated[int, typer.Option(help="Port of the Prefect page on this machine.")] = 4200,
) -> None:
    """Serve the flows with a schedule: Sunday 06:00 in the settings' time zone.

    Starts a Prefect server on 127.0.0.1 unless PREFECT_API_URL names one. Ends with Ctrl-C.

    Example: `keshev deploy data/exports`
    """
    from flows.deployment import deploy as serve_flows

    def say(message: str) -> None:
        out.print(message, soft_wrap=True)

    serve_flows(read_settings(), exports, profiles, cron, port, say)
