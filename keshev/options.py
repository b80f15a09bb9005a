"""What the commands share: their options, the two consoles, and JSON for scripts."""

import json
import math
import os
import sys
from dataclasses import asdict, is_dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from keshev.settings import Language, Settings, read_settings

BACKGROUND = 10  # as `nice` counts
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

LanguageOption = Annotated[
    Language | None,
    typer.Option(help="Hebrew or English; KESHEV_LANGUAGE, or Hebrew, by default."),
]


def plain(value: object) -> object:
    """Return a value as JSON knows it: dataclasses as objects, paths and days as text, NaN null."""
    if is_dataclass(value) and not isinstance(value, type):
        return plain(asdict(value))
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, float) and math.isnan(value):
        return None
    return str(value) if isinstance(value, Path | date) else value


def print_json(value: object) -> None:
    """Write one line of JSON to stdout."""
    sys.stdout.write(json.dumps(plain(value), ensure_ascii=False) + "\n")


def day_of(moment: datetime | None) -> date | None:
    """Return the day of a moment."""
    return moment.date() if moment else None


def settings_as_of(as_of: datetime | None, language: Language | None = None) -> Settings:
    """Return the settings, with the end of observation and the language where they are given."""
    given = {"as_of": as_of, "language": language}
    return read_settings(**{name: value for name, value in given.items() if value is not None})


def give_way() -> None:
    """Let this process compute when the machine has time: people at the desk come first."""
    if os.getpriority(os.PRIO_PROCESS, 0) < BACKGROUND:
        os.setpriority(os.PRIO_PROCESS, 0, BACKGROUND)
