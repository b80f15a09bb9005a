"""The parameters that Prefect's page shows as a form, and the settings that follow from them."""

from datetime import date, datetime
from pathlib import Path
from typing import Annotated

from pydantic import Field

from keshev.settings import Settings, ThreadDefinition, read_settings

Exports = Annotated[
    list[Path], Field(description="Export files, or folders of them, on the flow's machine.")
]
Profiles = Annotated[
    Path | None,
    Field(description="A profile (YAML) or a folder of them; empty: beside the exports."),
]
Week = Annotated[date | None, Field(description="Any day of the week; empty: the newest week.")]
WindowDays = Annotated[
    Annotated[int, Field(ge=1, le=60)] | None,
    Field(description="Days within which a further contact is a repeat; empty: the setting."),
]
Definition = Annotated[
    ThreadDefinition | None,
    Field(
        description="'Same issue': any contact, the same queue, or the texts; empty: the setting."
    ),
]
AsOf = Annotated[
    datetime | None, Field(description="End of observation; empty: the newest contact.")
]

Notices = Annotated[
    bool, Field(description="Send the report and customers at risk to those in the settings.")
]


def settings_with(
    window_days: int | None = None,
    thread_definition: ThreadDefinition | None = None,
    as_of: datetime | None = None,
) -> Settings:
    """Return the environment's settings with a flow's parameters in their place."""
    given = {
        "window_days": window_days,
        "thread_definition": thread_definition,
        "as_of": as_of,
    }
    return read_settings(**{name: value for name, value in given.items() if value is not None})
