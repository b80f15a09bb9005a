"""The command `keshev`: parse, run, report. Errors of people's files go to stderr, exit code 2."""

import errno
import json
import logging
import os
import sys
from collections.abc import Callable
from dataclasses import asdict, is_dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from keshev import model_commands
from keshev.errors import KeshevError
from keshev.logs import set_up_logging
from keshev.settings import Settings, read_settings

# Prefect reads these when it is imported: closed off, and quiet on a terminal.
os.environ.setdefault("PREFECT_SERVER_ANALYTICS_ENABLED", "false")
os.environ.setdefault("DO_NOT_TRACK", "1")
# The temporary server takes 11 to 27 seconds to start on two idle cores.
os.environ.setdefault("PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS", "180")

app = typer.Typer(
    name="keshev",
    help="Keshev listens to Hebrew contact-centre notes: exports in, weekly report out.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
)
out = Console()
err = Console(stderr=True)

ExportsArgument = Annotated[
    list[Path], typer.Argument(help="Export files, or folders of them.", show_default=False)
]
ProfilesOption = Annotated[
    Path | None,
    typer.Option(
        "--profiles",
        "-p",
        help="A profile (YAML), or a folder of them. Without it: YAML files beside the exports, "
        "or a folder `profiles` there or next to it.",
    ),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON object, for scripts.")]
WeekOption = Annotated[
    datetime | None,
    typer.Option(formats=["%Y-%m-%d"], help="Any day of the week; the newest week by default."),
]
AsOfOption = Annotated[
    datetime | None,
    typer.Option(help="End of observation, local time; the newest contact by default."),
]


@app.callback()
def _options(
    verbose: Annotated[bool, typer.Option("--verbose", help="Log each step to stderr.")] = False,
) -> None:
    set_up_logging(verbose)
    # Prefect's own folder lies beside the store, whatever profile its user has elsewhere.
    os.environ.setdefault("PREFECT_HOME", str((read_settings().home / "prefect").resolve()))
    os.environ.setdefault("PREFECT_LOGGING_LEVEL", "INFO" if verbose else "CRITICAL")


def _plain(value: Any) -> Any:  # noqa: ANN401 (JSON is any of its types)
    if is_dataclass(value) and not isinstance(value, type):
        return _plain(asdict(value))
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return str(value) if isinstance(value, Path | date) else value


def _print_json(value: object) -> None:
    sys.stdout.write(json.dumps(_plain(value), ensure_ascii=False) + "\n")


def _day(moment: datetime | None) -> date | None:
    return moment.date() if moment else None


def _settings(as_of: datetime | None) -> Settings:
    return read_settings() if as_of is None else read_settings(as_of=as_of)


@app.command()
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

    with progress_bar(err, hidden=as_json) as reporter:
        result = run_week(_settings(as_of), exports, profiles, _day(week), reporter)
    if as_json:
        _print_json(result.as_json())
        return
    show_files(out, result.files)
    show_summary(out, result.week, result.summary)
    if not result.changed:
        out.print("Nothing changed since the last run: every export was known.")
        out.print("דבר לא השתנה מאז ההרצה הקודמת: כל הקבצים כבר נקראו.")
    out.print(f"Report: {result.html}", soft_wrap=True)
    out.print(f"Tables: {result.xlsx}", soft_wrap=True)


@app.command()
def profile(
    export: Annotated[Path, typer.Argument(help="One export file.")],
    write_to: Annotated[
        Path | None, typer.Option("--out", "-o", help="Write the profile here, not to the screen.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Write a first profile of an export by guessing, and say what was unsure.

    Example: `keshev profile march.csv --out profiles/march.yaml`
    """
    from store.files import replaced
    from store.guessing import guess_profile

    guess = guess_profile(export)
    if write_to is not None:
        if write_to.exists():
            raise KeshevError(f"{write_to}: exists already; choose another name or remove it")
        with replaced(write_to) as scratch:
            scratch.write_text(guess.profile_yaml, encoding="utf-8")
    if as_json:
        _print_json({"profile": guess.profile_yaml, "unsure": guess.unsure})
        return
    if write_to is None:
        sys.stdout.write(guess.profile_yaml)
    else:
        out.print(f"Profile written to {write_to}", soft_wrap=True)
    for line in guess.unsure:
        err.print(f"unsure: {line}", soft_wrap=True, markup=False)


@app.command()
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

    settings = read_settings()
    engine = open_store(settings.database_url)
    found = read_profiles(profiles, exports)
    with progress_bar(err, hidden=as_json) as reporter:
        result = steps.ingest(settings, engine, exports, found, reporter)
    if as_json:
        _print_json(result)
        return
    show_files(out, result.files)
    if result.unchanged:
        out.print(f"{len(result.unchanged)} files were read before and are unchanged.")


@app.command()
def classify(as_json: JsonOption = False) -> None:
    """Classify every contact that has no prediction of the present model.

    Example: `keshev classify`
    """
    from flows import steps
    from keshev.terminal import progress_bar
    from store.session import open_store

    settings = read_settings()
    engine = open_store(settings.database_url)
    with progress_bar(err, hidden=as_json) as reporter:
        result = steps.classify(settings, engine, reporter)
    if as_json:
        _print_json(result)
    else:
        out.print(f"{result.contacts} contacts classified by model {result.model_id}.")


@app.command()
def aggregate(as_of: AsOfOption = None, as_json: JsonOption = False) -> None:
    """Compute all figures: shares, resolution, repeats, customers at risk.

    Example: `keshev aggregate`
    """
    from flows import steps
    from store.session import open_store

    settings = _settings(as_of)
    result = steps.aggregate(settings, open_store(settings.database_url))
    if as_json:
        _print_json(result)
        return
    state = "computed" if result.changed else "unchanged"
    out.print(f"{result.signals} figures, {result.at_risk} customers at risk: {state}.")


@app.command()
def report(week: WeekOption = None, as_of: AsOfOption = None, as_json: JsonOption = False) -> None:
    """Write the report of a week as HTML and XLSX.

    Example: `keshev report --week 2026-11-08`
    """
    from desk.presenters import summary_rows
    from flows.reporting import gather, write_report
    from keshev.terminal import show_summary
    from store.session import open_store

    settings = _settings(as_of)
    data = gather(settings, open_store(settings.database_url), _day(week))
    result = write_report(data, settings.report_dir)
    if as_json:
        _print_json(result)
        return
    show_summary(out, result.week, summary_rows(data))
    out.print(f"Report: {result.html}", soft_wrap=True)
    out.print(f"Tables: {result.xlsx}", soft_wrap=True)


@app.command()
def predict(
    source: Annotated[Path, typer.Argument(metavar="IN", help="JSON Lines with id and text.")],
    target: Annotated[Path, typer.Argument(metavar="OUT", help="JSON Lines with the labels.")],
    as_json: JsonOption = False,
) -> None:
    """Label notes from a file, without the store.

    Example: `keshev predict notes.jsonl labelled.jsonl`
    """
    from flows.prediction import predict_file
    from keshev.terminal import progress_bar

    with progress_bar(err, hidden=as_json) as reporter:
        count = predict_file(read_settings(), source, target, reporter)
    if as_json:
        _print_json({"notes": count, "out": target})
    else:
        out.print(f"{count} notes labelled into {target}", soft_wrap=True)


@app.command()
def export(
    table: Annotated[
        str,
        typer.Argument(help="contacts, predictions, threads, signals, at-risk or quarantine."),
    ],
    target: Annotated[Path, typer.Argument(metavar="OUT", help="A .csv, .parquet or .jsonl file.")],
    as_json: JsonOption = False,
) -> None:
    """Write one of the store's tables to a file.

    Example: `keshev export at-risk at-risk.csv`
    """
    from nlp.modelfolder import ModelFolder
    from store.session import open_store, transaction
    from store.tables_out import TABLES, read_table, write_table

    if table not in TABLES:
        raise KeshevError(f"no table {table!r}; there are: {', '.join(TABLES)}")
    settings = read_settings()
    engine = open_store(settings.database_url)
    model_id = ModelFolder(settings.model_dir).fingerprint()
    with transaction(engine) as connection:
        frame = read_table(connection, table, model_id)
    write_table(frame, target)
    if as_json:
        _print_json({"table": table, "rows": len(frame), "out": target})
    else:
        out.print(f"{len(frame)} rows of {table} written to {target}", soft_wrap=True)


@app.command()
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


app.command()(model_commands.train)
app.command()(model_commands.evaluate)


def guarded(command: Callable[[], object]) -> int:
    """Run a command; return 2 for a user's error, told in one line without a traceback."""
    try:
        command()
    except KeshevError as error:
        err.print(f"keshev: {error}", markup=False, highlight=False, soft_wrap=True)
        return 2
    except OSError as error:
        if error.filename is None and error.errno != errno.ENOSPC:
            raise
        err.print(
            f"keshev: {error.filename or 'the disk'}: {error.strerror}; mend that and run the same "
            "command again, nothing is lost",
            markup=False,
            highlight=False,
            soft_wrap=True,
        )
        return 2
    except KeyboardInterrupt:
        err.print("keshev: stopped; run the same command to go on", markup=False)
        return 130
    return 0


def main() -> None:
    """Run the command line."""
    logging.captureWarnings(capture=True)
    sys.exit(guarded(app))


if __name__ == "__main__":
    main()
