"""The command `keshev audit`: a random sample of a week for people to label, and their labels."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from keshev.options import JsonOption, out, print_json
from keshev.settings import read_settings


def audit(
    week: Annotated[datetime, typer.Argument(formats=["%Y-%m-%d"], help="Any day of the week.")],
    size: Annotated[int, typer.Option(min=1, help="How many are drawn; more extend it.")] = 100,
    surveys: Annotated[
        bool, typer.Option("--surveys", help="Draw survey comments, an audit of their own.")
    ] = False,
    labels: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Take the labels of a filled form back.")
    ] = None,
    target: Annotated[
        Path | None, typer.Option("--out", metavar="FILE.xlsx", help="Where the form is written.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Draw a random sample of a week for people to label; take the labels back with --labels.

    The week's shares of reasons are then estimated from the labels and the model together, and
    hold even where the model errs otherwise than it used to; the report says so.

    Example: `keshev audit 2026-11-08`
    """
    from flows import auditing
    from keshev.terminal_audit import show_drawn, show_taken
    from signals.shares import CONTACT, SURVEY
    from store.session import open_store

    settings = read_settings()
    engine = open_store(settings.database_url)
    now, day = datetime.now(UTC), week.date()
    if labels is not None:
        taken = auditing.take_back(settings, engine, day, labels, now)
        if as_json:
            print_json(taken)
        else:
            show_taken(out, taken)
        return
    kind = SURVEY if surveys else CONTACT
    drawn = auditing.draw(settings, engine, day, kind, size, target, now)
    if as_json:
        print_json(drawn)
    else:
        show_drawn(out, drawn)
