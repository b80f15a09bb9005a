"""The commands `keshev reason`: reasons of people's own, used from the next run on."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from keshev.errors import KeshevError
from keshev.options import JsonOption, out, print_json
from keshev.settings import read_settings
from labels.ownreasons import LEAST_EXAMPLES

reason = typer.Typer(
    name="reason", help="Reasons of one's own, learnt from examples.", no_args_is_help=True
)


@reason.command()
def add(
    name: Annotated[str, typer.Argument(help="How it is called in the report.")],
    examples: Annotated[
        Path,
        typer.Option(metavar="FILE", help=f"Notes that have it, {LEAST_EXAMPLES} or more, a line."),
    ],
    description: Annotated[str, typer.Option(help="What a note says that has it.")] = "",
) -> None:
    """Add a reason; `keshev run` or `keshev classify` then gives it to every note.

    Personal data in the examples is masked before anything is stored.

    Example: `keshev reason add "טכנאי לא הגיע" --examples examples.txt`
    """
    from nlp.privacy import Masker
    from store.desk_session import desk_writing, open_desk_store
    from store.ownreasons import add_reason

    texts = _lines(examples)
    engine = open_desk_store(read_settings().database_url)
    try:
        with desk_writing(engine) as connection:
            reason_id = add_reason(
                connection,
                name=name,
                description=description.strip(),
                examples=list(Masker().mask(texts)),
                user_name="keshev reason",
                at=datetime.now(UTC),
            )
    finally:
        engine.dispose()
    out.print(f"{reason_id}: used from the next `keshev run` on", markup=False)


def _lines(file: Path) -> list[str]:
    try:
        return file.read_text(encoding="utf-8-sig").splitlines()
    except UnicodeDecodeError as error:
        raise KeshevError(f"{file}: not UTF-8; save it as UTF-8 text, a note a line") from error


@reason.command(name="list")
def show(as_json: JsonOption = False) -> None:
    """List the reasons with what was measured of each."""
    from rich.table import Table

    from store.desk_session import desk_reading, open_desk_store
    from store.ownpredictions import count_present, read_figures
    from store.ownreasons import count_checks, read_reasons
    from store.session import open_store, transaction

    url = read_settings().database_url
    data, desk = open_store(url), open_desk_store(url)
    with transaction(data) as connection:
        made = {one.reason_id: one for one in read_figures(connection)}
        given = {reason_id: count_present(connection, reason_id) for reason_id in made}
    rows = []
    with desk_reading(desk) as connection:
        for one in read_reasons(connection):
            known = made.get(one.reason_id)
            checked, confirmed = (
                count_checks(connection, one.reason_id, known.version) if known else (0, 0)
            )
            rows.append(
                {
                    "id": one.reason_id,
                    "name": one.name,
                    "examples": len(one.examples),
                    "examples_found": known.examples_found if known else None,
                    "others": known.others if known else None,
                    "others_found": known.others_found if known else None,
                    "notes": given[one.reason_id][0] if known else None,
                    "given": given[one.reason_id][1] if known else None,
                    "checked": checked,
                    "confirmed": confirmed,
                }
            )
    data.dispose()
    desk.dispose()
    if as_json:
        print_json(rows)
        return
    table = Table(title="Reasons of one's own")
    for title in rows[0] if rows else ("id", "name"):
        table.add_column(title.replace("_", " "))
    for row in rows:
        table.add_row(*("–" if value is None else str(value) for value in row.values()))
    out.print(table)


@reason.command()
def remove(reason_id: Annotated[str, typer.Argument(help="As `keshev reason list` says.")]) -> None:
    """Remove a reason and what people said of it; the next run forgets it."""
    from store.desk_session import desk_writing, open_desk_store
    from store.ownreasons import remove_reason

    engine = open_desk_store(read_settings().database_url)
    try:
        with desk_writing(engine) as connection:
            found = remove_reason(connection, reason_id)
    finally:
        engine.dispose()
    if not found:
        raise KeshevError(f"{reason_id}: no such reason; `keshev reason list` shows them")
    out.print(f"{reason_id}: removed; the next run forgets it", markup=False)
