"""The commands around files: `profile`, `predict` and `export`."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from keshev.errors import KeshevError
from keshev.options import JsonOption, err, out, print_json
from keshev.settings import read_settings

if TYPE_CHECKING:
    import pandas as pd


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
        print_json({"profile": guess.profile_yaml, "unsure": guess.unsure})
        return
    if write_to is None:
        sys.stdout.write(guess.profile_yaml)
    else:
        out.print(f"Profile written to {write_to}", soft_wrap=True)
    for line in guess.unsure:
        err.print(f"unsure: {line}", soft_wrap=True, markup=False)


def predict(
    source: Annotated[Path, typer.Argument(metavar="IN", help="JSON Lines with id and text.")],
    target: Annotated[Path, typer.Argument(metavar="OUT", help="JSON Lines with the labels.")],
    as_json: JsonOption = False,
) -> None:
    """Label notes from a file, without the store.

    Each record comes back with its own keys and `reasons`, `p` (of each reason), `evidence`,
    `churn_intent`, `p_churn`, `resolution`, `p_resolution`, `repeat`, `unclear` and `at_risk`.

    Example: `keshev predict notes.jsonl labelled.jsonl`
    """
    from flows.prediction import predict_file
    from keshev.terminal import progress_bar

    with progress_bar(err, hidden=as_json) as reporter:
        count = predict_file(read_settings(), source, target, reporter)
    if as_json:
        print_json({"notes": count, "out": target})
    else:
        out.print(f"{count} notes labelled into {target}", soft_wrap=True)


def export(
    table: Annotated[
        str,
        typer.Argument(
            help="contacts, customers, predictions, threads, signals, themes, at-risk, quarantine, "
            "outcomes"
        ),
    ],
    target: Annotated[Path, typer.Argument(metavar="OUT", help="A .csv, .parquet or .jsonl file.")],
    as_json: JsonOption = False,
) -> None:
    """Write one of the store's tables to a file.

    Example: `keshev export at-risk at-risk.csv`
    """
    from store.tables_out import DESK_TABLES, TABLES, write_table

    if table not in (*TABLES, *DESK_TABLES):
        raise KeshevError(f"no table {table!r}; there are: {', '.join((*TABLES, *DESK_TABLES))}")
    frame = _outcomes() if table in DESK_TABLES else _table(table)
    write_table(frame, target)
    if as_json:
        print_json({"table": table, "rows": len(frame), "out": target})
    else:
        out.print(f"{len(frame)} rows of {table} written to {target}", soft_wrap=True)


def _table(name: str) -> "pd.DataFrame":
    from nlp.modelfolder import ModelFolder
    from store.session import open_store, transaction
    from store.tables_out import read_table

    settings = read_settings()
    model_id = ModelFolder(settings.model_dir).fingerprint()
    with transaction(open_store(settings.database_url)) as connection:
        return read_table(connection, name, model_id)


def _outcomes() -> "pd.DataFrame":
    from store.cases import read_outcomes
    from store.desk_session import desk_reading, open_desk_store

    with desk_reading(open_desk_store(read_settings().database_url)) as connection:
        return read_outcomes(connection)
