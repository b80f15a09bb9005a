"""The command `keshev`: parse, run, report. Errors of people's files go to stderr, exit code 2."""

import errno
import logging
import os
import sys
from collections.abc import Callable
from typing import Annotated

import typer

from desk.i18n import speaking
from keshev import (
    audit_commands,
    corpus_commands,
    data_commands,
    desk_commands,
    flow_commands,
    model_commands,
    notify_commands,
    reason_commands,
)
from keshev.errors import KeshevError
from keshev.logs import set_up_logging
from keshev.options import err
from keshev.settings import read_settings

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


@app.callback()
def _options(
    context: typer.Context,
    verbose: Annotated[bool, typer.Option("--verbose", help="Log each step to stderr.")] = False,
) -> None:
    set_up_logging(verbose)
    settings = read_settings()
    context.with_resource(speaking(settings.language))
    # Prefect's own folder lies beside the store, whatever profile its user has elsewhere.
    os.environ.setdefault("PREFECT_HOME", str((settings.home / "prefect").resolve()))
    os.environ.setdefault("PREFECT_LOGGING_LEVEL", "INFO" if verbose else "CRITICAL")


for command in (
    flow_commands.run,
    data_commands.profile,
    flow_commands.ingest,
    flow_commands.classify,
    flow_commands.aggregate,
    flow_commands.report,
    audit_commands.audit,
    desk_commands.desk,
    data_commands.predict,
    data_commands.export,
    flow_commands.deploy,
    model_commands.train,
    model_commands.evaluate,
    corpus_commands.corpus,
    corpus_commands.audit_labels,
):
    app.command()(command)
app.add_typer(desk_commands.user, name="user")
app.add_typer(notify_commands.notify, name="notify")
app.add_typer(reason_commands.reason, name="reason")


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
